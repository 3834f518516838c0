"""A fleet of 10,000 projects, each polled every 10 s, in one process; and Prometheus with the same fleet."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from itertools import pairwise

from benchmarks import prometheus, seed
from benchmarks.bot import Bot, Reading, bot, quantile
from benchmarks.children import ROOT, oms, post, slack
from benchmarks.result import Result, Row, Scale, at_most, median, percentile, ratio

INTERVAL_S = 10
COMMANDS_A_SECOND = 50
LAG = "omsbot_poll_lag_seconds"


async def measure(scale: Scale) -> Result:
    """The bot, the bot with people who type commands, then Prometheus: each in windows on the same core."""
    projects, windows, window_s = scale.of(10_000, 200), scale.of(4, 2), scale.of(6, 2)
    async with AsyncExitStack() as stack:
        url, talk = await stack.enter_async_context(oms()), await stack.enter_async_context(slack())
        database = await seed.sqlite(ROOT / "build" / "bench" / "fleet.db", projects, interval_s=INTERVAL_S)
        async with bot(database=database, oms=url, slack=talk, interval_s=INTERVAL_S) as one:
            await asyncio.sleep(scale.of(12, 1))
            readings = await _watched(one, windows, window_s)
            memory = one.rss_mb()
            command = {"text": "steps np_{n}", "projects": projects, "rate": COMMANDS_A_SECOND}
            before = await one.read()
            acks = await post(f"{talk}/control/commands", {**command, "seconds": scale.of(10, 2)})
            busy = await one.read()
        beside = await prometheus.watched(
            url,
            f"{talk}/hook/fleet",
            projects,
            every_s=INTERVAL_S,
            warm_s=scale.of(20, 7),
            windows=windows,
            window_s=window_s,
        )
    shares = _shares(readings)
    answered = [ack * 1000 for ack in acks if ack is not None]
    first, last = readings[0], readings[-1]
    rate = (last.polls - first.polls) / (last.at - first.at)
    rows = [
        at_most(median("CPU of one core", shares, "cores"), 0.30),
        Row(
            "polls",
            rate,
            "1/s",
            goal=f"{projects // INTERVAL_S:,}",
            holds=rate >= 0.9 * projects / INTERVAL_S,
        ),
        at_most(Row("poll lag p99", quantile(first, last, LAG, 0.99), "s"), 1),
        at_most(Row("memory", memory, "MB"), 150),
        Row(
            "CPU of a poll in the running bot",
            1e6 * (last.cpu_s - first.cpu_s) / max(1, last.polls - first.polls),
            "µs",
        ),
        at_most(
            Row("slash commands beside it, acknowledged: p99", percentile(answered or [1e4], 0.99), "ms"), 100
        ),
        Row("commands without an acknowledgement", len(acks) - len(answered), ""),
        Row("CPU with the commands", (busy.cpu_s - before.cpu_s) / (busy.at - before.at), "cores"),
    ]
    notes = [
        f"{projects:,} projects in 50 channels, `omsbot run` on SQLite, everything on.",
        f"{COMMANDS_A_SECOND} times a second somebody types `/oms steps`, and is answered.",
    ]
    if beside is None:
        notes.append("Prometheus and Alertmanager are not installed here: left out.")
    else:
        rows += [
            median("Prometheus, Alertmanager and bridge: CPU of one core", beside.shares, "cores"),
            Row("Prometheus, Alertmanager and bridge: memory", beside.rss_mb, "MB"),
            median("the same without the bridge: CPU of one core", beside.alone, "cores"),
            Row("Prometheus: scrapes", beside.scrapes_a_second, "1/s"),
            at_most(
                ratio(
                    "CPU of a poll / of a scrape by Prometheus and the rest",
                    [share / max(rate, 1e-3) for share in shares],
                    [max(share, 1e-3) / max(beside.scrapes_a_second, 1e-3) for share in beside.shares],
                ),
                0.8,
            ),
            at_most(Row("memory: bot / Prometheus and the rest", memory / beside.rss_mb, "x"), 0.15),
        ]
        notes += [
            "Their CPU is compared for equal work: where the machine is busy, either may fall behind.",
            "Prometheus scrapes one target a project every 10 s, for one rule; its memory still grows.",
            "The bridge between OMS and Prometheus is as lean as Python allows: it checks nothing.",
        ]
    return Result(
        "A fleet of 10,000 projects, polled every 10 s" if not scale.quick else "A small fleet", rows, notes
    )


async def _watched(one: Bot, windows: int, window_s: float) -> list[Reading]:
    readings = [await one.read()]
    for _ in range(windows):
        await asyncio.sleep(window_s)
        readings.append(await one.read())
    return readings


def _shares(readings: Sequence[Reading]) -> list[float]:
    pairs = pairwise(readings)
    return [(after.cpu_s - before.cpu_s) / (after.at - before.at) for before, after in pairs]
