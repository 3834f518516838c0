"""What became of a whole migration: how long each step took, how fast it was, what failed and was paused.

It rests on the last snapshot, on the events that were told, and on samples: what happened before the bot
looked is not in it.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from omsbot.domain.events import Event, EventKind
from omsbot.domain.project.completion import Failure, Report, StepReport, Verified
from omsbot.domain.project.figures import COPYING, ran_ms, rows
from omsbot.domain.project.project import Snapshot, Step, StepKind, StepStatus
from omsbot.domain.project.samples import Sample

BEGAN = {
    StepStatus.RUNNING,
    StepStatus.FAILED,
    StepStatus.FINISHED,
    StepStatus.SUSPEND,
    StepStatus.MONITORING,
}
# what tells that a failure or a pause of a step is over
ENDS = {
    EventKind.STEP_FAILED,
    EventKind.STEP_RECOVERED,
    EventKind.STEP_WAITING,
    EventKind.STEP_PAUSED,
    EventKind.STEP_RESUMED,
    EventKind.STEP_MONITORING,
    EventKind.STEP_RERUN,
    EventKind.STEP_VANISHED,
    EventKind.STEP_STATUS_UNKNOWN,
    EventKind.STEP_STARTED,
    EventKind.STEP_FINISHED,
}
PACED_MS = 5_000  # samples nearer to each other are no measure of a rate


def report(snapshot: Snapshot, events: Sequence[Event], samples: Sequence[Sample]) -> Report:
    """Sum a project up; `events` are all of it, in the order in which they were told."""
    at = snapshot.observed_at
    starts = [step.started_at for step in snapshot.steps if step.started_at is not None]
    ends = [step.finished_at for step in snapshot.steps if step.finished_at is not None]
    return Report(
        began_at=min(starts, default=None),
        ended_at=max(ends, default=None),
        steps=tuple(_step(key, step, samples, at) for key, step in snapshot.keyed() if step.status in BEGAN),
        failures=tuple(sorted(_failures(events, at), key=lambda one: one.at)),
        paused_ms=_covered(_spans(events, EventKind.STEP_PAUSED, at)),
        verified=_verified(snapshot),
    )


def _step(key: str, step: Step, samples: Sequence[Sample], at: int) -> StepReport:
    took = ran_ms(step, at)
    if step.kind not in COPYING:
        return StepReport(key, step, took)
    taken = sorted((one for one in samples if one.step == key), key=lambda one: one.at)
    done = rows(step.info)[0] if step.info else None
    return StepReport(key, step, took, done, _mean(done, took, taken), _peak(taken))


def _mean(done: int | None, took: int | None, samples: Sequence[Sample]) -> float | None:
    """Rows a second over the whole of a step; over what was seen of it where OMS counts no rows."""
    if done is not None and done > 0 and took is not None and took > 0:
        return done / took * 1000
    told = [one.rps for one in samples if one.rps is not None]
    return sum(told) / len(told) if told else None


def _peak(samples: Sequence[Sample]) -> float | None:
    """The highest rate that OMS said; counted from the records where it said none."""
    told = [one.rps for one in samples if one.rps is not None]
    return max(told or _counted(samples), default=None)


def _counted(samples: Sequence[Sample]) -> Iterable[float]:
    for one, other in pairwise(samples):
        took = other.at - one.at
        if one.records is not None and other.records is not None and took >= PACED_MS:
            yield max(0.0, (other.records - one.records) / took * 1000)


def _failures(events: Sequence[Event], at: int) -> Iterable[Failure]:
    for event in events:
        if event.brief and event.step is not None:
            yield Failure(event.step, event.evidence.after, _since(event), None, _code(event))
    for event, begin, end in _lasting(events, EventKind.STEP_FAILED, at):
        yield Failure(event.step or "", event.evidence.after, begin, end - begin, _code(event))


def _spans(events: Sequence[Event], kind: EventKind, at: int) -> list[tuple[int, int]]:
    return [(begin, end) for _, begin, end in _lasting(events, kind, at)]


def _lasting(events: Sequence[Event], kind: EventKind, at: int) -> Iterable[tuple[Event, int, int]]:
    """What an event of this kind began, from when to when: until another event of its step ends it."""
    opened: dict[str | None, Event] = {}
    for event in events:
        before = opened.get(event.step)
        again = event.kind is kind and before is not None and _since(event) <= _since(before)
        if again or event.kind not in ENDS:  # it is told once more, or tells of something else
            continue
        if before is not None:
            ended = _since(event) if event.kind is kind else _when(event)
            yield opened.pop(event.step), _since(before), max(_since(before), ended)
        if event.kind is kind:
            opened[event.step] = event
    for event in opened.values():
        yield event, _since(event), max(_since(event), at)


def _covered(spans: Iterable[tuple[int, int]]) -> int:
    """How long at least one of the spans lasts."""
    covered, until = 0, None
    for begin, end in sorted(spans):
        fresh = begin if until is None else max(begin, until)
        covered += max(0, end - fresh)
        until = end if until is None else max(until, end)
    return covered


def _since(event: Event) -> int:
    since = event.evidence.since_at
    return _when(event) if since is None else since


def _when(event: Event) -> int:
    return event.observed_at if event.happened_at is None else event.happened_at


def _code(event: Event) -> str | None:
    step = event.evidence.after
    return step.error.chief.code if step and step.error else None


def _verified(snapshot: Snapshot) -> Verified | None:
    steps = [step for step in snapshot.steps if step.kind is StepKind.VERIFICATION]
    if not steps:
        return None
    infos = [step.info for step in steps if step.info]
    differ = [info.inconsistencies for info in infos if info.inconsistencies is not None]
    counts = [count for info in infos if (count := rows(info)[0]) is not None]
    return Verified(
        sum(differ) if differ else None,
        sum(counts) if counts else None,
        all(step.status is StepStatus.FINISHED for step in steps),
    )
