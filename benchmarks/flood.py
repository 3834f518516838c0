"""10,000 transitions a minute over 50 channels: how old does the oldest failure get that is not sent?"""

import asyncio
import sqlite3
import time
from contextlib import AsyncExitStack, closing
from pathlib import Path

from benchmarks import seed
from benchmarks.bot import bot
from benchmarks.children import ROOT, oms, post, slack
from benchmarks.result import Result, Row, Scale, at_least, at_most

OLDEST_S = 30
WAITING = (
    "SELECT min(e.observed_at) FROM deliveries d JOIN events e ON e.id = d.event_id"
    " WHERE d.state IN ('pending', 'sending') AND e.severity = 'critical'"
)


async def measure(scale: Scale) -> Result:
    """A sixth of all answers shows another status; the first change of each project is a failure."""
    projects, seconds = scale.of(10_000, 200), scale.of(45, 3)
    file = ROOT / "build" / "bench" / "flood.db"
    async with AsyncExitStack() as stack:
        url, talk = await stack.enter_async_context(oms()), await stack.enter_async_context(slack())
        await post(f"{url}/control", {"moved": 0})
        database = await seed.sqlite(file, projects)
        one = await stack.enter_async_context(bot(database=database, oms=url, slack=talk))
        await asyncio.sleep(scale.of(5, 1))
        before = await one.read()
        await post(f"{url}/control", {"moved": 1 / 6})
        began, ages = time.time(), []
        while time.time() - began < seconds:
            await asyncio.sleep(1)
            ages.append(_oldest_s(file))
        after, served = await one.read(), await post(f"{url}/control", {})
        said = (await post(f"{talk}/control/log", {}))["said"]
    minutes = (after.at - before.at) / 60
    return Result(
        f"A flood over 50 channels for {seconds} s",
        [
            at_least(
                Row("projects whose status changed, a minute", served["moves"] / minutes, ""), 0.9 * 10_000
            ),
            Row("of these failures", served["failures"] / minutes, ""),
            at_most(Row("oldest failure unsent, at worst", max(ages), "s"), OLDEST_S),
            Row("messages a minute", len(said) / minutes, ""),
            Row("CPU of one core", (after.cpu_s - before.cpu_s) / (after.at - before.at), "cores"),
        ],
        [
            f"{projects:,} projects polled every 10 s; a sixth of the answers have another status.",
            "Looked at once a second.",
        ],
        {"ages_s": ages},
    )


def _oldest_s(file: Path) -> float:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as conn:
        oldest = conn.execute(WAITING).fetchone()[0]
    return max(0.0, time.time() - oldest / 1000) if oldest else 0.0
