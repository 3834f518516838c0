"""How a running step has moved so far: the memory from which its end is estimated.

A trend is small and JSON-plain, so that it is stored beside the newest snapshot and outlives a restart.
Rates are ratios of two decaying sums, what was done and the time it took: unlike a mean of rates they do not
jump when a counter stands still for some looks and then takes a large step, as whole percents do.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from omsbot.domain.project.figures import COPYING, rows
from omsbot.domain.project.project import FOLLOWING, Step, StepStatus

MINUTE_MS = 60_000
FAST_MS, SLOW_MS = 5 * MINUTE_MS, 30 * MINUTE_MS  # half-lives: what happens just now, and what to expect
FAST_STEPS, SLOW_STEPS = 4, 24  # where a counter seldom moves, the half-lives are as many of its moves
GAP_MS = 10 * MINUTE_MS  # nobody looked, or nothing moved, for longer than that
GAP_STEPS = 4
SET_BACK_MS = 10 * MINUTE_MS  # a clock set back by more begins a new trend


class Unit(StrEnum):
    RECORDS = "records"
    PERCENT = "percent"
    LAG = "lag"  # seconds behind


@dataclass(frozen=True, slots=True)
class Trend:
    """Where a counter began, where it is, and how fast it moved; times in ms, amounts in its unit.

    `samples` counts the looks at which it had moved, the first included. `moved` and `worked_ms` are what
    counts as work since the first; `fast_*` and `slow_*` the same, decaying. `spread` is how far the fast
    rate strayed from the slow one, as a part of it. `resting` says that the step did not run at the last
    sample, `skipped` that the last interval did not count.
    """

    unit: str = ""
    samples: int = 0
    first_at: int = 0
    first_amount: float = 0.0
    last_at: int = 0
    last_amount: float = 0.0
    intervals: int = 0
    moved: float = 0.0
    worked_ms: int = 0
    fast_amount: float = 0.0
    fast_ms: float = 0.0
    slow_amount: float = 0.0
    slow_ms: float = 0.0
    spread: float = 0.0
    resting: bool = False
    skipped: bool = False

    @property
    def jump(self) -> float:
        """How far the counter moves from one sample to the next, on average."""
        return self.moved / self.intervals if self.intervals else 0.0

    @property
    def interval_ms(self) -> float:
        return self.worked_ms / self.intervals if self.intervals else 0.0

    @property
    def fast(self) -> float | None:
        """What moves in a millisecond just now; None before the second sample."""
        return self.fast_amount / self.fast_ms if self.fast_ms else None

    @property
    def slow(self) -> float | None:
        """What moves in a millisecond in the long run; None before the second sample."""
        return self.slow_amount / self.slow_ms if self.slow_ms else None


UNKNOWN = Trend()  # nothing was seen yet


def measure(step: Step) -> tuple[Unit, float, float] | None:
    """(unit, amount done, amount in all) of a copy: records where their total is known, else percent."""
    if step.info is not None:
        done, total = rows(step.info)
        if done is not None and total and 0 <= done <= total:
            return Unit.RECORDS, done, total
    progress = step.progress
    if progress is None and step.info is not None:
        progress = step.info.overview_progress
    return None if progress is None or not 0 <= progress <= 100 else (Unit.PERCENT, progress, 100)


def follow(trend: Trend | None, step: Step, at: int) -> Trend:
    """Remember what a look at a step shows; `at` is in ms, by the server's clock where that is known.

    Equal counters and an equal time change nothing. A counter that falls back begins anew. Time in which the
    step rested, or for long hardly anything was seen of it, does not count as work.
    """
    known = UNKNOWN if trend is None or step.status is StepStatus.INIT else trend
    seen = _seen(step, at)
    if seen is None:
        return known
    unit, seen_at, amount = seen
    rests = step.status not in {StepStatus.RUNNING, StepStatus.MONITORING}
    if _begins_anew(known, unit, seen_at, amount):
        # nothing is known yet of a step that rests: what it does begins with its next look
        return UNKNOWN if rests else _begun(unit, seen_at, amount)
    if rests:
        return known if known.resting else replace(known, resting=True, last_amount=amount)
    if known.resting:
        return replace(known, resting=False, last_at=max(seen_at, known.last_at), last_amount=amount)
    if seen_at <= known.last_at or (amount == known.last_amount and unit is not Unit.LAG):
        return known
    return _advanced(known, seen_at, amount)


def _seen(step: Step, at: int) -> tuple[Unit, int, float] | None:
    """The unit, the time and the amount of what a look shows; a lag is as old as OMS's sample of it."""
    if step.status is StepStatus.INIT:
        return None
    if step.kind in FOLLOWING:
        lag, info = step.lag_s, step.info
        return None if lag is None or info is None else (Unit.LAG, (info.sampled_s or 0) * 1000, lag)
    found = measure(step) if step.kind in COPYING else None
    return (found[0], at, found[1]) if found else None


def _begun(unit: Unit, at: int, amount: float) -> Trend:
    return Trend(unit, 1, at, amount, at, amount)


def _begins_anew(trend: Trend, unit: Unit, at: int, amount: float) -> bool:
    fell = unit is not Unit.LAG and amount < trend.last_amount
    return not trend.samples or trend.unit != unit or fell or at < trend.last_at - SET_BACK_MS


def _advanced(trend: Trend, at: int, amount: float) -> Trend:
    moved, took = amount - trend.last_amount, at - trend.last_at
    if _is_gap(trend, moved, took):
        return replace(trend, samples=trend.samples + 1, last_at=at, last_amount=amount, skipped=True)
    intervals, worked = trend.intervals + 1, trend.worked_ms + took
    typical = 0 if trend.unit == Unit.LAG else worked / intervals
    keep_fast = _kept(took, max(FAST_MS, FAST_STEPS * typical))
    keep_slow = _kept(took, max(SLOW_MS, SLOW_STEPS * typical))
    fast_amount, fast_ms = trend.fast_amount * keep_fast + moved, trend.fast_ms * keep_fast + took
    slow_amount, slow_ms = trend.slow_amount * keep_slow + moved, trend.slow_ms * keep_slow + took
    fast, slow = fast_amount / fast_ms, slow_amount / slow_ms
    return replace(
        trend,
        samples=trend.samples + 1,
        last_at=at,
        last_amount=amount,
        skipped=False,
        intervals=intervals,
        moved=trend.moved + moved,
        worked_ms=worked,
        fast_amount=fast_amount,
        fast_ms=fast_ms,
        slow_amount=slow_amount,
        slow_ms=slow_ms,
        spread=0.0 if trend.unit == Unit.LAG else _spread(trend.spread, fast, slow, keep_slow),
    )


def _kept(took: int, half_life: float) -> float:
    return float(0.5 ** (took / half_life))


def _spread(before: float, fast: float, slow: float, keep: float) -> float:
    return before * keep + abs(fast / slow - 1) * (1 - keep) if fast and slow else 0.0


def _is_gap(trend: Trend, moved: float, took: int) -> bool:
    """Whether an interval held a rest that nobody saw: long, and far slower than before.

    Never twice in a row: what goes on being slow is slow.
    """
    if took <= max(GAP_MS, GAP_STEPS * trend.interval_ms) or trend.skipped:
        return False
    slow = trend.slow
    return slow is not None and slow > 0 and trend.unit != Unit.LAG and moved / took < slow / 2
