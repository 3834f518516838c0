"""Slack's limits as one table, and when the next call may go out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

APP_WIDE = ""  # in the place of a channel: the limit of the method itself


class Limit(NamedTuple):
    """The least time between two calls, in ms: to one channel, and of the whole app (0: none).

    After a rest the app may make `app_burst` calls at once; only in the long run it keeps to its pace.
    """

    channel_ms: int
    app_ms: int
    app_burst: int = 1


POST = "chat.postMessage"
EDIT = "chat.update"
HISTORY = "conversations.history"
REPLIES = "conversations.replies"

LIMITS: Mapping[str, Limit] = {
    POST: Limit(channel_ms=1_000, app_ms=150, app_burst=20),  # several hundred a minute in all
    EDIT: Limit(channel_ms=0, app_ms=1_500),  # 40 a minute, under Slack's tier 3
    HISTORY: Limit(channel_ms=0, app_ms=1_200),  # 50 a minute each
    REPLIES: Limit(channel_ms=0, app_ms=1_200),
}

CARD_EDIT_MS = 3_000  # between two edits of one card

DOWN_AFTER = 3  # failures in a row after which Slack is taken as down
PROBE_LEASE_MS = 10_000  # longer than a call may take
LONGEST_PROBE_PAUSE_MS = 30_000


@dataclass(frozen=True, slots=True)
class Slot:
    """One row of the limits: the time of the next free slot, and the end of a pause.

    `failures` counts calls in a row that Slack did not answer; only the row of the whole app has them.
    """

    next_at: int = 0
    blocked_until: int = 0
    failures: int = 0


def probe_pause_ms(failures: int) -> int:
    """How long nobody calls after so many failures in a row, from the one on that says "down"."""
    return min(LONGEST_PROBE_PAUSE_MS, 1_000 << min(failures - DOWN_AFTER, 10))


def next_allowed(channel: Slot, app: Slot) -> int:
    """The earliest time at which a call may go out, in ms."""
    return max(channel.next_at, channel.blocked_until, app.next_at, app.blocked_until)


def reserved(method: str, app: Slot, now: int) -> tuple[int, int]:
    """The next free slots (channel's, app's) after a call at `now`, for which the app had this one."""
    limit = LIMITS[method]
    saved = (limit.app_burst - 1) * limit.app_ms
    return now + limit.channel_ms, max(app.next_at, now - saved) + limit.app_ms


def calls_at_once(method: str, app: Slot, now: int) -> int:
    """How many calls of a method the app may make now; one at a time while Slack is taken as down."""
    if next_allowed(app, app) > now:
        return 0
    limit = LIMITS[method]
    if app.failures >= DOWN_AFTER:
        return 1
    return min(limit.app_burst, (now - app.next_at) // limit.app_ms + 1)
