"""Who hears of an event, when, and why: one delivery for each subscription, each with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass

from omsbot.domain.events import Event, Level
from omsbot.domain.notify.delivery import DeliveryState, Reason
from omsbot.domain.project.subject import Subject


@dataclass(frozen=True, slots=True)
class Subscription:
    """A channel follows a subject (a project, or a server's health) from a level on."""

    id: int
    channel_id: str
    subject: Subject
    level: Level


@dataclass(frozen=True, slots=True)
class Silence:
    """A channel wants to hear nothing of a subject until then; None means of anything."""

    channel_id: str
    subject: Subject | None
    until_at: int


@dataclass(frozen=True, slots=True)
class Routed:
    subscription_id: int
    state: DeliveryState
    reason: Reason
    not_before: int


def route(
    event: Event,
    subscriptions: Sequence[Subscription],
    silences: Sequence[Silence],
    *,
    now: int,
    reason: Reason = Reason.NEWS,
) -> tuple[Routed, ...]:
    """Decide for each subscription; a level withholds for good, a silence only postpones."""
    return tuple(_routed(event, subscription, silences, now, reason) for subscription in subscriptions)


def _routed(
    event: Event, subscription: Subscription, silences: Sequence[Silence], now: int, reason: Reason
) -> Routed:
    if event.level > subscription.level:
        return Routed(subscription.id, DeliveryState.WITHHELD, Reason.BELOW_LEVEL, now)
    until = silent_until(subscription.channel_id, subscription.subject, silences, now)
    if until is not None:
        return Routed(subscription.id, DeliveryState.PENDING, Reason.MUTED, until)
    return Routed(subscription.id, DeliveryState.PENDING, reason, now)


def silent_until(channel_id: str, subject: Subject, silences: Sequence[Silence], now: int) -> int | None:
    """When the last silence over a subject in a channel ends, in ms; None where none holds now."""
    ends = [
        silence.until_at
        for silence in silences
        if silence.channel_id == channel_id and silence.subject in {None, subject} and silence.until_at > now
    ]
    return max(ends, default=None)
