"""The whole bot between a simulated OMS and a stand-in for Slack, for one story."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from omsbot.app import App
from omsbot.config import Settings
from omsbot.config.settings import Secret, ServerSettings
from omsbot.sandbox.oms import DEMO_PASSWORD, DEMO_USER, OmsSimulator, SimulatedProject
from omsbot.sandbox.slack import ANA, CommandResult, SlackStandIn
from tests.waiting import PATIENCE_S

RUNNING = SimulatedProject("np_running01", "healthy", "orders-to-ob", offset=60)
FAILED = SimulatedProject("np_failed01", "failed_precheck", "billing-to-ob", offset=600)


@dataclass(frozen=True, slots=True)
class Stage:
    """Who plays; `say` types a command and gives the text of the bot's first answer."""

    oms: OmsSimulator
    slack: SlackStandIn
    app: App

    async def say(self, text: str, *, channel: str = "migrations", user: str = ANA) -> str:
        result = await self.slack.command(text, channel=channel, user=user)
        assert result.acked, result.error
        return shown(await result.next_response(PATIENCE_S))

    async def ask(self, text: str, *, channel: str = "migrations", user: str = ANA) -> dict[str, Any]:
        """Type a command; the ephemeral message that it led to, as it can be clicked."""
        before = len(self.slack.ephemerals(channel))
        result = await self.slack.command(text, channel=channel, user=user)
        assert result.acked, result.error

        def latest() -> dict[str, Any] | None:
            seen = self.slack.ephemerals(channel)
            return seen[-1] if len(seen) > before else None

        found: dict[str, Any] = await self.slack.wait_for(latest, timeout=PATIENCE_S)
        return found

    async def after(self, message: dict[str, Any], *, channel: str = "migrations") -> dict[str, Any]:
        """The ephemeral message that came, or was changed, since this one was read."""

        def latest() -> dict[str, Any] | None:
            seen = self.slack.ephemerals(channel)[-1]
            return seen if shown(seen) != shown(message) else None

        found: dict[str, Any] = await self.slack.wait_for(latest, timeout=PATIENCE_S)
        return found

    async def press(self, message: dict[str, Any], action_id: str, **how: Any) -> CommandResult:
        result = await self.slack.click(message, action_id, **how)
        assert result.acked, result.error
        return result

    async def until_said(
        self,
        text: str,
        *,
        channel: str = "migrations",
        reply: bool = False,
        patience_s: float = PATIENCE_S,
    ) -> dict[str, Any]:
        """The first message in the channel (`reply`: in a thread) that holds this text, once there."""

        def found() -> dict[str, Any] | None:
            said = (m for m in self.slack.messages(channel) if m["is_reply"] or not reply)
            return next((m for m in said if text in shown(m)), None)

        try:
            message: dict[str, Any] = await self.slack.wait_for(found, timeout=patience_s)
        except TimeoutError:
            seen = "\n---\n".join(m["text"] for m in self.slack.messages(channel))
            raise AssertionError(f"nobody said {text!r} in #{channel}, but:\n{seen}") from None
        return message

    async def until_answered(self, command: str, text: str) -> None:
        """Type a command again and again until its answer holds this text."""
        said = ""
        for _ in range(int(PATIENCE_S / 0.2)):
            said = await self.say(command)
            if text in said:
                return
            await asyncio.sleep(0.2)
        raise AssertionError(f"/oms {command} never answered {text!r}, but:\n{said}")


@asynccontextmanager
async def staged(
    folder: Path,
    *,
    projects: Sequence[SimulatedProject] = (RUNNING, FAILED),
    servers: Sequence[str] = ("default",),
    allowed: Sequence[str] | None = None,
) -> AsyncIterator[Stage]:
    """Start all three, and stop them again.

    Every name in `servers` is the same simulator; `allowed` are the names of the channels that may use them.
    """
    oms = OmsSimulator(projects)
    slack = SlackStandIn(limits=False, ack_seconds=PATIENCE_S, trigger_seconds=PATIENCE_S)
    await oms.start()
    await slack.start()
    channels = None if allowed is None else frozenset(slack.channel_id(name) for name in allowed)
    app = App(_settings(folder, oms, slack, servers, channels))
    await app.start()
    try:
        await _ready(app)
        yield Stage(oms, slack, app)
    finally:
        await app.stop()
        await slack.stop()
        await oms.stop()


def shown(message: dict[str, Any]) -> str:
    """Everything in a message that a person reads: its text, and the texts of its blocks."""
    return "\n".join([message.get("text", ""), *_texts(message.get("blocks") or [])])


def _texts(part: Any) -> list[str]:
    if isinstance(part, list):
        return [text for one in part for text in _texts(one)]
    if not isinstance(part, dict):
        return []
    own = [part["text"]] if isinstance(part.get("text"), str) else []
    return own + [text for one in part.values() for text in _texts(one)]


def _settings(
    folder: Path,
    oms: OmsSimulator,
    slack: SlackStandIn,
    servers: Sequence[str],
    channels: frozenset[str] | None,
) -> Settings:
    return Settings(
        slack_bot_token=Secret("xoxb-sandbox"),
        slack_app_token=Secret("xapp-sandbox"),
        slack_api_url=slack.api_url,
        servers={
            name: ServerSettings(
                name,
                oms.url,
                DEMO_USER,
                Secret(DEMO_PASSWORD),
                console_url=f"https://{name}.example:8089/{{id}}",
                channels=channels,
            )
            for name in servers
        },
        database_url=f"sqlite:///{folder / 'omsbot.db'}",
        poll_interval_ms=1_000,
        http_port=0,
    )


async def _ready(app: App) -> None:
    async with aiohttp.ClientSession() as session:
        for _ in range(600):
            async with session.get(f"{app.http_url}/readyz") as answer:
                if answer.status == 200:
                    return
            await asyncio.sleep(0.05)
    raise AssertionError("the bot did not become ready")
