"""What Slack hands out for a short time with an interaction: trigger ids and response URLs."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from omsbot.sandbox.slack.errors import SlackError

RESPONSE_URL_USES = 5
# Past so many, what has expired is forgotten.
KEPT = 10_000
RESPONSE_URL_SECONDS = 30 * 60


@dataclass(slots=True)
class _Trigger:
    user: str
    expires: float
    used: bool = False


class Triggers:
    """Trigger ids: one use each, and only for some seconds (Slack gives 3)."""

    def __init__(self, clock: Callable[[], float], seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._issued: dict[str, _Trigger] = {}

    def issue(self, user: str) -> str:
        """A new trigger id for what this person just did."""
        trigger_id = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        if len(self._issued) > KEPT:
            self._issued = {key: one for key, one in self._issued.items() if one.expires > self._clock()}
        self._issued[trigger_id] = _Trigger(user, self._clock() + self._seconds)
        return trigger_id

    def redeem(self, trigger_id: str) -> str:
        """The person whose view may be opened; SlackError when it is unknown, used or too old."""
        trigger = self._issued.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._clock() > trigger.expires:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger.user


@dataclass(slots=True)
class ResponseUrl:
    """One response URL: where its answers go, and how often it was used.

    `source_ts` is what `replace_original` and `delete_original` mean; `posts` are the bodies received.
    """

    channel: str
    user: str
    source_ts: str
    expires: float
    posts: list[dict[str, Any]] = field(default_factory=list)


class ResponseUrls:
    """Response URLs: five uses in 30 minutes."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._issued: dict[str, ResponseUrl] = {}

    def issue(self, channel: str, user: str, source_ts: str = "") -> tuple[str, ResponseUrl]:
        """A new key, and what will be recorded under it."""
        key = secrets.token_urlsafe(24)
        entry = ResponseUrl(channel, user, source_ts, self._clock() + RESPONSE_URL_SECONDS)
        if len(self._issued) > KEPT:
            self._issued = {key: one for key, one in self._issued.items() if one.expires > self._clock()}
        self._issued[key] = entry
        return key, entry

    def use(self, key: str, body: dict[str, Any]) -> ResponseUrl:
        """Count one use; SlackError when there is none left."""
        entry = self._issued.get(key)
        if entry is None or self._clock() > entry.expires:
            raise SlackError("expired_url")
        if len(entry.posts) >= RESPONSE_URL_USES:
            raise SlackError("used_url")
        entry.posts.append(body)
        return entry
