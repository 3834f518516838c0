"""The passes and their pace: APScheduler calls each one, and a wake-up calls one ahead of its time.

APScheduler 3 goes by the wall clock and by one timer: a clock that is set back an hour, or a timer that is
lost, silences it. A watchdog on the monotonic clock finds passes that are due and sets them going again.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from omsbot.metrics import Metrics

log = logging.getLogger(__name__)

WATCH_S = 1.0
STEP_MS = 2_000  # a wall clock that falls behind the monotonic one by more was set back
LATE_S = 5.0  # a pass that has not begun for so long past its pace was forgotten by the scheduler
LONGEST_S = 120.0  # a pass that takes longer hangs, and is ended
OVERDUE_S = 30.0  # a pass that has not come to its end for so long makes the bot unready


@dataclass(slots=True)
class Pass:
    """One idempotent run of a periodic job. `began_at` and `ended_at` are monotonic, in seconds."""

    name: str
    run: Callable[[], Awaitable[object]]
    every_s: float
    began_at: float = 0.0
    ended_at: float = 0.0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    awake: asyncio.Event = field(default_factory=asyncio.Event)

    def forgotten(self, now: float) -> bool:
        return not self.turn.locked() and now - self.began_at > self.every_s + LATE_S

    def overdue(self, now: float) -> bool:
        return now - self.ended_at > max(OVERDUE_S, 3 * self.every_s)


class Schedule:
    def __init__(
        self,
        metrics: Metrics,
        *,
        clock: Callable[[], int],
        on_step_back: Callable[[int], Awaitable[None]],
    ) -> None:
        """`on_step_back` is called with the ms by which the wall clock was set back."""
        self._metrics = metrics
        self._clock = clock
        self._on_step_back = on_step_back
        self._passes: dict[str, Pass] = {}
        self._wakers: list[asyncio.Task[None]] = []
        self._stopping = False
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def add(self, name: str, run: Callable[[], Awaitable[object]], *, every_s: float) -> None:
        """Register a pass; it begins with `start`."""
        self._passes[name] = Pass(name, run, every_s)

    def start(self) -> None:
        now = time.monotonic()
        for one in self._passes.values():
            one.began_at = one.ended_at = now
            self._scheduler.add_job(
                self._run_in_time, "interval", seconds=one.every_s, args=[one], id=one.name
            )
            self._wakers.append(asyncio.get_running_loop().create_task(self._run_when_woken(one)))
        self._scheduler.start()
        self._wakers.append(asyncio.get_running_loop().create_task(self._watch()))

    async def stop(self) -> None:
        """Start no pass any more, and end those that run: each is idempotent and begins anew."""
        self._stopping = True
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        for waker in self._wakers:
            waker.cancel()
        await asyncio.gather(*self._wakers, return_exceptions=True)
        for one in self._passes.values():
            async with one.turn:
                pass

    def wake(self, name: str, after_s: float = 0.0) -> None:
        """Run a pass ahead of its time, at once or so many seconds from now."""
        asyncio.get_running_loop().call_later(after_s, self._passes[name].awake.set)

    async def _run_in_time(self, one: Pass) -> None:
        try:
            await self.run(one)
        except asyncio.CancelledError:
            # APScheduler logs what a job raises as an error, also what it ended itself
            if not self._stopping:
                raise

    async def _run_when_woken(self, one: Pass) -> None:
        while True:
            await one.awake.wait()
            one.awake.clear()
            await self.run(one)

    async def _watch(self) -> None:
        wall, monotonic = self._clock(), time.monotonic()
        while True:
            await asyncio.sleep(WATCH_S)
            try:
                wall, monotonic = await self._mind_the_clock(wall, monotonic)
                self.rearm()
            except Exception:
                log.exception("the watchdog failed")

    async def _mind_the_clock(self, wall: int, monotonic: float) -> tuple[int, float]:
        """Compare how far both clocks went since these readings; returns those to compare with next."""
        now, later = self._clock(), time.monotonic()
        set_back = wall + int((later - monotonic) * 1000) - now
        if set_back > STEP_MS:
            log.warning("the clock was set back", extra={"by_s": set_back / 1000})
            await self._on_step_back(set_back)
        return now, later

    def rearm(self) -> list[str]:
        """Set the passes going again that the scheduler forgot; returns their names."""
        now = time.monotonic()
        forgotten = [one for one in self._passes.values() if one.forgotten(now)]
        for one in forgotten:
            log.warning("the scheduler forgot a pass", extra={"pass": one.name})
            self._scheduler.modify_job(one.name, next_run_time=datetime.now(UTC))
            one.awake.set()
        return [one.name for one in forgotten]

    async def run(self, one: Pass) -> None:
        """Run a pass once, after the run of it that is under way; an exception is logged and ends it."""
        async with one.turn:
            one.began_at = began = time.monotonic()
            failed = False
            try:
                async with asyncio.timeout(LONGEST_S):
                    await one.run()
            except Exception:
                failed = True
                log.exception("a pass failed", extra={"pass": one.name})
            else:
                one.ended_at = time.monotonic()
            self._metrics.pass_ended(
                one.name, at_ms=self._clock(), duration_s=time.monotonic() - began, failed=failed
            )

    def problem(self) -> str | None:
        """Which passes have not come to their end for too long, in one sentence; None where all run."""
        now = time.monotonic()
        overdue = [one.name for one in self._passes.values() if one.overdue(now)]
        return f"these passes do not run: {', '.join(overdue)}; the log says why" if overdue else None
