"""What an answer of OMS gives to tell: the heart of the bot.

Theory of operation. Two sources tell of a project, and no fact comes from both. *Conditions* tell of what
lasts: a step is failed, is paused, waits for a person. Each opens once, is silent while it holds, and its
end is told once. *Transitions* tell of what happens: a step started, finished, appeared. Where a
transition is the opening or the end of a condition, the condition speaks and the transition is silent.
Only a failure that came and went between two looks is told beside them: no condition knows of it.

The first snapshot of a project is a baseline: its transitions would be stale news, so only the conditions
that hold are told, as "already so". Conditions are stored, so a restart neither repeats nor forgets.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from omsbot.domain.conditions import STEP_CONDITIONS, Condition, ConditionKind, began_at, holding
from omsbot.domain.diff import Change, Transition, diff
from omsbot.domain.events import Event, EventKind, Evidence
from omsbot.domain.project import Snapshot, Step, StepKind, StepStatus
from omsbot.domain.state import completed

LATE_AFTER_MS = 180_000  # a change between two looks so far apart is told as late

GOING = {StepStatus.RUNNING, StepStatus.MONITORING, StepStatus.FINISHED}
SETTLED = {StepStatus.MONITORING, StepStatus.FINISHED}

OPENING: Mapping[ConditionKind, EventKind] = {
    ConditionKind.FAILING: EventKind.STEP_FAILED,
    ConditionKind.PAUSED: EventKind.STEP_PAUSED,
    ConditionKind.WAITING: EventKind.STEP_WAITING,
}

# the status that a step came to -> what is told of it, where no condition speaks for it
ARRIVAL: Mapping[StepStatus, EventKind] = {
    StepStatus.INIT: EventKind.STEP_RERUN,
    StepStatus.RUNNING: EventKind.STEP_STARTED,
    StepStatus.FINISHED: EventKind.STEP_FINISHED,
    StepStatus.MONITORING: EventKind.STEP_MONITORING,
    StepStatus.UNKNOWN: EventKind.STEP_STATUS_UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing learnt: an event to tell, and the condition that opens, comes again or ends with it."""

    event: Event | None = None
    opens: Condition | None = None
    again: Condition | None = None
    clears: Condition | None = None


def detect(
    previous: Snapshot | None,
    current: Snapshot,
    live: Sequence[Condition],
    *,
    now: int,
    late_after_ms: int = LATE_AFTER_MS,
) -> tuple[Finding, ...]:
    """Decide what a new snapshot tells, given the last one and the live conditions of its steps.

    Findings come in order of time, OMS's own where it gives one, else of the steps.
    """
    known = {condition.key: condition for condition in live if condition.kind in STEP_CONDITIONS}
    late = previous is not None and now - previous.observed_at > late_after_ms
    transitions = diff(previous, current) if previous else ()
    found = [*_opened(known, transitions, current, baseline=previous is None, late=late, now=now)]
    found += _cleared(known, current, late=late, now=now)
    spoken_for = {finding.event.step for finding in found if finding.event}
    found += [
        Finding(_event(transition, kind, late=late, now=now))
        for transition in transitions
        if transition.key not in spoken_for or transition.change is Change.FAILED_BRIEFLY
        if (kind := _kind(transition)) is not None
    ]
    found.sort(key=_order(current, now))
    if previous and completed(current) and not completed(previous):
        found.append(Finding(_completed(current, late=late, now=now)))
    return tuple(found)


def _opened(
    known: Mapping[tuple[ConditionKind, str], Condition],
    transitions: Sequence[Transition],
    current: Snapshot,
    *,
    baseline: bool,
    late: bool,
    now: int,
) -> Iterator[Finding]:
    by_key = {transition.key: transition for transition in transitions}
    for (kind, key), step in holding(current).items():
        transition, live = by_key.get(key), known.get((kind, key))
        if live and not (transition and transition.change is Change.FAILED_AGAIN):
            continue
        before = transition.before if transition else None
        said = began_at(kind, step, before)
        since = now if said is None else min(said, now)
        event = Event(
            kind=OPENING[kind],
            observed_at=now,
            step=key,
            happened_at=said,
            already=baseline,
            late=late,
            evidence=Evidence(before=before, after=step, since_at=since),
        )
        if live:
            yield Finding(event, again=replace(live, seen_at=now, count=live.count + 1))
        else:
            fresh = Condition(kind, key, pending_at=now, seen_at=now, since_at=since, opened_at=now)
            yield Finding(event, opens=fresh)


def _cleared(
    known: Mapping[tuple[ConditionKind, str], Condition], current: Snapshot, *, late: bool, now: int
) -> Iterator[Finding]:
    steps, still = current.by_key(), holding(current)
    for condition in known.values():
        if condition.key in still:
            continue
        step = steps.get(condition.step)
        kind = _ending(condition.kind, step)
        if kind is None or step is None:
            yield Finding(clears=condition)
            continue
        evidence = Evidence(after=step, since_at=condition.since_at)
        yield Finding(Event(kind, now, condition.step, late=late, evidence=evidence), clears=condition)


def _ending(kind: ConditionKind, step: Step | None) -> EventKind | None:
    """What tells of a condition's end; None where another event of the same step tells it."""
    if step is None or step.status not in GOING:
        return None
    if kind is ConditionKind.FAILING:
        return EventKind.STEP_RECOVERED
    if kind is ConditionKind.PAUSED and step.status is not StepStatus.FINISHED:
        return EventKind.STEP_RESUMED
    if kind is ConditionKind.WAITING and step.status is StepStatus.RUNNING:
        return EventKind.STEP_STARTED if step.kind is StepKind.SWITCHOVER else EventKind.STEP_RERUN
    return None


def _kind(transition: Transition) -> EventKind | None:
    after = transition.after
    if after is None:
        return EventKind.STEP_VANISHED
    match transition.change:
        case Change.APPEARED:
            return EventKind.STEP_APPEARED
        case Change.RESTARTED:
            return EventKind.STEP_RERUN
        case Change.FAILED_BRIEFLY:
            return EventKind.STEP_RECOVERED
    return _arrival(transition.before, after)


def _arrival(before: Step | None, after: Step) -> EventKind | None:
    # by itself OMS takes neither a finished nor a monitoring step back to running
    fell_back = before and before.status in SETTLED and after.status is StepStatus.RUNNING
    return EventKind.STEP_RERUN if fell_back else ARRIVAL.get(after.status)


def _event(transition: Transition, kind: EventKind, *, late: bool, now: int) -> Event:
    brief = transition.change is Change.FAILED_BRIEFLY
    said = _said_at(transition, kind)
    return Event(
        kind=kind,
        observed_at=now,
        step=transition.key,
        happened_at=said,
        late=late,
        brief=brief,
        evidence=Evidence(before=transition.before, after=transition.after, since_at=said if brief else None),
    )


def _completed(current: Snapshot, *, late: bool, now: int) -> Event:
    starts = [step.started_at for step in current.steps if step.started_at is not None]
    ends = [step.finished_at for step in current.steps if step.finished_at is not None]
    return Event(
        EventKind.PROJECT_COMPLETED,
        now,
        happened_at=max(ends, default=None),
        late=late,
        evidence=Evidence(since_at=min(starts, default=None)),
    )


def _said_at(transition: Transition, kind: EventKind) -> int | None:
    """OMS's own time of a transition, in ms; None where OMS gives none for this kind."""
    step = transition.after
    if step is None:
        return None
    if transition.change is Change.FAILED_BRIEFLY:
        return step.failed_at
    if transition.change is Change.RESTARTED or kind is EventKind.STEP_STARTED:
        return step.started_at
    return step.finished_at if kind in {EventKind.STEP_FINISHED, EventKind.STEP_MONITORING} else None


def _order(current: Snapshot, now: int) -> Callable[[Finding], tuple[int, int]]:
    place = {key: number for number, (key, _) in enumerate(current.keyed())}

    def order(finding: Finding) -> tuple[int, int]:
        event = finding.event
        if event is None:
            return now, -1
        at = now if event.happened_at is None else min(event.happened_at, now)
        return at, place.get(event.step or "", len(place))

    return order
