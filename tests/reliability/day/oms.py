"""OMS as the plan of a day says: what a step shows at a moment, and how a question fails."""

import asyncio
import zlib
from collections.abc import Callable, Sequence

from omsbot.domain.project.oms_error import OmsError, OmsErrorKind
from omsbot.domain.project.project import Snapshot, Step, StepInfo
from omsbot.oms.wire import ProjectPage
from tests.builders import step
from tests.reliability.day.plan import FLAPS_EVERY, FULL, INCR, SECOND, Fault, Life, Plan, Spell, Trouble

FAILS_WITH = {
    Fault.UNREACHABLE: OmsErrorKind.UNREACHABLE,
    Fault.LOGIN: OmsErrorKind.UNAUTHORIZED,
    Fault.GARBLED: OmsErrorKind.MALFORMED,
    Fault.UNREADABLE: OmsErrorKind.MALFORMED,
}
IN_ALL = 10_000  # of so many answers so many are lost, or come late
LOST, SLOW = 10, 20
LAG_S, LAG_TOP_S, LAG_TAIL_S = 2, 1_000, 1_000 / 3


class DayOms:
    """One server of the plan, asked without a network."""

    def __init__(self, plan: Plan, server: str, clock: Callable[[], int], began_at: int) -> None:
        self._plan, self._name, self._clock, self._began_at = plan, server, clock, began_at
        self._lives = {life.oms_id: life for life in plan.lives}
        self.waiting: list[asyncio.Future[None]] = []

    async def steps(self, oms_id: str) -> Snapshot:
        at, life = self._clock() - self._began_at, self._lives[oms_id]
        lot = zlib.crc32(f"{self._plan.seed} {oms_id} {at}".encode()) % IN_ALL
        if lot < SLOW:
            late = asyncio.get_running_loop().create_future()
            self.waiting.append(late)
            await late
        for fault in (*self._plan.faults[self._name], *life.unreadable):
            if isinstance(fault.what, Fault) and fault.at(at):
                raise OmsError(FAILS_WITH[fault.what], "as the plan says")
        if SLOW <= lot < SLOW + LOST:
            raise OmsError(OmsErrorKind.TIMEOUT, "a lost answer")
        return Snapshot((copying(life, at, self._began_at), syncing(life, at, self._began_at)), self._clock())

    async def steps_unless(self, oms_id: str, digest: int | None) -> Snapshot:
        return await self.steps(oms_id)

    def let_go(self) -> None:
        """Let the late answers come."""
        for late in self.waiting:
            late.set_result(None)
        self.waiting.clear()

    async def projects(self, *, search: str | None = None, page: int = 1, page_size: int = 50) -> ProjectPage:
        raise OmsError(OmsErrorKind.UNSUPPORTED, "no list here")

    async def close(self) -> None:
        """Nothing is open."""


def copying(life: Life, at: int, began_at: int) -> Step:
    spells = life.troubles[FULL]
    now = _current(spells, at)
    rests = sum(_rested(one, at) for one in spells)
    slow = now is not None and now.what is Trouble.SLOW
    info = StepInfo(
        processed_records=(at - rests) // SECOND, dst_rps=10.0 if slow else 100.0, dst_rps_ref=100.0
    )
    failed_at = _failed_at(spells, at)
    return step(
        FULL,
        _status("RUNNING", now, at),
        progress=10,
        started_at=began_at,
        failed_at=None if failed_at is None else began_at + failed_at,
        code=None if failed_at is None else "CM-1",
        info=info,
    )


def syncing(life: Life, at: int, began_at: int) -> Step:
    spells = life.troubles[INCR]
    now = _current(spells, at)
    frozen = now is not None and now.what is Trouble.FREEZE
    sampled = (now.begins if frozen and now else at) // (10 * SECOND) * 10
    failed_at = _failed_at(spells, at)
    return step(
        INCR,
        _status("MONITORING", now, at),
        progress=100,
        started_at=began_at,
        failed_at=None if failed_at is None else began_at + failed_at,
        code=None if failed_at is None else "CM-2",
        info=StepInfo(checkpoint_s=sampled - lag_s(spells, at), sampled_s=sampled),
    )


def lag_s(spells: Sequence[Spell], at: int) -> int:
    """A lag grows by half a second each second up to its top, and is caught up three times as fast."""
    for one in spells:
        if one.what is Trouble.LAG and one.at(at):
            return int(min(LAG_TOP_S, LAG_S + (at - one.begins) / SECOND / 2))
        if one.what is Trouble.LAG and one.ends <= at:
            left = LAG_TOP_S - (at - one.ends) / SECOND * 3
            if left > LAG_S:
                return int(left)
    return LAG_S


def _current(spells: Sequence[Spell], at: int) -> Spell | None:
    return next((one for one in spells if one.at(at)), None)


def _status(well: str, now: Spell | None, at: int) -> str:
    if now is not None and now.what is Trouble.PAUSE:
        return "SUSPEND"
    fails = now is not None and (now.what is Trouble.FAIL or (now.what is Trouble.FLAP and _down(now, at)))
    return "FAILED" if fails else well


def _down(flap: Spell, at: int) -> bool:
    return (at - flap.begins) % FLAPS_EVERY < FLAPS_EVERY // 2


def _rested(spell: Spell, at: int) -> int:
    """How long a copy did not copy because of this."""
    passed = max(0, min(at, spell.ends) - spell.begins)
    if spell.what is Trouble.FLAP:
        whole, begun = divmod(passed, FLAPS_EVERY)
        return whole * FLAPS_EVERY // 2 + min(begun, FLAPS_EVERY // 2)
    return 0 if spell.what is Trouble.SLOW else passed


def _failed_at(spells: Sequence[Spell], at: int) -> int | None:
    """When a step failed last; OMS goes on to show it when the step has recovered."""
    begun = [one for one in spells if one.begins <= at]
    times = [one.begins for one in begun if one.what is Trouble.FAIL]
    times += [_last_flap(one, at) for one in begun if one.what is Trouble.FLAP]
    return max(times, default=None)


def _last_flap(flap: Spell, at: int) -> int:
    passed = min(at, flap.ends - 1) - flap.begins
    return flap.begins + passed // FLAPS_EVERY * FLAPS_EVERY
