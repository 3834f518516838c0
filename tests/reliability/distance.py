"""The real process between the two stand-ins, watched from outside."""

import asyncio
import contextlib
import json
import random
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from itertools import takewhile
from pathlib import Path
from typing import Any

from omsbot.sandbox.oms import DEMO_PASSWORD, DEMO_USER, OmsSimulator, SimulatedProject
from omsbot.sandbox.oms.faults import FaultBoard, FaultMode
from omsbot.sandbox.slack import DEFAULT_SCOPES, SlackStandIn
from omsbot.sandbox.slack.faults import Fault, FaultKind, Faults
from tests.integration.cli.program import KEPT
from tests.reliability.ledger import Ledger, Shown

SLACK_FAULTS: Sequence[tuple[FaultKind, Mapping[str, Any]]] = (
    (FaultKind.RATELIMITED, {"retry_after": 1}),
    (FaultKind.STATUS_BEFORE, {}),
    (FaultKind.STATUS_AFTER, {}),
    (FaultKind.TIMEOUT_BEFORE, {"hang": 1.5}),
    (FaultKind.TIMEOUT_AFTER, {"hang": 1.5}),
    (FaultKind.RESET_BEFORE, {}),
    (FaultKind.RESET_AFTER, {}),
    (FaultKind.LATE_COMMIT, {"seconds": 4.0, "answer": "reset"}),
)
FOLLOWS = """
SELECT 1 FROM subscriptions s JOIN projects p ON s.subject = 'p:' || p.id
WHERE p.oms_id = :project AND s.channel_id = :channel AND s.state = 'active'
"""
TROUBLED = ("chat.postMessage", "chat.update", "conversations.history", "conversations.replies")
OMS_FAULTS = (
    FaultMode.SERVER_ERROR,
    FaultMode.UNAVAILABLE,
    FaultMode.REQUEST_TIMEOUT,
    FaultMode.TRUNCATED,
    FaultMode.HTML,
    FaultMode.NOT_JSON,
    FaultMode.RESET,
)


class ShareOfFaults(Faults):
    """A share of the calls to Slack fails, in a way drawn from the seed."""

    def __init__(self, share: float, chance: random.Random) -> None:
        super().__init__()
        self.share = share
        self.used: Counter[str] = Counter()
        self._chance = chance

    def take(self, method: str, channel: str) -> Fault | None:
        armed = super().take(method, channel)
        if armed or method not in TROUBLED or self._chance.random() >= self.share:
            return armed
        kind, details = self._chance.choice(SLACK_FAULTS)
        self.used[kind] += 1
        return Fault(method, kind, details=dict(details))


class ShareOfOmsFaults(FaultBoard):
    """A share of OMS's answers is broken."""

    def __init__(self, share: float, chance: random.Random) -> None:
        super().__init__()
        self.share = share
        self.used: Counter[str] = Counter()
        self._chance = chance

    def take(self, project: str | None) -> FaultMode | None:
        armed = super().take(project)
        if armed or self._chance.random() >= self.share:
            return armed
        mode = self._chance.choice(OMS_FAULTS)
        self.used[mode] += 1
        return mode


class DistantLedger(Ledger):
    """Opens the file for one question at a time, so that a kill leaves it as a kill does."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def close(self) -> None:
        """Nothing stays open."""

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self._file, timeout=30)) as connection:
            connection.execute("PRAGMA query_only = ON")
            return connection.execute(query, values).fetchall()


class Outside:
    """Slack, OMS, and a note of what each message told when it was sent."""

    def __init__(
        self, folder: Path, projects: Sequence[SimulatedProject], channels: Sequence[str], *, history: bool
    ) -> None:
        self.folder = folder
        self.file = folder / "omsbot.db"
        self.ledger = DistantLedger(self.file)
        self.oms = OmsSimulator(projects)
        scopes = [scope for scope in DEFAULT_SCOPES if history or not scope.endswith(":history")]
        self.slack = SlackStandIn(channels=channels, limits=False, scopes=scopes)
        self.channels = channels
        self._tells: dict[str, tuple[int, ...]] = {}
        self._read = 0

    @property
    def env(self) -> dict[str, str]:
        return {
            "OMSBOT_OMS_URL": self.oms.url,
            "OMSBOT_OMS_USER": DEMO_USER,
            "OMSBOT_OMS_PASSWORD": DEMO_PASSWORD,
            "OMSBOT_SLACK_API_URL": self.slack.api_url,
            "SLACK_BOT_TOKEN": "xoxb-sandbox",
            "SLACK_APP_TOKEN": "xapp-sandbox",
            "OMSBOT_DATABASE_URL": f"sqlite:///{self.file}",
            "OMSBOT_HTTP_PORT": "0",
            "OMSBOT_POLL_INTERVAL": "1",
            "OMSBOT_RULES__FLAP_SECONDS": "0",  # each change is an event, also of what fails again at once
        }

    async def note_posts(self) -> None:
        """Note for every post, as soon as it is there, which deliveries it carries."""
        while True:
            for call in takewhile(lambda call: call.number > self._read, reversed(self.slack.api.calls)):
                uuid = _uuid(call.args) if call.method == "chat.postMessage" else None
                if uuid:
                    self._tells[uuid] = self.ledger.tells(uuid)
            self._read = self.slack.api.calls[-1].number if self.slack.api.calls else 0
            await asyncio.sleep(0.01)

    def shown(self) -> list[Shown]:
        """Every message of the bot that is to be seen, with what it told."""
        found = []
        for channel in self.channels:
            for message in self.slack.messages(channel):
                uuid = _uuid(message)
                if uuid:
                    found.append(Shown(message["ts"], self._tells.get(uuid, ())))
        return found

    def texts(self) -> list[str]:
        """The whole of every message of the bot but its cards, as JSON."""
        cards = {row[0] for row in self.ledger.rows("SELECT uuid FROM posts WHERE kind = 'card'")}
        messages = [message for channel in self.channels for message in self.slack.messages(channel)]
        return [json.dumps(message) for message in messages if _uuid(message) not in {None, *cards}]


@asynccontextmanager
async def outside(
    folder: Path, projects: Sequence[SimulatedProject], channels: Sequence[str], *, history: bool = True
) -> AsyncIterator[Outside]:
    around = Outside(folder, projects, channels, history=history)
    await around.oms.start()
    await around.slack.start()
    noting = asyncio.create_task(around.note_posts())
    try:
        yield around
    finally:
        noting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await noting
        await around.slack.stop()
        await around.oms.stop()


class Process:
    """One life of the bot as a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @property
    def status(self) -> int | None:
        return self._process.returncode

    async def kill(self) -> None:
        """End it as the kernel does when memory is short."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        await self._process.wait()

    async def stop(self) -> float:
        """Ask it to end; returns how many seconds that took."""
        began = time.monotonic()
        self._process.terminate()
        await self._process.wait()
        return time.monotonic() - began


async def launch(around: Outside, *, log: str = "bot.log", prefix: Sequence[str] = ()) -> Process:
    """Start `omsbot run`; `prefix` is a command that starts it."""
    with (around.folder / log).open("ab") as file:
        process = await asyncio.create_subprocess_exec(
            *prefix,
            sys.executable,
            "-m",
            "omsbot",
            "run",
            env={**KEPT, **around.env},
            cwd=around.folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )
    return Process(process)


async def eventually(condition: Callable[[], Any], *, within_s: float, every_s: float = 0.05) -> bool:
    """Whether a condition became true in time."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if condition():
            return True
        await asyncio.sleep(every_s)
    return False


async def subscribe(around: Outside, project: str, channel: str) -> None:
    """Type the command until the bot hears it, and wait until it is done: heard is not yet done."""

    place = around.slack.channel_id(channel)

    def follows() -> bool:
        return around.file.exists() and bool(around.ledger.rows(FOLLOWS, project=project, channel=place))

    for _ in range(120):
        result = await around.slack.command(f"subscribe {project}", channel=channel)
        if result.acked and await eventually(follows, within_s=60):
            return
        await asyncio.sleep(0.5)
    raise TimeoutError("the bot does not do what it is told")


def _uuid(said: Mapping[str, Any]) -> str | None:
    metadata = said.get("metadata")
    if isinstance(metadata, str):
        metadata = json.loads(metadata)
    return ((metadata or {}).get("event_payload") or {}).get("uuid")
