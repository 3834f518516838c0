"""From samples to what a chart shows: curves of progress, rate and lag, and times in which a step rested.

Times are our clock, in ms. A rate is what the records between two looks come to: OMS's own figure is of a
moment, and it stays where it was when nothing moves any more.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import groupby, pairwise

from omsbot.domain.detection.conditions import ConditionKind
from omsbot.domain.project.phase import waits_for_person
from omsbot.domain.project.project import FOLLOWING, STEP_NAMES, Step, StepKind, StepStatus
from omsbot.domain.project.samples import MOVING, Sample

MOST_POINTS = 300  # of a curve: more than a phone's screen tells apart
MOST_RATES = 120  # fewer: over a short time a rate shows when OMS counts, not how fast it copies


class Measure(StrEnum):
    """What a curve shows: percent, records a second, seconds behind."""

    PROGRESS = "progress"
    RATE = "rate"
    LAG = "lag"


class Trouble(StrEnum):
    FAILED = "failed"
    PAUSED = "paused"
    WAITING = "waiting"


TROUBLES: Mapping[ConditionKind, Trouble] = {
    ConditionKind.FAILING: Trouble.FAILED,
    ConditionKind.PAUSED: Trouble.PAUSED,
    ConditionKind.WAITING: Trouble.WAITING,
}

Point = tuple[int, float | None]


@dataclass(frozen=True, slots=True)
class Spell:
    """A condition's life as the bot saw it; `until` is None while it lasts."""

    kind: ConditionKind
    step: str
    since: int
    until: int | None


@dataclass(frozen=True, slots=True)
class Curve:
    """Points by time. The value of a rate holds since the point before it; None: nobody knows."""

    label: str
    measure: Measure
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """A time in which a step failed, paused or waited, and the measures that it shows in."""

    trouble: Trouble
    since: int
    until: int
    measures: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """All that a chart shows, in an order that does not depend on chance."""

    title: str
    curves: tuple[Curve, ...]
    bands: tuple[Band, ...] = ()

    def of(self, *measures: Measure) -> tuple[Curve, ...]:
        """The curves of these measures."""
        return tuple(curve for curve in self.curves if curve.measure in measures)

    def as_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Picture":
        """Read back what `as_json` wrote."""
        read = json.loads(text)
        curves = (
            Curve(one["label"], Measure(one["measure"]), tuple((at, value) for at, value in one["points"]))
            for one in read["curves"]
        )
        bands = (
            Band(Trouble(one["trouble"]), one["since"], one["until"], tuple(map(Measure, one["measures"])))
            for one in read["bands"]
        )
        return cls(read["title"], tuple(curves), tuple(bands))


def picture_of(
    title: str, samples: Iterable[Sample], steps: Mapping[str, Step], spells: Iterable[Spell], *, now: int
) -> Picture | None:
    """What can be drawn of samples (by step and time); None where no figure was seen twice.

    `steps` are those of the newest snapshot by key: a step that finished has no samples of its end.
    """
    by_step = {key: tuple(group) for key, group in groupby(samples, key=lambda one: one.step)}
    curves = tuple(
        curve
        for key in sorted(by_step, key=lambda key: by_step[key][0].at)
        for curve in _curves(key, by_step[key], steps.get(key), now)
        if len(curve.points) > 1
    )
    return Picture(title, curves, tuple(_bands(spells, now))) if curves else None


def _curves(key: str, samples: Sequence[Sample], step: Step | None, now: int) -> list[Curve]:
    label, kind = label_of(key), _kind(key)
    curves = []
    if kind in MOVING:
        progress = [
            (one.at, one.progress) for one in _reduced(samples, MOST_POINTS) if one.progress is not None
        ]
        curves.append(Curve(label, Measure.PROGRESS, (*progress, *_end(samples[-1], step, now))))
        curves.append(Curve(label, Measure.RATE, tuple(_rates(_reduced(samples, MOST_RATES)))))
    if kind in FOLLOWING:
        lags = [one for one in samples if one.lag_s is not None]
        peaks = [(one.at, one.lag_s) for one in _reduced(lags, MOST_POINTS, by_lag=True)]
        curves.append(Curve(label, Measure.LAG, tuple(peaks)))
    return curves


def label_of(key: str) -> str:
    """The English name of a step by its key; twins are numbered."""
    name, _, number = key.partition("#")
    label = STEP_NAMES[name][0] if name in STEP_NAMES else name
    return f"{label} {number}" if number else label


def _kind(key: str) -> StepKind:
    name = key.partition("#")[0]
    return STEP_NAMES[name][1] if name in STEP_NAMES else StepKind.OTHER


def _end(last: Sample, step: Step | None, now: int) -> list[Point]:
    """The end of a step that is done, at 100 %: no sample is taken of it."""
    if step is None or step.finished_at is None or last.at >= now:
        return []
    if step.status is not StepStatus.FINISHED and not waits_for_person(step):
        return []
    return [(min(max(step.finished_at, last.at + 1), now), 100)]


def _reduced(samples: Sequence[Sample], most: int, *, by_lag: bool = False) -> list[Sample]:
    """The first sample, and of each of the equal parts of the time the last, or the one that lags most."""
    if len(samples) <= most:
        return list(samples)
    first, rest = samples[0], samples[1:]
    width = (samples[-1].at - first.at) // most + 1
    parts = (list(part) for _, part in groupby(rest, key=lambda one: (one.at - first.at) // width))
    if not by_lag:
        return [first, *(part[-1] for part in parts)]
    highest = [max(part, key=lambda one: one.lag_s or 0) for part in parts]
    return [first, *highest, *([samples[-1]] if highest[-1] is not samples[-1] else [])]


def _rates(samples: Sequence[Sample]) -> list[Point]:
    """The rate between each two samples; the first point is where the first rate begins to hold."""
    points = [(after.at, _rate(before, after)) for before, after in pairwise(samples)]
    while points and points[0][1] is None:
        samples, points = samples[1:], points[1:]
    while points and points[-1][1] is None:
        points.pop()
    return [(samples[0].at, points[0][1]), *points] if points else []


def _rate(before: Sample, after: Sample) -> float | None:
    """Records a second between two looks; what OMS says where it counts no records, None after a rerun."""
    if before.records is None or after.records is None:
        return after.rps
    moved = after.records - before.records
    return moved * 1000 / (after.at - before.at) if moved >= 0 else None


def _bands(spells: Iterable[Spell], now: int) -> Iterable[Band]:
    for spell in sorted(spells, key=lambda one: (one.since, one.kind, one.step)):
        if spell.kind in TROUBLES:
            until = now if spell.until is None else spell.until
            yield Band(TROUBLES[spell.kind], spell.since, max(spell.since, until), _concerned(spell.step))


def _concerned(key: str) -> tuple[Measure, ...]:
    kind = _kind(key)
    if kind in MOVING:
        return (Measure.PROGRESS, Measure.RATE)
    return (Measure.LAG,) if kind in FOLLOWING else tuple(Measure)


def mean(curve: Curve) -> float:
    """The mean of a rate over the time in which it is known, each value weighed by how long it held."""
    held = [
        (after - before, value)
        for (before, _), (after, value) in pairwise(curve.points)
        if value is not None and after > before
    ]
    total = sum(span for span, _ in held)
    return sum(span * value for span, value in held) / total if total else 0.0
