"""Slack's rate limits as one table, counted in sliding windows."""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `calls` within any `seconds`, for the whole app or for each channel."""

    calls: int
    seconds: float
    per_channel: bool = False


TIER_1 = Limit(60, 60)  # Slack says one a minute with bursts; reconnecting in tests needs the bursts
TIER_2 = Limit(20, 60)
TIER_3 = Limit(50, 60)
TIER_4 = Limit(100, 60)
SPECIAL = Limit(600, 60)

# One message a second and channel over time, of which a few may come at once; some hundred a minute in all.
LIMITS: dict[str, tuple[Limit, ...]] = {
    "chat.postMessage": (Limit(5, 5, per_channel=True), Limit(300, 60)),
    "chat.update": (TIER_3,),
    "chat.delete": (TIER_3,),
    "chat.postEphemeral": (TIER_4,),
    "chat.getPermalink": (SPECIAL,),
    "conversations.info": (TIER_3,),
    "conversations.list": (TIER_2,),
    "conversations.members": (TIER_4,),
    "conversations.history": (TIER_3,),
    "conversations.replies": (TIER_3,),
    "conversations.join": (TIER_3,),
    "conversations.open": (TIER_3,),
    "users.info": (TIER_4,),
    "users.list": (TIER_2,),
    "usergroups.list": (TIER_2,),
    "bots.info": (TIER_3,),
    "views.open": (TIER_4,),
    "views.push": (TIER_4,),
    "views.update": (TIER_4,),
    "views.publish": (TIER_4,),
    "files.getUploadURLExternal": (TIER_4,),
    "files.completeUploadExternal": (TIER_4,),
    "auth.test": (SPECIAL,),
    "apps.connections.open": (TIER_1,),
}


class Limiter:
    """Counts calls. A refused call is not counted, so that whoever waits for `Retry-After` gets through."""

    def __init__(self, clock: Callable[[], float], *, enabled: bool) -> None:
        self.enabled = enabled
        self._clock = clock
        self._taken: dict[tuple[str, int, str], deque[float]] = {}

    def take(self, method: str, channel: str) -> int:
        """0 when the call may go on, else the whole seconds to wait (the `Retry-After`)."""
        if not self.enabled:
            return 0
        now = self._clock()
        windows = []
        for number, limit in enumerate(LIMITS.get(method, ())):
            window = self._taken.setdefault((method, number, channel if limit.per_channel else ""), deque())
            while window and window[0] <= now - limit.seconds:
                window.popleft()
            if len(window) >= limit.calls:
                return max(1, math.ceil(window[0] + limit.seconds - now))
            windows.append(window)
        for window in windows:
            window.append(now)
        return 0
