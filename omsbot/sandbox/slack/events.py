"""The Events API over Socket Mode: only what the app subscribed to, again when it is not acknowledged."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from omsbot.sandbox.slack.messages import Json
from omsbot.sandbox.slack.people import APP_ID, BOT_USER, TEAM_ID
from omsbot.sandbox.slack.socket import SocketMode
from omsbot.sandbox.slack.state import Workspace

DEFAULT_EVENTS = (
    "app_home_opened",
    "app_uninstalled",
    "channel_archive",
    "channel_left",
    "channel_rename",
    "channel_unarchive",
    "group_archive",
    "group_left",
    "group_rename",
    "group_unarchive",
    "member_joined_channel",
    "member_left_channel",
    "tokens_revoked",
)
# Slack sends an unacknowledged event again at once, after a minute and after five.
RETRY_SECONDS = (0.0, 60.0, 300.0)


class Events:
    """Sends events to the app."""

    def __init__(
        self,
        workspace: Workspace,
        sockets: SocketMode,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        *,
        ack_seconds: float,
    ) -> None:
        self._workspace = workspace
        self._sockets = sockets
        self._spawn = spawn
        self._ack_seconds = ack_seconds

    def emit(self, event: Json) -> None:
        """Send in the background, if the app subscribed to this type."""
        if event["type"] in self._workspace.installation.events:
            self._spawn(self._deliver(self._callback(event)))

    async def _deliver(self, payload: Json) -> None:
        for attempt, pause in enumerate((0.0, *RETRY_SECONDS)):
            await asyncio.sleep(pause)
            future = await self._sockets.send(
                "events_api",
                payload,
                accepts_response_payload=False,
                retry_attempt=attempt,
                retry_reason="timeout" if attempt else "",
            )
            if future is not None and (await asyncio.wait({future}, timeout=self._ack_seconds))[0]:
                return

    def _callback(self, event: Json) -> Json:
        now = int(self._workspace.clock())
        return {
            "token": "sandbox",
            "team_id": TEAM_ID,
            "api_app_id": APP_ID,
            "event": {**event, "event_ts": self._workspace.next_ts()},
            "type": "event_callback",
            "event_id": self._workspace.fresh_id("Ev"),
            "event_time": now,
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": TEAM_ID,
                    "user_id": BOT_USER,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
        }
