"""What a machine does to a process: a locked or full database, a torn log, signals, a burst of commands."""

import asyncio
import os
import random
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from omsbot.sandbox.oms import SimulatedProject
from tests.reliability.distance import Outside, Process, eventually, launch, outside, subscribe

Result = dict[str, Any]
CHANNEL = "migrations"
NAMES = [f"np_ordeal{number:02}" for number in range(4)]
PROJECTS = [SimulatedProject(name, "slow", f"{name}-to-ob", 600) for name in NAMES]
LOCKED_S = 30.0
TOLD = "SELECT count(*) FROM deliveries WHERE state = 'told'"
SEEN = "SELECT count(*) FROM events WHERE kind IN ('step_failed', 'step_recovered')"


@dataclass(slots=True)
class Ordeal:
    """A bot that follows a few projects; `changes` counts what OMS did to them."""

    around: Outside
    process: Process
    changes: int = 0
    failed: set[str] = field(default_factory=set)

    async def restart(self, **how: Any) -> None:
        await self.process.kill()
        self.process = await launch(self.around, **how)

    def largest_file(self) -> int:
        """The size of the largest file of the database, in bytes."""
        file = self.around.file
        return max(one.stat().st_size for one in file.parent.glob(f"{file.name}*"))

    def move(self, name: str) -> None:
        if name in self.failed:
            self.around.oms.recover(name)
        else:
            self.around.oms.fail(name)
        self.failed ^= {name}
        self.changes += 1

    def count(self, query: str) -> int:
        number: int = self.around.ledger.rows(query)[0][0]
        return number

    async def polls(self) -> bool:
        """Whether the bot asks OMS within half a minute."""
        seen = self.around.oms.actions.total()
        return await eventually(lambda: self.around.oms.actions.total() > seen, within_s=30)

    async def judged(self) -> Result:
        """Wait until all is told, and count what is wrong."""

        def rested() -> bool:
            left = self.around.ledger.unsettled(int(time.time() * 1000))
            return self.count(SEEN) >= self.changes and all("twin" in one for one in left)

        rest = await eventually(rested, within_s=120, every_s=0.5)
        verdict = self.around.ledger.verdict(self.around.shown(), int(time.time() * 1000))
        return {
            "changes": self.changes,
            "seen": self.count(SEEN),
            "told": self.count(TOLD),
            "lost": len(verdict.lost),
            "double": len(verdict.double),
            "out_of_order": len(verdict.out_of_order),
            "came_to_rest": rest,
        }


@asynccontextmanager
async def ordeal(folder: Path) -> AsyncIterator[Ordeal]:
    async with outside(folder, PROJECTS, [CHANNEL]) as around:
        bearing = Ordeal(around, await launch(around))
        try:
            for name in NAMES:
                await subscribe(around, name, CHANNEL)
            await eventually(lambda: len(around.slack.messages(CHANNEL)) >= len(NAMES), within_s=30)
            yield bearing
        finally:
            await bearing.process.kill()


async def locked_database(folder: Path, *, for_s: float = LOCKED_S) -> Result:
    """Another process keeps the database's write lock while projects fail."""
    async with ordeal(folder) as bearing:
        with closing(sqlite3.connect(bearing.around.file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for name in NAMES:
                bearing.move(name)
            await asyncio.sleep(for_s)
            other.execute("ROLLBACK")
        return {"locked_s": for_s, "survived": bearing.process.status is None, **await bearing.judged()}


async def full_disk(folder: Path, *, for_s: float = 20.0) -> Result:
    """No file of the bot may grow past a size, which the database's log soon reaches; then there is room."""
    async with ordeal(folder) as bearing:
        blocks = bearing.largest_file() // 512 + 40
        limited = ("sh", "-c", f'ulimit -f {blocks}; exec "$@"', "sh")
        await bearing.restart(log="full.log", prefix=limited)
        deadline = time.monotonic() + for_s
        while time.monotonic() < deadline:
            seen = bearing.count(SEEN)
            if seen == bearing.changes:
                bearing.move(NAMES[bearing.changes % len(NAMES)])
            await asyncio.sleep(0.2)
        unseen = bearing.changes - bearing.count(SEEN)
        survived = bearing.process.status is None
        await bearing.restart()
        return {"survived": survived, "unseen_while_full": unseen, **await bearing.judged()}


async def torn_log(folder: Path, *, times: int = 10, seed: int = 1) -> Result:
    """After each kill the newest part of the write-ahead log is gone, as on a disk that lies."""
    chance = random.Random(seed)
    started = sound = 0
    async with ordeal(folder) as bearing:
        for _ in range(times):
            bearing.move(chance.choice(NAMES))
            await asyncio.sleep(chance.uniform(1.0, 3.0))
            await bearing.process.kill()
            _tear(bearing.around.file.with_name("omsbot.db-wal"), chance)
            await bearing.restart()
            started += await bearing.polls()
            sound += bearing.around.ledger.rows("PRAGMA integrity_check") == [("ok",)]
        told = await bearing.judged()
    return {
        "times": times,
        "started": started,
        "sound": sound,
        "repeated": told["double"],
        "lost": told["lost"],
    }


def _tear(log: Path, chance: random.Random) -> None:
    if log.exists() and log.stat().st_size:
        size = log.stat().st_size
        os.truncate(log, size - chance.randrange(1, min(size, 20_000) + 1))
        with log.open("r+b") as file:
            file.seek(max(0, log.stat().st_size - 100))
            file.write(chance.randbytes(50))


async def signals(folder: Path, *, times: int = 50) -> Result:
    """SIGTERM again and again: while all is well, while Slack hangs, and while OMS hangs."""
    took: dict[str, list[float]] = {"slack hangs": [], "oms hangs": [], "well": []}
    async with ordeal(folder) as bearing:
        around = bearing.around
        for number in range(times):
            weather = list(took)[number % 3]
            await bearing.polls()
            if weather == "slack hangs":
                around.slack.fault("chat.postMessage", "timeout_after", hang=60)
                around.slack.fault("chat.update", "timeout_after", hang=60)
            if weather == "oms hangs":
                around.oms.break_with("hang")
            bearing.move(NAMES[number % len(NAMES)])
            await asyncio.sleep(1.5)
            took[weather].append(await bearing.process.stop())
            around.oms.break_with("none")
            around.slack.api.faults.waiting.clear()
            await bearing.restart()
        told = await bearing.judged()
    longest = {weather: round(max(seconds), 2) for weather, seconds in took.items() if seconds}
    return {"times": times, "longest_s": longest, **told}


async def commands(folder: Path, *, number: int = 500) -> Result:
    """Slash commands spread over one second: is each acknowledged within Slack's 3 seconds?"""
    async with ordeal(folder) as bearing:
        slack = bearing.around.slack

        async def one(after_s: float) -> tuple[bool, float]:
            await asyncio.sleep(after_s)
            began = time.monotonic()
            result = await slack.command("list", channel=CHANNEL, timeout=10.0)
            return result.acked, time.monotonic() - began

        answers = await asyncio.gather(*(one(place / number) for place in range(number)))
    seconds = sorted(took for _, took in answers)
    return {
        "commands": number,
        "acknowledged": sum(acked for acked, _ in answers),
        "slowest_s": round(seconds[-1], 2),
        "median_s": round(seconds[len(seconds) // 2], 2),
    }
