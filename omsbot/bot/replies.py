"""Answering a person through the response URL of what they did; a failure is logged, not raised."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from omsbot.slack.kit.blocks import Message

log = logging.getLogger(__name__)

Respond = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Person:
    """Who acted, and where."""

    user_id: str
    channel_id: str
    team_id: str


class Reply:
    """The answers to one command or button; Slack takes up to five within 30 minutes."""

    def __init__(self, respond: Respond) -> None:
        self._respond = respond

    async def privately(self, message: Message) -> None:
        """Show the message to the one who acted, below what is there."""
        await self._send(message, response_type="ephemeral", replace_original=False)

    async def in_channel(self, message: Message, *, thread_ts: str | None = None) -> None:
        """Show the message to everybody in the channel, in a thread where one is given."""
        threaded = {"thread_ts": thread_ts} if thread_ts else {}
        await self._send(message, response_type="in_channel", replace_original=False, **threaded)

    async def instead(self, message: Message) -> None:
        """Put the message in the place of the one whose button was pressed."""
        await self._send(message, replace_original=True)

    async def _send(self, message: Message, **how: Any) -> None:
        try:
            answer = await self._respond(
                text=message.text,
                blocks=list(message.blocks) or None,
                unfurl_links=False,
                unfurl_media=False,
                **how,
            )
        except Exception as error:  # noqa: BLE001 - whatever fails there, only this answer is lost
            log.warning("an answer did not reach Slack", extra={"error": repr(error)})
            return
        status = getattr(answer, "status_code", 200)
        if status != 200:
            log.warning("Slack refused an answer", extra={"status": status, "said": str(answer.body)[:200]})
