"""How long a person waits for `omsbot --help`, and an operator for a bot that is ready."""

import subprocess
import sys
import time

from benchmarks import seed
from benchmarks.bot import bot
from benchmarks.children import ROOT, oms, slack
from benchmarks.machine import CLIENT, pinned
from benchmarks.result import Result, Scale, median


async def measure(scale: Scale) -> Result:
    """A new process each time."""
    with pinned(CLIENT):
        bare = [_ran("-c", "pass") for _ in range(scale.of(9, 2))]
        helped = [_ran("-m", "omsbot", "--help") for _ in range(scale.of(9, 2))]
    ready = []
    async with oms() as url, slack() as talk:
        for _ in range(scale.of(5, 1)):
            database = await seed.sqlite(ROOT / "build" / "bench" / "starting.db", scale.of(1_000, 100))
            async with bot(database=database, oms=url, slack=talk) as one:
                ready.append(one.ready_after_s * 1000)
    return Result(
        "Start",
        [
            median("`python -c pass`", bare, "ms"),
            median("`omsbot --help`", helped, "ms"),
            median("`omsbot run` until `/readyz` is 200, 1,000 projects", ready, "ms"),
        ],
    )


def _ran(*arguments: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True, cwd=ROOT)
    return (time.perf_counter() - began) * 1000
