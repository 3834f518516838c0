"""Values of a chart in words that are short enough for an axis."""

import math
from dataclasses import dataclass

from omsbot.domain.reports.chart import Curve, Measure, mean

MINUTE_S, HOUR_S, DAY_S = 60, 3_600, 86_400
FLOOR = 10.0  # the least that an axis spans: a lag of 1 s is no mountain
MOST_TICKS = 4  # above 0
LAG_STEPS = (
    *(1, 2, 5, 10, 15, 30),
    *(number * MINUTE_S for number in (1, 2, 5, 10, 15, 30)),
    *(number * HOUR_S for number in (1, 2, 3, 6, 12)),
    *(number * DAY_S for number in (1, 2, 5, 10, 20, 50, 100)),
)


@dataclass(frozen=True, slots=True)
class Scale:
    """A value axis from 0 to `top` with its ticks, each with its label."""

    top: float
    ticks: tuple[tuple[float, str], ...]


def scale_of(measure: Measure, curves: tuple[Curve, ...]) -> Scale:
    """The axis on which all of these curves fit."""
    if measure is Measure.PROGRESS:
        return Scale(104, tuple((value, f"{value} %") for value in (0, 50, 100)))
    highest = max((value for curve in curves for _, value in curve.points if value is not None), default=0)
    top = max(highest, FLOOR) * 1.08
    step, word = (_decimal_step(top), rate) if measure is Measure.RATE else (_lag_step(top), lag)
    return Scale(top, tuple((number * step, word(number * step)) for number in range(int(top // step) + 1)))


def _decimal_step(top: float) -> float:
    size: float = 10 ** math.floor(math.log10(top / MOST_TICKS))
    return next(step * size for step in (1, 2, 5, 10) if top / (step * size) <= MOST_TICKS)


def _lag_step(top: float) -> float:
    return next((step for step in LAG_STEPS if top / step <= MOST_TICKS), top / MOST_TICKS)


def rate(rps: float) -> str:
    """`800/s`, `1.2k/s`, `3M/s`."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if rps >= size:
            return f"{rps / size:.3g}{unit}/s"
    return f"{rps:.3g}/s"


def lag(seconds: float) -> str:
    """`42 s`, `7 min`, `1.5 h`, `2 d`."""
    for size, unit in ((DAY_S, "d"), (HOUR_S, "h"), (MINUTE_S, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.0f} s"


def summary(curve: Curve) -> str:
    """What of a curve stands in the legend: how far it came, how fast it was, how far it is behind."""
    values = [value for _, value in curve.points if value is not None]
    match curve.measure:
        case Measure.PROGRESS:
            return f"{values[-1]:.0f} %"
        case Measure.RATE:
            return f"{rate(mean(curve))} on average"
        case Measure.LAG:
            return f"{lag(values[-1])}, at most {lag(max(values))}"
