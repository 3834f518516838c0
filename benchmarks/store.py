"""The database alone: polls stored, posts claimed and settled, projects claimed, and how a file grows."""

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from benchmarks import databases, seed
from benchmarks.children import ROOT, module, oms, post
from benchmarks.machine import CLIENT
from benchmarks.posting import posts_a_second
from benchmarks.result import Result, Row, Scale, median
from omsbot.db.engine.connection import Connection
from omsbot.db.engine.engine import Database, transact
from omsbot.db.stores import projects

PROJECTS = 400
DAY_POLLS = 8_640  # every 10 s
BATCH = 10
NOTES = (
    "P: the whole pipeline, where every answer has another status and leads to events and deliveries.",
    "C and S: a post claimed with its deliveries, and settled; counted as one.",
    "The database servers run on the same machine.",
)


async def measure(scale: Scale) -> Result:
    """Each database in turn, the transactions of a bot on it; those that do not answer are left out."""
    rows, notes = [], []
    rounds = scale.of(2, 1)
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(oms())
        for kind in databases.KINDS:
            async with databases.fresh(kind) as address:
                if address is None:
                    notes.append(f"{databases.NAMES[kind]} does not answer: left out.")
                    continue
                await seed.fill(address, PROJECTS, interval_s=0)  # all are due
                rows += await _of_one(databases.NAMES[kind], address, url, rounds, scale)
        rows += await _growth(url, scale)
    return Result("Store", rows, [*NOTES, *notes])


async def _of_one(name: str, address: str, url: str, rounds: int, scale: Scale) -> list[Row]:
    await post(f"{url}/control", {"moved": 1.0})
    arguments = ("pipeline", "--oms", url, "--projects", str(PROJECTS), "--database", address)
    async with module("benchmarks.worker", *arguments, core=CLIENT) as worker:
        await worker.ask(str(scale.of(100, 40)))
        took = [await worker.ask(str(scale.of(200, 40))) for _ in range(rounds)]
    stored = [one["polls"] / one["wall_s"] for one in took]
    told = [await posts_a_second(address, scale.of(80, 10), later=1 + one) for one in range(rounds)]
    claims = {
        workers: [await _claims_a_second(address, workers) for _ in range(rounds)] for workers in (1, 4)
    }
    return [
        median(f"{name}: P", stored, "1/s"),
        median(f"{name}: C and S", told, "1/s"),
        median(f"{name}: projects claimed, 1 worker", claims[1], "1/s"),
        median(f"{name}: projects claimed, 4 workers", claims[4], "1/s"),
    ]


async def _claims_a_second(address: str, workers: int) -> float:
    """Claims of ten projects each, until none is left; each project is claimed by one worker."""
    opened = [Database(address, chance=random.random)]
    await opened[0].open()
    if opened[0].dialect != "sqlite":  # a SQLite file has one process, whose tasks share a connection
        opened += [Database(address, chance=random.random) for _ in range(workers - 1)]
    now = time.time_ns() // 1_000_000
    try:
        async with opened[0].write() as conn:
            await projects.recover(conn, now=now)
            await projects.spread(conn, seed.SERVER, now=now + 10**6, over_ms=1)

        async def work(number: int) -> list[int]:
            database, mine = opened[number % len(opened)], []
            while claimed := await _claim(database, f"worker-{number}", now + 2 * 10**6):
                mine += claimed
            return mine

        began = time.perf_counter()
        found: Sequence[list[int]] = await asyncio.gather(*(work(number) for number in range(workers)))
        took = time.perf_counter() - began
    finally:
        for one in opened:
            await one.close()
    every = [one for mine in found for one in mine]
    if len(every) != len(set(every)):
        raise AssertionError("a project was claimed twice")
    return len(every) / took


async def _claim(database: Database, token: str, now: int) -> list[int]:
    """Claim some projects that are due; their ids."""

    async def claim(conn: Connection) -> list[int]:
        due = await projects.claim_due(conn, seed.SERVER, token=token, now=now, due_by=now, limit=BATCH)
        return [one.id for one in due]

    return await transact(database, claim)


async def _growth(url: str, scale: Scale) -> list[Row]:
    """How a file grows in the mix, for one project and day."""
    await post(f"{url}/control", {"moved": 0.01})
    file = ROOT / "build" / "bench" / "store.db"
    database = await seed.sqlite(file, 100)
    polls = scale.of(4_000, 400)
    arguments = ("pipeline", "--oms", url, "--projects", "100", "--database", database)
    before = _size(file)
    async with module("benchmarks.worker", *arguments, core=CLIENT) as worker:
        await worker.ask(str(polls))
    grown = (_size(file) - before) / polls
    return [
        Row("SQLite: a project and day in this mix (86 changes of status)", grown * DAY_POLLS / 1e3, "kB"),
        Row("SQLite: a change of status, with all that it leads to", grown * 100 / 1e3, "kB"),
    ]


def _size(file: Path) -> int:
    return sum(
        Path(f"{file}{suffix}").stat().st_size for suffix in ("", "-wal") if Path(f"{file}{suffix}").exists()
    )
