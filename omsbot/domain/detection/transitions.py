"""What a transition of a step is posted as, where no condition speaks for it."""

from collections.abc import Mapping

from omsbot.domain.events import Event, EventKind, Evidence
from omsbot.domain.project.diff import Change, Transition
from omsbot.domain.project.project import Snapshot, Step, StepStatus

SETTLED = {StepStatus.MONITORING, StepStatus.FINISHED}

# the status that a step came to -> what is posted of it, where no condition speaks for it
ARRIVAL: Mapping[StepStatus, EventKind] = {
    StepStatus.INIT: EventKind.STEP_RERUN,
    StepStatus.RUNNING: EventKind.STEP_STARTED,
    StepStatus.FINISHED: EventKind.STEP_FINISHED,
    StepStatus.MONITORING: EventKind.STEP_MONITORING,
    StepStatus.UNKNOWN: EventKind.STEP_STATUS_UNKNOWN,
}


def kind_of(transition: Transition) -> EventKind | None:
    """The kind of event that a transition is posted as; None where it is not worth an event."""
    after = transition.after
    if after is None:
        return EventKind.STEP_VANISHED
    match transition.change:
        case Change.APPEARED:
            return EventKind.STEP_APPEARED
        case Change.RESTARTED:
            return EventKind.STEP_RERUN
    return _arrival(transition.before, after)


def _arrival(before: Step | None, after: Step) -> EventKind | None:
    # by itself OMS takes neither a finished nor a monitoring step back to running
    fell_back = before and before.status in SETTLED and after.status is StepStatus.RUNNING
    return EventKind.STEP_RERUN if fell_back else ARRIVAL.get(after.status)


def event_of(transition: Transition, kind: EventKind, *, late: bool, now: int) -> Event:
    """The event of a transition, with OMS's own time where OMS gives one."""
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


def completion(current: Snapshot, *, late: bool, now: int) -> Event:
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
