"""How the costs grow with the number of projects: CPU of a poll, memory and database."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from benchmarks import picture, seed
from benchmarks.bot import bot
from benchmarks.children import ROOT, module, oms, slack
from benchmarks.machine import CLIENT
from benchmarks.picture import Curve
from benchmarks.result import Result, Row, Scale, at_most, median
from omsbot.db.engine.migrations import upgrade

SIZES = (10, 100, 1_000, 10_000)
CONSTANT = 1.15  # the dearest poll over the cheapest, from 100 projects on
RSS_MB = 150


async def measure(scale: Scale) -> Result:
    """Each size in turn, round by round; then the whole bot at each size until it polled every project."""
    sizes = SIZES[: scale.of(4, 2)]
    micros = await _poll_costs(sizes, rounds=scale.of(3, 2), polls=scale.of(700, 100))
    memory, stored = {}, {}
    for size in (0, *sizes):
        memory[size], stored[size] = await _at_rest(size, scale)
    curves = [
        Curve("CPU of one poll", "µs", [sorted(micros[size])[len(micros[size]) // 2] for size in sizes]),
        Curve("Memory of the bot", "MB", [memory[size] for size in sizes]),
        Curve("Database", "MB", [stored[size] for size in sizes]),
    ]
    if not scale.quick:
        picture.draw(ROOT / "docs" / "growth.png", sizes, curves)
    rows = [median(f"CPU of a poll, {size:,} projects", micros[size], "µs") for size in sizes]
    wide = [row.value for row, size in zip(rows, sizes, strict=True) if size >= 100]
    rows.append(
        at_most(Row("dearest / cheapest poll from 100 projects on", max(wide) / min(wide), "x"), CONSTANT)
    )
    rows.append(Row("memory, no project", memory[0], "MB"))
    rows += [Row(f"memory, {size:,} projects", memory[size], "MB") for size in sizes]
    rows[-1] = at_most(rows[-1], RSS_MB)
    rows += [Row(f"database file, {size:,} projects", stored[size], "MB") for size in sizes]
    rows += [Row(f"slope of {curve.title.lower()}", curve.slope(sizes), "") for curve in curves]
    return Result(
        "Growth and memory",
        rows,
        [
            "The slope is that of a line on logarithmic axes: 0 is constant, 1 proportional.",
            "Memory is that of `omsbot run` after it polled every project once or more, each with a card.",
            "![Growth](growth.png)",
        ],
        {"us_a_poll": micros},
    )


async def _poll_costs(sizes: tuple[int, ...], *, rounds: int, polls: int) -> dict[int, list[float]]:
    """Microseconds of CPU a poll, by the number of projects."""
    costs: dict[int, list[float]] = {size: [] for size in sizes}
    async with AsyncExitStack() as stack:
        workers = {}
        for size in sizes:
            url = await stack.enter_async_context(oms())  # its own: what one asks changes no other's projects
            database = await seed.sqlite(_file(size), size, interval_s=0)
            arguments = ("pipeline", "--oms", url, "--projects", str(size), "--database", database)
            workers[size] = await stack.enter_async_context(
                module("benchmarks.worker", *arguments, core=CLIENT)
            )
            await workers[size].ask(str(size + min(polls // 2, 10 * size)))  # each is known by then
        for _ in range(rounds):
            for size, worker in workers.items():
                took = await worker.ask(str(min(polls, 20 * size)))
                costs[size].append(took["cpu_s"] / took["polls"] * 1e6)
    return costs


async def _at_rest(size: int, scale: Scale) -> tuple[float, float]:
    """MB of memory and of database of the whole bot, once it polled all."""
    interval = 10 if size > 1_000 else 2
    async with AsyncExitStack() as stack:
        url, talk = await stack.enter_async_context(oms()), await stack.enter_async_context(slack())
        file = _file(size)
        database = await seed.sqlite(file, max(1, size), interval_s=interval)
        if not size:
            database = f"sqlite:///{file.with_name('empty.db')}"
            await upgrade(database)
        one = await stack.enter_async_context(
            bot(database=database, oms=url, slack=talk, interval_s=interval)
        )
        for _ in range(scale.of(30, 1)):
            await asyncio.sleep(1)
            if size and (await one.read()).polls >= 1.5 * size:
                break
            if not size:
                break
        return one.rss_mb(), file.stat().st_size / 1e6


def _file(size: int) -> Path:
    return ROOT / "build" / "bench" / f"growth-{size}.db"
