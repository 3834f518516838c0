"""What a person does with the app: types a command, presses a button, submits a modal, opens its home.

Each becomes one envelope over Socket Mode. The person gets what the app acknowledges with, or Slack's own
words when it does not acknowledge within 3 seconds.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from omsbot.sandbox.slack.actions import action_of, blocks_of, find_element, state_values
from omsbot.sandbox.slack.blocks import checked_view
from omsbot.sandbox.slack.errors import SlackError
from omsbot.sandbox.slack.feed import Feed
from omsbot.sandbox.slack.messages import Json
from omsbot.sandbox.slack.people import APP_ID, SYSTEM_USER, TEAM_DOMAIN, TEAM_ID, Channel
from omsbot.sandbox.slack.responses import respond
from omsbot.sandbox.slack.socket import SocketMode
from omsbot.sandbox.slack.state import Workspace
from omsbot.sandbox.slack.triggers import ResponseUrl
from omsbot.sandbox.slack.typing import escaped
from omsbot.sandbox.slack.views import View

TOKEN = "sandbox-verification"


@dataclass(slots=True)
class Interaction:
    """What came of one interaction.

    `acked` is true for a late acknowledgement too; `error` says what the person was told (`operation_timeout`
    after 3 s, `dispatch_failed` without a connection, or Slack's word for a wrong payload). `ack_after` is in
    seconds.
    """

    entry: ResponseUrl
    feed: Feed
    acked: bool = False
    ack_payload: Any = None
    ack_after: float = 0.0
    error: str = ""
    taken: int = 0

    @property
    def responses(self) -> list[Json]:
        """The bodies that came through the response URL so far."""
        return list(self.entry.posts)

    async def next_response(self, timeout: float = 30.0) -> Json:
        """The next body through the response URL that this method did not return yet; TimeoutError."""
        await self.feed.wait_for(lambda: len(self.entry.posts) > self.taken, timeout=timeout)
        self.taken += 1
        return self.entry.posts[self.taken - 1]

    def to_json(self) -> Json:
        """For the control API."""
        return {
            "acked": self.acked,
            "ack_payload": self.ack_payload,
            "ack_after": round(self.ack_after, 3),
            "error": self.error,
            "responses": self.responses,
        }


class Interactions:
    """Sends what people do to the app."""

    def __init__(self, workspace: Workspace, sockets: SocketMode, *, ack_seconds: float) -> None:
        self._workspace = workspace
        self._sockets = sockets
        self._ack_seconds = ack_seconds

    async def command(
        self, command: str, text: str, channel: Channel, user: str, *, timeout: float
    ) -> Interaction:
        """A slash command. An answer in the acknowledgement is shown at once."""
        shown = escaped(self._workspace, text) if self._workspace.installation.escape_commands else text
        person = self._workspace.user(user)
        url, entry = self._response_url(channel.id, person.id)
        payload = {
            "token": TOKEN,
            "team_id": TEAM_ID,
            "team_domain": TEAM_DOMAIN,
            "channel_id": channel.id,
            "channel_name": "directmessage"
            if channel.is_im
            else "privategroup"
            if channel.is_private
            else channel.name,
            "user_id": person.id,
            "user_name": person.name,
            "command": command,
            "text": shown.strip(),
            "api_app_id": APP_ID,
            "is_enterprise_install": "false",
            "response_url": url,
            "trigger_id": self._workspace.triggers.issue(person.id),
        }
        result = await self._exchange("slash_commands", payload, entry, timeout)
        if result.ack_payload and not result.error:
            try:
                respond(self._workspace, entry, result.ack_payload)
            except SlackError:
                result.error = "invalid_command_response"
        if result.error:
            self._complain(channel, person.id, f"{command} failed with the error “{result.error}”")
        return result

    async def click(
        self,
        channel: Channel,
        ts: str,
        action_id: str,
        user: str,
        *,
        value: Any = None,
        block_id: str = "",
        timeout: float,
    ) -> Interaction:
        """A button or a choice in a message, or in an ephemeral one."""
        body, container = self._pressed(channel, ts)
        block, element = find_element(blocks_of(body), action_id, block_id)
        url, entry = self._response_url(channel.id, user, ts)
        payload = {
            **self._acting("block_actions", user),
            "container": container,
            "channel": {"id": channel.id, "name": channel.name or "directmessage"},
            "state": {"values": {}},
            "response_url": url,
            "actions": [action_of(block, element, value, self._workspace.next_ts())],
        }
        if not container["is_ephemeral"]:
            payload["message"] = body
        return await self._exchange("interactive", payload, entry, timeout)

    async def click_in_view(
        self, view: View, action_id: str, *, value: Any = None, timeout: float
    ) -> Interaction:
        """A button or a choice in a modal or in the app home."""
        block, element = find_element(view.content["blocks"], action_id)
        payload = {
            **self._acting("block_actions", view.user),
            "container": {"type": "view", "view_id": view.id},
            "view": view.to_json(),
            "actions": [action_of(block, element, value, self._workspace.next_ts())],
        }
        return await self._exchange("interactive", payload, self._nowhere(view.user), timeout)

    async def submit(self, view: View, typed: dict[str, Any], *, timeout: float) -> Interaction:
        """The submit button of a modal, with what was typed by action_id. The app's answer is carried out."""
        view.values = state_values(view.content["blocks"], typed)
        payload = {**self._acting("view_submission", view.user), "view": view.to_json(), "response_urls": []}
        result = await self._exchange("interactive", payload, self._nowhere(view.user), timeout)
        if not result.error:
            try:
                self._after_submit(view, result.ack_payload or {})
            except SlackError as refused:
                result.error = refused.error
        self._workspace.feed.publish("view", user=view.user, view=view.id)
        return result

    async def close_view(self, view: View, *, timeout: float) -> None:
        """The close button of a modal; the app hears of it if it asked to."""
        self._workspace.views.close(view)
        self._workspace.feed.publish("view", user=view.user, view=view.id)
        if view.content.get("notify_on_close"):
            payload = {**self._acting("view_closed", view.user), "view": view.to_json(), "is_cleared": False}
            await self._exchange("interactive", payload, self._nowhere(view.user), timeout)

    def open_home(self, user: str) -> None:
        """A look at the app's home tab."""
        channel = self._workspace.direct_messages(user)
        home = self._workspace.views.homes.get(user)
        event: Json = {"type": "app_home_opened", "user": user, "channel": channel.id, "tab": "home"}
        self._workspace.on_event({**event, "view": home.to_json()} if home else event)

    async def _exchange(self, kind: str, payload: Json, entry: ResponseUrl, timeout: float) -> Interaction:
        result = Interaction(entry, self._workspace.feed)
        started = time.monotonic()
        future = await self._sockets.send(kind, payload, accepts_response_payload=True)
        if future is None:
            result.error = "dispatch_failed"
            return result
        done, _ = await asyncio.wait({future}, timeout=min(timeout, self._ack_seconds))
        if not done:
            result.error = "operation_timeout"
            done, _ = await asyncio.wait({future}, timeout=max(0.0, timeout - self._ack_seconds))
        if done:
            result.acked, result.ack_payload = True, future.result()
            result.ack_after = time.monotonic() - started
        return result

    def _after_submit(self, view: View, answer: Json) -> None:
        views = self._workspace.views
        match answer.get("response_action"):
            case None:
                views.close(view)
            case "clear":
                views.close(view, whole_stack=True)
            case "update":
                view.content = checked_view(answer.get("view"), self._workspace.fresh_id)
            case "push":
                content = checked_view(answer.get("view"), self._workspace.fresh_id)
                views.push(
                    View(self._workspace.fresh_id("V"), view.user, content, self._workspace.fresh_id(""))
                )
            case "errors":
                if not isinstance(answer.get("errors"), dict):
                    raise SlackError("invalid_arguments")
            case _:
                raise SlackError("invalid_arguments")

    def _acting(self, kind: str, user: str) -> Json:
        person = self._workspace.user(user)
        return {
            "type": kind,
            "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": TEAM_ID},
            "api_app_id": APP_ID,
            "token": TOKEN,
            "trigger_id": self._workspace.triggers.issue(person.id),
            "team": {"id": TEAM_ID, "domain": TEAM_DOMAIN},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _pressed(self, channel: Channel, ts: str) -> tuple[Json, Json]:
        conversation = self._workspace.conversation(channel)
        container: Json = {"type": "message", "message_ts": ts, "channel_id": channel.id}
        ephemeral = conversation.ephemerals.get(ts)
        if ephemeral is not None:
            return ephemeral.body, {**container, "is_ephemeral": True}
        message = conversation.find(ts)
        if message is None:
            raise SlackError("message_not_found")
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        body = conversation.to_json(message, with_metadata=False, with_root=False)
        return body, {**container, "is_ephemeral": False}

    def _response_url(self, channel: str, user: str, source_ts: str = "") -> tuple[str, ResponseUrl]:
        key, entry = self._workspace.response_urls.issue(channel, user, source_ts)
        return f"{self._workspace.base_url}response/{key}", entry

    def _nowhere(self, user: str) -> ResponseUrl:
        return ResponseUrl("", user, "", 0.0)

    def _complain(self, channel: Channel, user: str, text: str) -> None:
        self._workspace.whisper(channel, user, {"type": "message", "user": SYSTEM_USER, "text": text})
