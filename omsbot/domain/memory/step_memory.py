"""What is remembered of each step between two looks: when it last moved, and since when it is slow.

It is stored beside the newest snapshot, so that a restart forgets nothing. Times are ms by our clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import zip_longest

from omsbot.domain.memory.trend import UNKNOWN, Trend, follow
from omsbot.domain.project.figures import read_at
from omsbot.domain.project.phase import waits_for_person
from omsbot.domain.project.project import Snapshot, Step, StepInfo, StepStatus
from omsbot.domain.thresholds import Rules

FOLLOWS = {StepStatus.RUNNING, StepStatus.MONITORING}
UP_TO_SPEED = 1.5  # times the slow ratio: a rate that dances around the ratio is not slow again and again
SAMPLE_MS = 10_000  # the least time between two samples of a project

Figures = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class StepWatch:
    """When a step's figures last changed: any of them, its checkpoint, the checkpoint's sample.

    `figures`, `checkpoint_s` and `sampled_s` are the last that OMS gave. `slow_since` is when its rate fell
    under the slow ratio; `least_lag_s` the least lag since it began to catch up, seen first at `lag_fell_at`.
    `trend` is what its end is estimated from.
    """

    moved_at: int
    figures: Figures = ()
    checkpoint_s: int | None = None
    checkpoint_at: int | None = None
    sampled_s: int | None = None
    sample_at: int | None = None
    slow_since: int | None = None
    least_lag_s: int | None = None
    lag_fell_at: int | None = None
    trend: Trend = UNKNOWN


@dataclass(frozen=True, slots=True)
class Watch:
    """What is remembered of a project. `sampled_at` is when its figures were last kept as samples."""

    steps: Mapping[str, StepWatch] = field(default_factory=dict)
    sampled_at: int = 0


def look(memory: Watch, before: Snapshot | None, after: Snapshot, rules: Rules) -> Watch:
    """Remember what a new snapshot shows; a step seen for the first time counts as moving now."""
    old = before.by_key() if before else {}
    now = after.observed_at
    steps = {}
    for key, step in after.keyed():
        known, previous = memory.steps.get(key), old.get(key)
        if known is not None and previous == step:
            steps[key] = known  # most steps, most of the time
            continue
        trend = follow(known.trend if known else None, step, read_at(after))
        steps[key] = _step(known, previous, step, trend, rules=rules, now=now)
    return Watch(steps, memory.sampled_at)


def _step(
    memory: StepWatch | None, before: Step | None, after: Step, trend: Trend, *, rules: Rules, now: int
) -> StepWatch:
    if memory is None or before is None or not _goes_on(before, after):
        return _fresh(after, trend, rules, now)
    info = after.info or StepInfo()
    checkpoint = _advanced(memory.checkpoint_s, memory.checkpoint_at, info.checkpoint_s, now)
    sample = _advanced(memory.sampled_s, memory.sample_at, info.sampled_s, now)
    least, fell_at = _least_lag(memory, after.lag_s, now)
    shown = _newest(memory.figures, figures(after))
    return StepWatch(
        moved_at=memory.moved_at if shown == memory.figures else now,
        figures=shown,
        checkpoint_s=checkpoint[0],
        checkpoint_at=checkpoint[1],
        sampled_s=sample[0],
        sample_at=sample[1],
        slow_since=_slow_since(memory.slow_since, after, rules, now),
        least_lag_s=least,
        lag_fell_at=fell_at,
        trend=trend,
    )


def _goes_on(before: Step, after: Step) -> bool:
    """Whether a step does what it did; catching up and having caught up is one thing.

    A start time that one of two answers leaves out says nothing.
    """
    if len({before.started_at, after.started_at} - {None}) > 1:
        return False
    return before.raw_status == after.raw_status or {before.status, after.status} == FOLLOWS


def _fresh(step: Step, trend: Trend, rules: Rules, now: int) -> StepWatch:
    info = step.info or StepInfo()
    return StepWatch(
        moved_at=now,
        figures=figures(step),
        checkpoint_s=info.checkpoint_s,
        checkpoint_at=None if info.checkpoint_s is None else now,
        sampled_s=info.sampled_s,
        sample_at=None if info.sampled_s is None else now,
        slow_since=_slow_since(None, step, rules, now),
        least_lag_s=step.lag_s,
        lag_fell_at=None if step.lag_s is None else now,
        trend=trend,
    )


def figures(step: Step) -> Figures:
    """The figures by which a step shows that it works; all None where it has none."""
    info = step.info or StepInfo()
    return step.progress, info.processed_records, info.finished_count, info.validated, info.overview_progress


def _newest(known: Figures, said: Figures) -> Figures:
    """Each figure as it was given last; an answer without one says nothing of it."""
    return tuple(old if new is None else new for old, new in zip_longest(known, said))


def _advanced(
    known: int | None, known_at: int | None, said: int | None, now: int
) -> tuple[int | None, int | None]:
    """The newest value and when it was first seen; an answer without one says nothing of it."""
    return (known, known_at) if said is None or said == known else (said, now)


def _slow_since(known: int | None, step: Step, rules: Rules, now: int) -> int | None:
    if step.status is not StepStatus.RUNNING or waits_for_person(step):
        return None
    share = rate_share(step)
    if share is None:
        return known
    if not rules.slow_ratio or share >= min(1.0, rules.slow_ratio * UP_TO_SPEED):
        return None
    return now if known is None and share < rules.slow_ratio else known


def rate_share(step: Step) -> float | None:
    """A step's rate as a part of its reference: rows written, else rows read; None where OMS names none."""
    info = step.info
    if info is None:
        return None
    for rate, reference in ((info.dst_rps, info.dst_rps_ref), (info.src_rps, info.src_rps_ref)):
        if rate is not None and reference is not None and reference > 0:
            return rate / reference
    return None


def _least_lag(memory: StepWatch, lag_s: int | None, now: int) -> tuple[int | None, int | None]:
    if lag_s is not None and (memory.least_lag_s is None or lag_s < memory.least_lag_s):
        return lag_s, now
    return memory.least_lag_s, memory.lag_fell_at
