"""Kill -9 of the real process at random moments, while Slack and OMS fail: is each event told once?"""

import asyncio
import random
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from omsbot.sandbox.oms import SimulatedProject
from tests.reliability.distance import (
    Outside,
    ShareOfFaults,
    ShareOfOmsFaults,
    eventually,
    launch,
    outside,
    subscribe,
)

CHANNELS = ("migrations", "general", "orders", "billing")
PROJECTS = 12
REST_S = 240.0
UNSEEN_S = 240.0  # no change is seen for so long: something is wrong


@dataclass(slots=True)
class KillResult:
    kills: int
    transitions: int
    seed: int
    settling: bool
    seen: int = 0  # events of those transitions that the polls saw
    told: int = 0
    lost: int = 0
    double: int = 0
    out_of_order: int = 0
    stuck: int = 0
    seconds: float = 0.0
    slack_faults: Mapping[str, int] = field(default_factory=dict)
    oms_faults: Mapping[str, int] = field(default_factory=dict)
    details: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, object]:
        return asdict(self)


class Driver:
    """Lets projects fail and recover; each goes on only when a poll has seen its last change."""

    def __init__(self, around: Outside, names: list[str], wanted: int, chance: random.Random) -> None:
        self.around = around
        self.wanted = wanted
        self.done = dict.fromkeys(names, 0)
        self._chance = chance

    @property
    def total(self) -> int:
        return sum(self.done.values())

    def seen(self) -> dict[str, int]:
        """How many of its changes the polls saw, by project."""
        query = """
            SELECT p.oms_id, count(e.id) FROM projects p LEFT JOIN events e
            ON e.subject = 'p:' || p.id AND e.kind IN ('step_failed', 'step_recovered') GROUP BY p.id
        """
        return dict(self.around.ledger.rows(query))

    async def run(self, pause_s: float) -> None:
        """Make every change; raises TimeoutError where the polls see none of them any more."""
        moved = time.monotonic()
        while self.total < self.wanted:
            await asyncio.sleep(pause_s)
            seen = self.seen()
            ready = [name for name, done in self.done.items() if seen.get(name, 0) == done]
            if ready:
                self._move(self._chance.choice(ready))
                moved = time.monotonic()
            elif time.monotonic() - moved > UNSEEN_S:
                raise TimeoutError(f"the polls see nothing any more: {seen} of {self.done}")

    def _move(self, name: str) -> None:
        oms = self.around.oms
        if self.done[name] % 2:
            oms.recover(name)
        else:
            oms.fail(name, message=f"marker-{name}-{self.done[name]:04}.")
        self.done[name] += 1


async def kill_often(
    folder: Path,
    *,
    kills: int,
    transitions: int,
    seed: int,
    settling: bool = True,
    pause_s: float = 0.25,
    slack_share: float = 0.2,
    oms_share: float = 0.1,
) -> KillResult:
    """Run the whole experiment; `settling` False takes the bot's right to read the history away."""
    chance = random.Random(seed)
    names = [f"np_kill{number:04}" for number in range(PROJECTS)]
    projects = [SimulatedProject(name, "slow", f"{name}-to-ob", 600) for name in names]
    result = KillResult(kills, transitions, seed, settling)
    began = time.monotonic()
    async with outside(folder, projects, CHANNELS, history=settling) as around:
        driver = Driver(around, names, transitions, chance)
        process = await launch(around)
        try:
            for number, name in enumerate(names):
                await subscribe(around, name, CHANNELS[number % len(CHANNELS)])
            around.slack.api.faults = slack_faults = ShareOfFaults(slack_share, chance)
            around.oms.faults = oms_faults = ShareOfOmsFaults(oms_share, chance)
            driving = asyncio.create_task(driver.run(pause_s))
            for _ in range(kills):
                await _random_moment(around, chance)
                await process.kill()
                process = await launch(around)
            await driving
            slack_faults.share = oms_faults.share = 0.0
            await _rest(around, driver)
            _judge(around, driver, result)
        finally:
            await process.kill()
    result.slack_faults, result.oms_faults = dict(slack_faults.used), dict(oms_faults.used)
    result.seconds = round(time.monotonic() - began, 1)
    return result


async def _random_moment(around: Outside, chance: random.Random) -> None:
    """One in four just after a post began, one in eight while the bot starts, the rest at any time."""
    if chance.random() < 0.125:
        await asyncio.sleep(chance.uniform(0.0, 1.0))
        return
    polls = around.oms.actions.total()
    await eventually(lambda: around.oms.actions.total() > polls, within_s=20)
    if chance.random() < 0.3:
        posts = _posts(around)
        await eventually(lambda: _posts(around) > posts, within_s=5, every_s=0.002)
        await asyncio.sleep(chance.uniform(0.0, 0.02))
        return
    await asyncio.sleep(chance.uniform(0.0, 3.0))


def _posts(around: Outside) -> int:
    return sum(call.method == "chat.postMessage" for call in around.slack.api.calls)


async def _rest(around: Outside, driver: Driver) -> None:
    """Wait until the polls saw everything, and all of it is told and settled; twins take their time."""

    def rested() -> bool:
        left = around.ledger.unsettled(int(time.time() * 1000))
        return driver.seen() == driver.done and all("may have a twin" in one for one in left)

    await eventually(rested, within_s=REST_S, every_s=0.5)


def _judge(around: Outside, driver: Driver, result: KillResult) -> None:
    verdict = around.ledger.verdict(around.shown(), int(time.time() * 1000))
    stuck = [one for one in verdict.stuck if "may have a twin" not in one]
    seen = driver.seen()
    unseen = [f"{name}: {done - seen.get(name, 0)} of {done} unseen" for name, done in driver.done.items()]
    result.seen = sum(seen.values())
    result.told = around.ledger.rows("SELECT count(*) FROM deliveries WHERE state = 'told'")[0][0]
    texts = around.texts()
    twice = [marker for marker in _markers(driver) if sum(marker in text for text in texts) > 1]
    result.lost = len(verdict.lost) + driver.total - result.seen
    result.double = max(len(verdict.double), len(twice))
    result.out_of_order = len(verdict.out_of_order)
    result.stuck = len(stuck)
    result.details = [*verdict.lost, *verdict.double, *verdict.out_of_order, *stuck, *twice]
    if driver.total != result.seen:
        result.details += unseen


def _markers(driver: Driver) -> list[str]:
    """What the failures said: each stands in one message at most."""
    return [
        f"marker-{name}-{number:04}." for name, done in driver.done.items() for number in range(0, done, 2)
    ]
