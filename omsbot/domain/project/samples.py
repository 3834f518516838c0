"""Figures of a step over time, kept for rates and charts, and how they are thinned as they age."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from omsbot.domain.project.phase import waits_for_person
from omsbot.domain.project.project import FOLLOWING, Snapshot, Step, StepInfo, StepKind, StepStatus

SECOND_MS = 1_000
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
KEPT_MS = 30 * DAY_MS

# (age from which it holds, width of a bucket), in ms: the first sample of a bucket stays. A bucket fits into
# the next wider one, so that thinning again, or later, keeps the same samples.
TIERS = ((0, 10 * SECOND_MS), (HOUR_MS, 60 * SECOND_MS), (DAY_MS, 600 * SECOND_MS))

MOVING = frozenset({StepKind.SCHEMA, StepKind.INDEX, StepKind.FULL_COPY, StepKind.VERIFICATION})
_AT_WORK = {StepStatus.RUNNING, StepStatus.FAILED}
_IN_STEP = {StepStatus.RUNNING, StepStatus.MONITORING}


@dataclass(frozen=True, slots=True)
class Sample:
    """What a step's figures were at one look.

    `step` is the step's key, `at` our clock in ms; percent, records, records a second, and seconds behind.
    """

    step: str
    at: int
    progress: int | None = None
    records: int | None = None
    rps: float | None = None
    lag_s: int | None = None

    @property
    def empty(self) -> bool:
        return self.progress is self.records is self.rps is self.lag_s is None


def samples_of(snapshot: Snapshot) -> tuple[Sample, ...]:
    """One sample of each step that moves or follows and says how far it is."""
    found = (_sample(key, step, snapshot.observed_at) for key, step in snapshot.keyed())
    return tuple(sample for sample in found if sample and not sample.empty)


def _sample(key: str, step: Step, at: int) -> Sample | None:
    if step.kind in MOVING and step.status in _AT_WORK and not waits_for_person(step):
        return Sample(key, at, step.progress, records(step), rate(step.info))
    if step.kind in FOLLOWING and step.status in _IN_STEP:
        return Sample(key, at, records=records(step), rps=rate(step.info), lag_s=step.lag_s)
    return None


def records(step: Step) -> int | None:
    """How many records a step has done by its own count."""
    info = step.info
    if info is None:
        return None
    counts = (info.processed_records, info.finished_count, info.validated)
    return next((count for count in counts if count is not None), None)


def rate(info: StepInfo | None) -> float | None:
    """Records a second that OMS says are written; those read where it does not."""
    rates = (info.dst_rps, info.src_rps) if info else ()
    return next((rps for rps in rates if rps is not None and math.isfinite(rps)), None)


def thinned(samples: Iterable[Sample], now: int) -> tuple[Sample, ...]:
    """What is kept, by step and time: every 10 s for an hour, 1 min for a day, 10 min for 30 days."""
    kept = sorted((one for one in samples if one.at >= now - KEPT_MS), key=lambda one: (one.step, one.at))
    for age, width in TIERS:
        kept = _first_of_each(kept, width, before=now - age)
    return tuple(kept)


def _first_of_each(samples: Sequence[Sample], width: int, *, before: int) -> list[Sample]:
    """Of the samples before a time the first of each bucket, and all of the others."""
    seen: set[tuple[str, int]] = set()
    kept = []
    for sample in samples:
        bucket = sample.step, sample.at // width
        if sample.at >= before or bucket not in seen:
            kept.append(sample)
        seen.add(bucket)
    return kept
