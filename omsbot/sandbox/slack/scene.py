"""What people and tests do in the workspace, and what they see of it.

It lies below the control API and the page, which serve it, and the stand-in, which serves them.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from omsbot.sandbox.slack import membership
from omsbot.sandbox.slack.api import Call, WebApi
from omsbot.sandbox.slack.events import DEFAULT_EVENTS, Events
from omsbot.sandbox.slack.faults import Fault, FaultKind
from omsbot.sandbox.slack.interactions import Interaction, Interactions
from omsbot.sandbox.slack.limits import Limiter
from omsbot.sandbox.slack.messages import Json
from omsbot.sandbox.slack.people import ANA, BOT_USER, DEFAULT_SCOPES, SYSTEM_USER, Installation
from omsbot.sandbox.slack.socket import SocketMode
from omsbot.sandbox.slack.state import Workspace

CommandResult = Interaction


class Scene:
    """The parts of the stand-in put together, without the server that people and the bot reach them by."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        bot_token: str = "xoxb-sandbox",
        app_token: str = "xapp-sandbox",
        channels: Sequence[str] = ("general", "migrations"),
        private_channels: Sequence[str] = ("dba-private",),
        without_bot: Sequence[str] = ("random", "dba-private"),
        scopes: Sequence[str] = DEFAULT_SCOPES,
        events: Sequence[str] = DEFAULT_EVENTS,
        commands: Sequence[str] = ("/oms",),
        limits: bool = True,
        ack_seconds: float = 3.0,
        trigger_seconds: float = 3.0,
        clock: Callable[[], float] = time.time,
        people_clock: Callable[[], float] | None = None,
        call: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """The bot is in every channel but those `without_bot`; all named channels exist.

        `clock` dates messages and measures the limits; what waits for a person's hand (trigger ids, response
        URLs) expires by `people_clock`, where it is another one. `call` is entered for as long as a call of
        the Web API is under way.
        """
        self._host, self._port = host, port
        installation = Installation(bot_token, app_token, tuple(scopes), tuple(commands), tuple(events))
        self.workspace = Workspace(
            installation, clock, people_clock=people_clock or clock, trigger_seconds=trigger_seconds
        )
        for name in dict.fromkeys((*channels, *private_channels, *without_bot)):
            people = [user.id for user in self.workspace.users.values() if not user.is_bot]
            bot = [] if name in without_bot else [BOT_USER]
            self.workspace.add_channel(name, people + bot, private=name in private_channels)
        self.limiter = Limiter(clock, enabled=limits)
        self.sockets = SocketMode(self.workspace.feed)
        self.interactions = Interactions(self.workspace, self.sockets, ack_seconds=ack_seconds)
        self.api = WebApi(self.workspace, self.sockets, self.limiter, self._spawn, call)
        self.workspace.on_event = Events(
            self.workspace, self.sockets, self._spawn, ack_seconds=ack_seconds
        ).emit
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The page's address, with a slash at its end."""
        return f"http://{self._host}:{self._port}/"

    @property
    def api_url(self) -> str:
        """What the bot takes for Slack's Web API."""
        return f"{self.url}api/"

    @property
    def calls(self) -> list[Call]:
        """The Web API calls so far, oldest first."""
        return list(self.api.calls)

    def channel_id(self, name: str) -> str:
        """The id of a channel."""
        return self.workspace.channel(name).id

    def direct_messages(self, user: str = ANA) -> str:
        """The id of the bot's direct messages with a person."""
        return self.workspace.direct_messages(self.workspace.user(user).id).id

    def messages(self, channel: str) -> list[Json]:
        """All messages, oldest first, with their metadata; `is_reply` marks those in threads."""
        conversation = self.workspace.conversation(self.workspace.channel(channel))
        return [
            {
                **conversation.to_json(message, with_metadata=True, with_root=False),
                "is_reply": message.is_reply,
            }
            for message in conversation.all()
        ]

    def ephemerals(self, channel: str) -> list[Json]:
        """What was shown in a channel to one person only (`to_user`), oldest first."""
        conversation = self.workspace.conversation(self.workspace.channel(channel))
        return [ephemeral.to_json() for ephemeral in conversation.ephemerals.values()]

    async def command(
        self,
        text: str,
        *,
        channel: str = "migrations",
        user: str = ANA,
        timeout: float = 30.0,
        command: str = "/oms",
    ) -> CommandResult:
        """A person types `/oms` and `text`; returns with the acknowledgement, or after `timeout` seconds."""
        place = self.workspace.channel(channel)
        return await self.interactions.command(command, text, place, user, timeout=timeout)

    async def click(
        self,
        message: str | Json,
        action_id: str,
        *,
        channel: str = "migrations",
        user: str = ANA,
        value: Any = None,
        block_id: str = "",
        timeout: float = 30.0,
    ) -> CommandResult:
        """A person presses a button, or chooses `value` in a menu; `message` may be ephemeral, or a ts."""
        ts = message if isinstance(message, str) else message["ts"]
        place, person = self.workspace.channel(channel), self.workspace.user(user)
        return await self.interactions.click(
            place, ts, action_id, person.id, value=value, block_id=block_id, timeout=timeout
        )

    async def type_line(self, line: str, *, channel: str, user: str = ANA, timeout: float = 30.0) -> Json:
        """A line of the composer: a slash command goes to the app, anything else is a message."""
        place, person = self.workspace.channel(channel), self.workspace.user(user)
        name, _, text = line.strip().partition(" ")
        if name in self.workspace.installation.commands:
            result = await self.interactions.command(name, text, place, person.id, timeout=timeout)
            return result.to_json()
        if name.startswith("/"):
            notice = f"{name} is not a valid command. In this workspace there is only "
            notice += ", ".join(self.workspace.installation.commands)
            self.workspace.whisper(place, person.id, {"type": "message", "user": SYSTEM_USER, "text": notice})
            return {"error": "unknown_command"}
        return {"message": self.say(line, channel=channel, user=person.id)}

    def say(self, text: str, *, channel: str = "migrations", user: str = ANA, thread_ts: str = "") -> Json:
        """A person's own message."""
        place = self.workspace.channel(channel)
        body = self.workspace.by_person(self.workspace.user(user).id, text)
        message = self.workspace.post(place, body, thread_ts=thread_ts)
        return self.workspace.conversation(place).to_json(message, with_metadata=False)

    async def wait_for(self, predicate: Callable[[], Any], *, timeout: float = 30.0) -> Any:
        """The first true value of `predicate`, asked again after each change; TimeoutError."""
        return await self.workspace.feed.wait_for(predicate, timeout=timeout)

    def fault(
        self,
        method: str,
        kind: FaultKind | str,
        *,
        channel: str | None = None,
        count: int = 1,
        **details: Any,
    ) -> None:
        """Let the next `count` calls of a method fail; kinds and details in `faults`."""
        where = self.channel_id(channel) if channel else ""
        self.api.faults.add(Fault(method, FaultKind(kind), where, count, details))

    def invite(self, channel: str, user: str = BOT_USER) -> None:
        """Let the bot (or a person) into a channel."""
        membership.join(
            self.workspace, self.workspace.channel(channel), self.workspace.user(user).id, inviter=ANA
        )

    def kick(self, channel: str, user: str = BOT_USER) -> None:
        """Take the bot (or a person) out of a channel."""
        membership.leave(
            self.workspace, self.workspace.channel(channel), self.workspace.user(user).id, actor=ANA
        )

    def archive(self, channel: str, *, archived: bool = True) -> None:
        """Archive a channel, or bring it back."""
        membership.set_archived(self.workspace, self.workspace.channel(channel), archived=archived, actor=ANA)

    def delete_message(self, channel: str, ts: str) -> None:
        """A person deletes a message."""
        self.workspace.delete(self.workspace.channel(channel), ts)

    def revoke(self, error: str = "token_revoked") -> None:
        """Take the app's token away (every call is refused with `error`), or give it back with ""."""
        if error == "token_revoked":
            self.workspace.on_event({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [BOT_USER]}})
        self.workspace.installation.revoked = error

    async def close_sockets(self, reason: str = "") -> None:
        """Drop the Socket Mode connections, or (`reason`) ask the bot to leave them as Slack does."""
        await (self.sockets.disconnect(reason) if reason else self.sockets.close())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
