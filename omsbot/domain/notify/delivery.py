"""Deliveries and posts: their states, what a try to send can come to, and what follows from it.

A *delivery* is one event for one subscription. A *post* is one Slack message that tells one or more
deliveries. A post is written as `sending` and committed before the call, so that whatever dies, the
database knows that a message may be out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, assert_never


class DeliveryState(StrEnum):
    PENDING = "pending"  # waits to be told, perhaps until `not_before`
    SENDING = "sending"  # is in a post whose outcome is open
    TOLD = "told"
    WITHHELD = "withheld"  # a rule withholds it for good; `reason` names the rule
    FAILED = "failed"  # Slack refused its content twice; logged


class Reason(StrEnum):
    """Why a delivery is where it is: what `/oms why` shows."""

    NEWS = "news"  # the subscription asked for events of this level
    OPEN_WHEN_SUBSCRIBED = "open_when_subscribed"
    BELOW_LEVEL = "below_level"
    MUTED = "muted"
    LATE = "late"  # waited for long because Slack could not be reached
    COLLAPSED = "collapsed"  # was over before it could be told; counted in the message
    FOLDED = "folded"  # one of many in a message, told as a line or a count
    UNSUBSCRIBED = "unsubscribed"
    REFUSED = "refused"  # Slack refused the content


class PostKind(StrEnum):
    CARD = "card"
    NEWS = "news"
    OVERVIEW = "overview"  # the news of many subscriptions of one channel


class PostState(StrEnum):
    SENDING = "sending"
    UNKNOWN = "unknown"  # nobody knows whether Slack has it
    SENT = "sent"
    DISSOLVED = "dissolved"  # surely not sent; its deliveries are pending again
    FAILED = "failed"
    REPLACED = "replaced"  # a card that another took the place of


class RejectionScope(StrEnum):
    MESSAGE = "message"  # this one message cannot be edited or found
    CHANNEL = "channel"
    INSTALLATION = "installation"
    OURS = "ours"


@dataclass(frozen=True, slots=True)
class Sent:
    """Slack has the message. `thread_ts` is the thread that it really went to, None for none."""

    ts: str
    thread_ts: str | None = None


@dataclass(frozen=True, slots=True)
class NotSent:
    """Slack surely does not have the message. `limited` says that it was a 429."""

    error: str
    retry_after_s: float | None = None
    limited: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """Slack may or may not have the message."""

    error: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """Slack refuses, and would refuse again."""

    scope: RejectionScope
    error: str


Failure = NotSent | Unknown | Rejected
Outcome = Sent | Failure

SETTLE_AFTER_MS = 15_000
RETRY_STEPS_MS = (1_000, 2_000, 5_000, 15_000, 30_000, 60_000)


class Settlement(NamedTuple):
    """What an outcome makes of a post and its deliveries; `due_at` is when something is due next, in ms."""

    post: PostState
    deliveries: DeliveryState
    due_at: int | None = None
    retry_plain: bool = False


def settle(outcome: Outcome, *, attempt: int, plain: bool, now: int) -> Settlement:
    """Decide what becomes of a post. `attempt` counts from 1; `plain` says that it was plain text already."""
    match outcome:
        case Sent():
            return Settlement(PostState.SENT, DeliveryState.TOLD)
        case NotSent(retry_after_s=after):
            wait = int(after * 1000) if after is not None else backoff_ms(attempt)
            return Settlement(PostState.DISSOLVED, DeliveryState.PENDING, due_at=now + wait)
        case Unknown():
            return Settlement(PostState.UNKNOWN, DeliveryState.SENDING, due_at=now + SETTLE_AFTER_MS)
        case Rejected(scope=RejectionScope.OURS) if not plain:
            return Settlement(PostState.DISSOLVED, DeliveryState.PENDING, due_at=now, retry_plain=True)
        case Rejected(scope=RejectionScope.OURS):
            return Settlement(PostState.FAILED, DeliveryState.FAILED)
        case Rejected():
            return Settlement(PostState.DISSOLVED, DeliveryState.PENDING, due_at=now + backoff_ms(attempt))
        case _:
            assert_never(outcome)


def backoff_ms(attempt: int) -> int:
    """How long to wait after the attempt-th failure in a row, in ms."""
    return RETRY_STEPS_MS[min(max(attempt, 1), len(RETRY_STEPS_MS)) - 1]


# state -> the states that may follow; the stores' compare-and-set statements name the state they leave
POST_TRANSITIONS: Mapping[PostState, frozenset[PostState]] = {
    PostState.SENDING: frozenset({PostState.SENT, PostState.UNKNOWN, PostState.DISSOLVED, PostState.FAILED}),
    PostState.UNKNOWN: frozenset({PostState.SENT, PostState.DISSOLVED}),
    PostState.SENT: frozenset({PostState.REPLACED}),
    PostState.DISSOLVED: frozenset(),
    PostState.FAILED: frozenset(),
    PostState.REPLACED: frozenset(),
}
