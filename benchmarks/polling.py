"""What one poll costs: the whole pipeline beside the bare client, httpx's default transport, and curl."""

import resource
import subprocess
from contextlib import AsyncExitStack

from benchmarks import seed
from benchmarks.children import ROOT, Child, module
from benchmarks.machine import CLIENT, SERVER, cpu_s, pinned
from benchmarks.result import Result, Row, Scale, at_least, median, ratio
from benchmarks.standins.limit import ask

PROJECTS = 1_000
POLLS = {"pipeline": 1_500, "bare": 6_000, "default": 400}
SCRIPT = (
    'for id in $IDS; do curl -s -u bench:bench -H "Content-Type: application/json" '
    '-d "{\\"id\\":\\"$id\\"}" "$URL" | jq -r ".data[] | select(.status == \\"FAILED\\") | .name"; done'
)


async def measure(scale: Scale) -> Result:
    """Alternating rounds on one core against one server on another; polls a CPU-second of each way."""
    rounds, share = scale.of(5, 2), scale.of(1, 10)
    rates: dict[str, list[float]] = {way: [] for way in (*POLLS, "curl")}
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(module("benchmarks.standins.oms", core=SERVER))
        url = f"http://127.0.0.1:{server.said['port']}"
        limit = await _limit(server, scale)
        database = await seed.sqlite(ROOT / "build" / "bench" / "polling.db", PROJECTS, interval_s=0)
        ways: dict[str, Child] = {}
        for way in POLLS:
            arguments = ("--oms", url, "--projects", str(PROJECTS), "--database", database)
            ways[way] = await stack.enter_async_context(
                module("benchmarks.worker", way, *arguments, core=CLIENT)
            )
            await ways[way].ask(str(PROJECTS if way != "default" else 100))
        for _ in range(rounds):
            for way, child in ways.items():
                took = await child.ask(str(POLLS[way] // share))
                rates[way].append(took["polls"] / took["cpu_s"])
            rates["curl"].append(_curl(url, scale.of(20, 5)))
    return Result(
        "Polling: polls a CPU-second",
        [
            median("whole pipeline: fetch, parse, compare, detect, store", rates["pipeline"], "1/s"),
            median("bare client loop: same httpx and transport, body thrown away", rates["bare"], "1/s"),
            median("httpx's default transport, 50 in flight", rates["default"], "1/s"),
            median("bash, curl and jq", rates["curl"], "1/s"),
            at_least(ratio("pipeline / bare loop", rates["pipeline"], rates["bare"]), 0.8),
            at_least(ratio("pipeline / default transport", rates["pipeline"], rates["default"]), 8),
            ratio("pipeline / curl and jq", rates["pipeline"], rates["curl"]),
            Row("the stand-in's own limit, asked over raw sockets", limit, "answers a CPU-second"),
        ],
        [
            f"{PROJECTS:,} projects on SQLite; an answer has about 4 kB.",
            "Of the answers 30 % have other counters than before, and 1 % another status.",
            "curl asks one project after another, a process each, as a script in cron would.",
        ],
        {"rates": rates},
    )


async def _limit(server: Child, scale: Scale) -> float:
    """Answers a CPU-second of the stand-in, asked by a client that costs next to nothing."""
    before, number = cpu_s(server.pid), scale.of(40_000, 20_000)
    await ask(server.said["port"], number)
    return number / (cpu_s(server.pid) - before)


def _curl(url: str, number: int) -> float:
    """Polls a CPU-second of a shell script, with all that it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ids = " ".join(seed.oms_id(one) for one in range(number))
    env = {"PATH": "/usr/bin:/bin", "IDS": ids, "URL": f"{url}/api/v2?Action=DescribeProjectSteps"}
    with pinned(CLIENT):
        subprocess.run(["bash", "-c", SCRIPT], env=env, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return number / (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
