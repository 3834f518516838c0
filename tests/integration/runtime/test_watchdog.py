"""What APScheduler forgets, the watchdog sets going again."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from omsbot.metrics import Metrics
from omsbot.runtime.schedule import Schedule
from tests.waiting import PATIENCE_S


async def ignored(by_ms: int) -> None:
    pass


class Counting:
    def __init__(self) -> None:
        self.runs = 0
        self.ran = asyncio.Event()

    async def run(self) -> None:
        self.runs += 1
        self.ran.set()

    async def again(self) -> None:
        self.ran.clear()
        await asyncio.wait_for(self.ran.wait(), PATIENCE_S)


@pytest.fixture
async def scene() -> AsyncIterator[tuple[Schedule, Counting]]:
    schedule, counting = Schedule(Metrics(), clock=lambda: 0, on_step_back=ignored), Counting()
    schedule.add("poll", counting.run, every_s=0.2)
    schedule.start()
    yield schedule, counting
    await schedule.stop()


def inner(schedule: Schedule) -> Any:
    return schedule._scheduler


async def test_a_clock_that_was_set_back_an_hour_does_not_stop_a_pass(
    scene: tuple[Schedule, Counting],
) -> None:
    schedule, counting = scene
    await counting.again()
    # what a clock set back leaves behind: the next run lies an hour ahead
    inner(schedule).modify_job("poll", next_run_time=datetime.now(UTC) + timedelta(hours=1))

    await counting.again()
    await counting.again()


async def test_a_timer_that_was_lost_does_not_stop_a_pass(scene: tuple[Schedule, Counting]) -> None:
    schedule, counting = scene
    await counting.again()
    inner(schedule)._stop_timer()

    await counting.again()
    await counting.again()


async def test_a_pass_that_takes_long_is_not_taken_for_forgotten() -> None:
    schedule, begun, may_end = (
        Schedule(Metrics(), clock=lambda: 0, on_step_back=ignored),
        asyncio.Event(),
        asyncio.Event(),
    )

    async def slow() -> None:
        begun.set()
        await may_end.wait()

    schedule.add("slow", slow, every_s=0.1)
    schedule.start()
    await asyncio.wait_for(begun.wait(), PATIENCE_S)
    schedule._passes["slow"].began_at -= 3600

    assert schedule.rearm() == []
    assert schedule.problem() is None
    may_end.set()
    await schedule.stop()


async def test_a_pass_that_fails_is_run_again_and_makes_the_bot_unready_in_the_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    schedule, failed = Schedule(Metrics(), clock=lambda: 0, on_step_back=ignored), asyncio.Event()
    runs = 0

    async def failing() -> None:
        nonlocal runs
        runs += 1
        if runs > 1:
            failed.set()
        raise RuntimeError("no disk")

    schedule.add("poll", failing, every_s=0.1)
    schedule.start()
    await asyncio.wait_for(failed.wait(), PATIENCE_S)
    schedule._passes["poll"].ended_at -= 3600

    assert "poll" in (schedule.problem() or "")
    assert "a pass failed" in caplog.text
    await schedule.stop()


async def test_a_wall_clock_that_is_set_back_is_noticed_with_the_time_that_it_lost() -> None:
    lost: list[int] = []
    noticed = asyncio.Event()
    offset = 0

    async def note(by_ms: int) -> None:
        lost.append(by_ms)
        noticed.set()

    schedule = Schedule(Metrics(), clock=lambda: time.time_ns() // 1_000_000 + offset, on_step_back=note)
    schedule.start()
    await asyncio.sleep(0.1)
    offset = -3_600_000
    await asyncio.wait_for(noticed.wait(), PATIENCE_S)
    await schedule.stop()

    assert len(lost) == 1
    assert 3_590_000 < lost[0] <= 3_610_000
