"""When a running copy or verification will be done, and when a lag will be caught up: from our own samples.

An estimate is a range. It is as wide as the counter is coarse and the rate has varied, and is withheld,
with the reason, while there is nothing to base it on. Times are ms on the clock of the samples.
"""

from dataclasses import dataclass
from enum import StrEnum

from omsbot.domain.memory.trend import MINUTE_MS, Trend, Unit, follow, measure
from omsbot.domain.project.figures import COPYING
from omsbot.domain.project.phase import waits_for_person
from omsbot.domain.project.project import FOLLOWING, Step, StepStatus

__all__ = ["CatchUp", "Estimate", "Trend", "Withheld", "catch_up", "eta", "follow"]

ENOUGH_SAMPLES = 3
ENOUGH_PERCENT = 1
MARGIN = 0.15  # a steady rate still wavers by so much
SPREAD_WEIGHT = 2.0  # how much of the variation so far is expected of the rest
LONG_INTERVALS = 3  # a counter that stands so many times as long as usual has become slower
STILL_MS = 15 * MINUTE_MS
STILL_INTERVALS = 8
FARTHEST_MS = 366 * 86_400_000  # a longer estimate says only that hardly anything moves

CAUGHT_UP_S = 30  # from OMS's own thresholds: a lag below is none
SWIFT = 0.05  # seconds a second: so swift a change of lag is told from the last minutes alone
STEADY = 0.01  # a lag that changes by less, 36 s an hour, is steady


class Withheld(StrEnum):
    """Why there is no estimate."""

    NOT_STARTED = "not started"
    NOT_RUNNING = "not running"
    DONE = "done"
    NO_TOTAL = "no total known"
    FEW_SAMPLES = "fewer than 3 samples"
    TOO_EARLY = "under 1 %"
    STILL = "nothing moves"
    NO_LAG = "lag unknown"
    GROWING = "lag is growing"
    STEADY = "steady"


@dataclass(frozen=True, slots=True)
class Estimate:
    """When a step ends: not before, not after, most likely; or the reason why nobody knows.

    `rate` is in records a second, where the step counts records, else in percent a second.
    """

    earliest: int | None = None
    latest: int | None = None
    likely: int | None = None
    rate: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CatchUp:
    """In how many seconds a lag is caught up (0: it is), or why not; `slope` is in seconds a second."""

    seconds: int | None = None
    slope: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class _Rates:
    """What moves in a millisecond, at least, likely, and at most."""

    least: float
    likely: float
    most: float


def eta(trend: Trend | None, step: Step, *, now: int) -> Estimate:
    """When a copy or verification will be done; `now` is the last look, on the clock of the samples."""
    known = trend or Trend()
    withheld = _withheld(known, step, now)
    found = measure(step)
    if withheld or found is None:
        return Estimate(reason=withheld or Withheld.NO_TOTAL)
    left = max(0.0, found[2] - known.last_amount)
    rates = _rates(known, now)
    # the counter may have been one of its own moves behind, or ahead, when it was read
    earliest = known.last_at + max(0.0, left - known.jump) / rates.most
    likely = known.last_at + left / rates.likely
    latest = known.last_at + (left + known.jump) / rates.least
    if likely - now > FARTHEST_MS:
        return Estimate(reason=Withheld.STILL)
    return Estimate(
        earliest=max(now, int(earliest)),
        latest=min(max(now, int(latest) + 1), now + 2 * FARTHEST_MS),
        likely=max(now, int(likely)),
        rate=rates.likely * 1000,
    )


def _withheld(trend: Trend, step: Step, now: int) -> Withheld | None:
    resting = _not_at_work(step)
    if resting:
        return resting
    found = measure(step) if step.kind in COPYING else None
    if found is None:
        return Withheld.NO_TOTAL
    unit, done, total = found
    enough = trend.unit == unit and trend.samples >= ENOUGH_SAMPLES and trend.moved > 0
    if trend.unit == unit and _stands_still(trend, now, enough):
        return Withheld.STILL
    if not enough:
        return Withheld.FEW_SAMPLES
    return Withheld.TOO_EARLY if done * 100 < total * ENOUGH_PERCENT else None


def _not_at_work(step: Step) -> Withheld | None:
    if step.status is StepStatus.INIT:
        return Withheld.NOT_STARTED
    if step.status is StepStatus.FINISHED or waits_for_person(step):
        return Withheld.DONE
    return None if step.status is StepStatus.RUNNING else Withheld.NOT_RUNNING


def _stands_still(trend: Trend, now: int, enough: bool) -> bool:
    """Whether a counter has not moved for long; whole percents of a long copy may, before they are known."""
    if not enough and trend.unit == Unit.PERCENT:
        return False
    return now - trend.last_at > max(STILL_MS, STILL_INTERVALS * trend.interval_ms)


def _rates(trend: Trend, now: int) -> _Rates:
    slow, fast = trend.slow or 0.0, trend.fast or 0.0
    coarse_slow, coarse_fast = _coarseness(trend.slow_amount, trend), _coarseness(trend.fast_amount, trend)
    wavers = 1 + MARGIN + SPREAD_WEIGHT * trend.spread
    # the last minutes count where they differ by more than their own coarseness explains
    least = min(slow * (1 - coarse_slow), fast * (1 + coarse_fast)) / wavers
    most = max(slow * (1 + coarse_slow), fast * (1 - coarse_fast)) * wavers
    waits = now - trend.last_at
    if waits > LONG_INTERVALS * trend.interval_ms:
        slowed = (trend.slow_amount + trend.jump) / (trend.slow_ms + waits)
        halted = (trend.fast_amount + trend.jump) / (trend.fast_ms + waits)
        return _Rates(min(least, halted / wavers), min(slow, slowed), most)
    return _Rates(least, slow, most)


def _coarseness(amount: float, trend: Trend) -> float:
    """How wrong a sum may be, as a part of it, because its counter moves in jumps."""
    return min(0.5, trend.jump / amount) if amount > 0 else 0.5


def catch_up(trend: Trend | None, step: Step, *, now: int) -> CatchUp:
    """In how many seconds, from `now` on, the lag of a step is caught up if it goes on changing as it did."""
    known, lag = trend or Trend(), step.lag_s
    withheld = _no_lag(known, step)
    if withheld or lag is None:
        return CatchUp(reason=withheld or Withheld.NO_LAG)
    slope = _slope(known)
    if lag < CAUGHT_UP_S:
        return CatchUp(0, slope)
    if slope is None:
        return CatchUp(reason=Withheld.FEW_SAMPLES)
    if slope > -STEADY:
        return CatchUp(slope=slope, reason=Withheld.GROWING if slope >= STEADY else Withheld.STEADY)
    passed_s = max(0, now - known.last_at) // 1000
    return CatchUp(max(0, round(lag / -slope) - passed_s), slope)


def _no_lag(trend: Trend, step: Step) -> Withheld | None:
    if step.status is StepStatus.INIT:
        return Withheld.NOT_STARTED
    if step.kind not in FOLLOWING or step.lag_s is None or trend.unit not in {"", Unit.LAG}:
        return Withheld.NO_LAG
    return None if step.status in {StepStatus.RUNNING, StepStatus.MONITORING} else Withheld.NOT_RUNNING


def _slope(trend: Trend) -> float | None:
    """How a lag changes: as in the last minutes where that is swift, else as in the long run."""
    fast, slow = trend.fast, trend.slow
    if trend.samples < ENOUGH_SAMPLES or fast is None or slow is None:
        return None
    return (fast if abs(fast) * 1000 >= SWIFT else slow) * 1000
