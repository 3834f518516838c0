"""What posting needs of Slack. Nothing here raises: whatever comes back is an outcome."""

from collections.abc import Collection, Mapping
from typing import Protocol

from omsbot.domain.notify.delivery import Failure, Outcome, Sent
from omsbot.slack.kit.blocks import Message


class Poster(Protocol):
    async def post(
        self,
        *,
        channel: str,
        message: Message,
        uuid: str,
        thread_ts: str | None = None,
        broadcast: bool = False,
    ) -> Outcome:
        """Post a message once; `uuid` finds it again."""


class Messenger(Poster, Protocol):
    async def edit(self, *, channel: str, ts: str, message: Message) -> Outcome:
        """Replace a message's content."""

    async def delete(self, *, channel: str, ts: str) -> Outcome:
        """Delete a message of ours."""

    async def find(
        self, *, channel: str, thread_ts: str | None, since: int, until: int, uuids: Collection[str]
    ) -> Mapping[str, Sent] | Failure:
        """Look for posts by their uuids in a thread or a channel, between two times (ms)."""
