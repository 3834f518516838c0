"""From a change to its message, once an answer showed it; and from Alertmanager's API to its message."""

import asyncio
import shutil
import time
from contextlib import AsyncExitStack

from benchmarks import seed
from benchmarks.bot import bot
from benchmarks.children import ROOT, oms, post, slack
from benchmarks.prometheus import ALERTMANAGER, alert, alertmanager
from benchmarks.result import Result, Row, Scale, at_most, percentile, ratio

PROJECTS = 200
INTERVAL_S = 2  # 100 polls a second, as many as 1,000 projects have at the usual pace
PAUSE_S = 0.4  # more than a message needs: what one waits for another is the burst's question
Times = dict[str, float]


async def measure(scale: Scale) -> Result:
    """Failures one by one, each of another project in another channel, in alternating rounds."""
    number = scale.of(50, 4)
    async with AsyncExitStack() as stack:
        url, talk = await stack.enter_async_context(oms()), await stack.enter_async_context(slack())
        await post(f"{url}/control", {"moved": 0})
        await post(f"{talk}/control/log", {"limited": False})
        database = await seed.sqlite(ROOT / "build" / "bench" / "telling.db", PROJECTS, interval_s=INTERVAL_S)
        await stack.enter_async_context(bot(database=database, oms=url, slack=talk, interval_s=INTERVAL_S))
        manager = None
        if shutil.which(ALERTMANAGER):
            hook = f"{talk}/hook/alone"
            manager = await stack.enter_async_context(alertmanager(hook, group_by="project"))
        await asyncio.sleep(3)
        raised: Times = {}
        for one in range(number):
            await post(f"{url}/control", {"fail": [seed.oms_id(one)]})
            await asyncio.sleep(PAUSE_S)
            if manager:
                project = seed.oms_id(1_000 + one)
                raised[project] = time.time()
                await post(f"{manager.url}/api/v2/alerts", [alert(project)])
        await asyncio.sleep(3)
        served: Times = (await post(f"{url}/control", {}))["served"]
        said = (await post(f"{talk}/control/log", {}))["said"]
    ours, theirs = _delays(served, said), _delays(raised, said)
    rows = [
        at_most(
            Row(
                "bot: from OMS's answer to the message, p50",
                percentile(ours, 0.5),
                "ms",
                min(ours),
                max(ours),
            ),
            50,
        ),
        at_most(Row("bot: p99", percentile(ours, 0.99), "ms"), 500),
        at_most(Row("bot: not told", number - len(ours), ""), 0, "0"),
    ]
    notes = [
        f"{number} failures, one at a time, beside 100 polls a second.",
        "The clock starts when the stand-in for OMS writes the answer.",
    ]
    if manager:
        rows += [
            Row(
                "Alertmanager: from its API to the message, p50",
                percentile(theirs, 0.5),
                "ms",
                min(theirs),
                max(theirs),
            ),
            Row("Alertmanager: p99", percentile(theirs, 0.99), "ms"),
            ratio("bot / Alertmanager, p50", [percentile(ours, 0.5)], [percentile(theirs, 0.5)]),
        ]
        notes.append(
            "Alertmanager has `group_wait: 0s`; what Prometheus takes to evaluate a rule comes before it."
        )
    else:
        notes.append("Alertmanager is not installed here: left out.")
    return Result("From change to message", rows, notes, {"bot_ms": ours, "alertmanager_ms": theirs})


def _delays(began: Times, said: list[dict[str, object]]) -> list[float]:
    """Milliseconds from each beginning to the first message that names the project."""
    found = []
    for project, at in began.items():
        times = [float(str(one["at"])) for one in said if project in str(one["text"])]
        if times:
            found.append((min(times) - at) * 1000)
    return found
