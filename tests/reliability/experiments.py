"""Every experiment by its name, in a form of seconds and at full size."""

import asyncio
import logging
import tempfile
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from omsbot.db.engine.migrations import upgrade
from omsbot.runtime.garbage import collect_seldom
from tests.reliability import ordeals, outages
from tests.reliability.day.living import Seen, differences, live
from tests.reliability.day.model import expected
from tests.reliability.day.plan import draw
from tests.reliability.exploring import STEPS, explore
from tests.reliability.failpoints import Points, a_point_of_each_kind, all_points, all_points_in_turn, sweep
from tests.reliability.kills import kill_often
from tests.reliability.slack import Reply
from tests.reliability.stories import CARD, NEWS, OVERVIEW, Story
from tests.reliability.world import World, opened

Result = dict[str, Any]
Experiment = Callable[[Path], Result]
# in memory where the system has such a place: its disk is not what is tried
PLACE = Path("/dev/shm") if Path("/dev/shm").is_dir() else None


def kills(folder: Path, *, number: int, transitions: int, settling: bool = True) -> Result:
    work = kill_often(folder, kills=number, transitions=transitions, seed=7, settling=settling, pause_s=0.1)
    return asyncio.run(work).to_json()


def failpoints(folder: Path, *, story: Story, points: Points = a_point_of_each_kind) -> Result:
    async def work(world: World) -> Result:
        runs, wrong = 0, {}
        for reply in Reply:
            found = await sweep(story, reply, world, points)
            runs += found.runs
            wrong.update({f"{reply}: {name}": problems for name, problems in found.wrong.items()})
        return {"runs": runs, "wrong": wrong}

    return in_memory(folder, work)


def state_machine(folder: Path, *, runs: int, start: int = 2_000) -> Result:
    with asyncio.Runner() as runner:
        file = runner.run(migrated(folder))
        opening = opened(file)
        world = runner.run(opening.__aenter__())
        try:
            explore(world, runner.run, runs=runs, start=start)
        finally:
            runner.run(opening.__aexit__(None, None, None))
    return {"runs": runs, "steps": STEPS, "seed": start}


def outage(folder: Path, *, name: str, **size: int) -> Result:
    return in_memory(folder, lambda world: getattr(outages, name)(world, **size))


def day(folder: Path, *, projects: int, servers: int, seed: int = 1) -> Result:
    """A day of many projects beside an independent model of it; the same seed must leave the same trace."""

    async def lived(size: int) -> tuple[list[str], list[Seen]]:
        plan = draw(seed, projects=size, servers=servers)
        seen = await live(plan, await migrated(folder))
        return differences(expected(plan), seen), seen

    found, seen = asyncio.run(lived(projects))
    one, other = (asyncio.run(lived(servers * 2))[1] for _ in range(2))
    return {"projects": projects, "events": len(seen), "wrong": found, "same_trace": one == other}


def ordeal(folder: Path, *, name: str, **size: Any) -> Result:
    result: Result = asyncio.run(getattr(ordeals, name)(folder, **size))
    return result


def in_memory(folder: Path, work: Callable[[World], Any]) -> Result:
    async def run() -> Result:
        async with opened(await migrated(folder)) as world:
            result: Result = await work(world)
            return result

    return asyncio.run(run())


async def migrated(folder: Path) -> Path:
    file = Path(tempfile.mkdtemp(dir=PLACE or folder)) / "omsbot.db"
    await upgrade(f"sqlite:///{file}")
    return file


LONG: dict[str, Experiment] = {
    "kills": partial(kills, number=200, transitions=500),
    "failpoints of an overview": partial(failpoints, story=OVERVIEW, points=all_points_in_turn),
    "state machine": partial(state_machine, runs=2_000),
    "failpoints of news": partial(failpoints, story=NEWS, points=all_points),
    "failpoints of a card": partial(failpoints, story=CARD, points=all_points),
    "kills without settling": partial(kills, number=20, transitions=100, settling=False),
    "signals": partial(ordeal, name="signals", times=50),
    "oms down": partial(outage, name="oms_down"),
    "slack down": partial(outage, name="slack_down"),
    "burst": partial(outage, name="burst"),
    "locked database": partial(ordeal, name="locked_database"),
    "full disk": partial(ordeal, name="full_disk"),
    "torn log": partial(ordeal, name="torn_log"),
    "commands": partial(ordeal, name="commands"),
    "a day": partial(day, projects=200, servers=4),
}
SHORT: dict[str, Experiment] = {
    "kills": partial(kills, number=5, transitions=40),
    "state machine": partial(state_machine, runs=40),
    "failpoints of an overview": partial(failpoints, story=OVERVIEW),
    "failpoints of news": partial(failpoints, story=NEWS),
    "failpoints of a card": partial(failpoints, story=CARD),
    "kills without settling": partial(kills, number=5, transitions=40, settling=False),
    "signals": partial(ordeal, name="signals", times=3),
    "oms down": partial(outage, name="oms_down", projects=20, places=2, pace_s=10),
    "slack down": partial(outage, name="slack_down", projects=7, places=2, changes=4),
    "burst": partial(outage, name="burst", projects=120),
    "locked database": partial(ordeal, name="locked_database", for_s=5.0),
    "full disk": partial(ordeal, name="full_disk", for_s=5.0),
    "torn log": partial(ordeal, name="torn_log", times=2),
    "commands": partial(ordeal, name="commands", number=100),
    "a day": partial(day, projects=10, servers=2),
}


def experiment(name: str, *, long: bool) -> Result:
    """Run one by its name; an exception is its result."""
    logging.disable(logging.CRITICAL)
    collect_seldom()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            result = (LONG if long else SHORT)[name](Path(folder))
        except Exception:  # noqa: BLE001  # the other experiments go on, and the report says what happened
            result = {"error": traceback.format_exc()}
    return {**result, "took_s": round(time.monotonic() - began)}
