"""The passes and their pace."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from omsbot.metrics import Metrics
from omsbot.runtime.schedule import OVERDUE_S, Pass, Schedule
from tests.waiting import PATIENCE_S

NEVER_S = 3_600.0


async def ignored(by_ms: int) -> None:
    pass


class Counted:
    """A pass that counts its runs, waits where it is told to, and fails where it is told to."""

    def __init__(self) -> None:
        self.runs = self.ended = 0
        self.error: Exception | None = None
        self.free = asyncio.Event()
        self.free.set()
        self.changed = asyncio.Condition()

    async def __call__(self) -> None:
        self.runs += 1
        await self._tell()
        await self.free.wait()
        if self.error:
            raise self.error
        self.ended += 1
        await self._tell()

    async def _tell(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def until(self, *, runs: int = 0, ended: int = 0) -> None:
        async with asyncio.timeout(PATIENCE_S), self.changed:
            await self.changed.wait_for(lambda: self.runs >= runs and self.ended >= ended)


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
async def schedule(metrics: Metrics) -> AsyncIterator[Schedule]:
    one = Schedule(metrics, clock=lambda: 1_700_000_000_000, on_step_back=ignored)
    yield one
    await one.stop()


async def test_a_pass_runs_again_and_again(schedule: Schedule) -> None:
    poll = Counted()
    schedule.add("poll", poll, every_s=0.05)
    schedule.start()

    await poll.until(ended=3)

    assert schedule.problem() is None


async def test_a_woken_pass_runs_ahead_of_its_time(schedule: Schedule) -> None:
    tell = Counted()
    schedule.add("tell", tell, every_s=NEVER_S)
    schedule.start()

    schedule.wake("tell")
    await tell.until(ended=1)
    schedule.wake("tell", 0.01)
    await tell.until(ended=2)


async def test_a_pass_that_fails_is_logged_counted_and_run_again(
    schedule: Schedule, metrics: Metrics, caplog: pytest.LogCaptureFixture
) -> None:
    poll = Counted()
    poll.error = ValueError("the reason")
    schedule.add("poll", poll, every_s=NEVER_S)
    schedule.start()
    schedule.wake("poll")
    await poll.until(runs=1)
    poll.error = None
    schedule.wake("poll")
    await poll.until(ended=1)

    assert "the reason" in caplog.text
    assert b'omsbot_pass_errors_total{name="poll"} 1.0' in metrics.render()


async def test_a_pass_that_hangs_holds_up_no_other_and_is_not_started_twice(schedule: Schedule) -> None:
    hanging, other = Counted(), Counted()
    hanging.free.clear()
    schedule.add("hanging", hanging, every_s=0.05)
    schedule.add("other", other, every_s=0.05)
    schedule.start()

    await hanging.until(runs=1)
    schedule.wake("hanging")
    await other.until(ended=3)

    assert hanging.runs == 1
    hanging.free.set()
    await hanging.until(ended=2)


async def test_a_stop_waits_for_a_woken_pass_to_clean_up_and_starts_none(schedule: Schedule) -> None:
    tell = Counted()
    schedule.add("tell", tell, every_s=NEVER_S)
    schedule.start()
    tell.free.clear()
    schedule.wake("tell")
    await tell.until(runs=1)

    await schedule.stop()
    schedule.wake("tell")
    await asyncio.sleep(0)

    assert tell.runs == 1


async def test_a_pass_that_a_stop_ends_is_no_error(
    schedule: Schedule, caplog: pytest.LogCaptureFixture
) -> None:
    hanging = Counted()
    hanging.free.clear()
    schedule.add("hanging", hanging, every_s=0.05)
    schedule.start()
    await hanging.until(runs=1)

    await schedule.stop()
    await asyncio.sleep(0.01)  # what was ended is reported in the loop's next rounds

    assert hanging.ended == 0
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_a_pass_is_overdue_when_it_has_not_ended_for_long() -> None:
    async def nothing() -> None:
        return

    often, seldom = Pass("often", nothing, 1.0), Pass("seldom", nothing, 60.0)

    assert [often.overdue(at) for at in (OVERDUE_S, OVERDUE_S + 1)] == [False, True]
    assert [seldom.overdue(at) for at in (OVERDUE_S + 1, 181.0)] == [False, True]


async def test_passes_that_do_not_come_to_their_end_are_named(schedule: Schedule) -> None:
    schedule.add("poll", Counted(), every_s=NEVER_S)
    schedule.add("tell", Counted(), every_s=1.0)
    schedule.start()
    schedule._passes["tell"].ended_at -= OVERDUE_S + 1

    assert schedule.problem() == "these passes do not run: tell; the log says why"
