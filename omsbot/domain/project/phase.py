"""What a whole project is doing, read from its steps: one word, and the step that the word is about."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from omsbot.domain.project.project import Snapshot, Step, StepKind, StepStatus

# Once the switchover is done these may go on for ever; they do not keep a project from being complete.
ONGOING_AFTER_SWITCHOVER = {StepKind.REVERSE, StepKind.LOG_PULL, StepKind.INCREMENTAL}


class ProjectPhase(StrEnum):
    """Most urgent first; the first that holds is what a person is told."""

    FAILED = "failed"
    WAITING = "waiting"
    PAUSED = "paused"
    UNKNOWN = "unknown"
    COMPLETED = "completed"
    RUNNING = "running"
    IN_SYNC = "in_sync"
    NOT_STARTED = "not_started"
    IDLE = "idle"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class ProjectState:
    phase: ProjectPhase
    step: Step | None = None


def waits_for_person(step: Step) -> bool:
    """Whether OMS holds this step until a person acts in its console.

    Verification that is RUNNING at 100 % with a finish time is done and waits for "Go To Next Stage"; a
    switchover that is RUNNING at 0 % waits for the person who switches over.
    """
    if step.status is not StepStatus.RUNNING:
        return False
    if step.kind is StepKind.VERIFICATION:
        return step.progress == 100 and step.finished_at is not None
    return step.kind is StepKind.SWITCHOVER and not step.progress


def works(step: Step) -> bool:
    """Whether a step moves by itself; the log pull does not count, it runs beside all others for ever."""
    if step.status is not StepStatus.RUNNING or waits_for_person(step):
        return False
    return step.kind is not StepKind.LOG_PULL


def completed(snapshot: Snapshot) -> bool:
    """Whether nothing is left to do: every step finished, or goes on for good after the switchover.

    A step that goes on may fail and recover later: that is trouble of its own, and completes nothing anew.
    """
    switched = any(s.kind is StepKind.SWITCHOVER and s.status is StepStatus.FINISHED for s in snapshot.steps)
    return bool(snapshot.steps) and all(_done(step, switched) for step in snapshot.steps)


def _done(step: Step, switched: bool) -> bool:
    if step.status is StepStatus.FINISHED:
        return True
    return switched and step.kind in ONGOING_AFTER_SWITCHOVER and step.status is not StepStatus.INIT


def project_state(snapshot: Snapshot | None) -> ProjectState:
    """The most urgent thing that holds of a project, and its step."""
    if snapshot is None:
        return ProjectState(ProjectPhase.UNSEEN)
    for phase, holds in _LADDER:
        found = (
            _chief(snapshot.steps, holds) if phase is ProjectPhase.RUNNING else _first(snapshot.steps, holds)
        )
        if found:
            return ProjectState(phase, found)
        if phase is ProjectPhase.UNKNOWN and completed(snapshot):
            return ProjectState(ProjectPhase.COMPLETED)
    if all(step.status is StepStatus.INIT for step in snapshot.steps):
        return ProjectState(ProjectPhase.NOT_STARTED)
    return ProjectState(ProjectPhase.IDLE)


def _status_is(status: StepStatus) -> Callable[[Step], bool]:
    return lambda step: step.status is status


_LADDER: Sequence[tuple[ProjectPhase, Callable[[Step], bool]]] = (
    (ProjectPhase.FAILED, _status_is(StepStatus.FAILED)),
    (ProjectPhase.WAITING, waits_for_person),
    (ProjectPhase.PAUSED, _status_is(StepStatus.SUSPEND)),
    (ProjectPhase.UNKNOWN, _status_is(StepStatus.UNKNOWN)),
    (ProjectPhase.RUNNING, works),
    (ProjectPhase.IN_SYNC, _status_is(StepStatus.MONITORING)),
    (ProjectPhase.RUNNING, _status_is(StepStatus.RUNNING)),
)


def _first(steps: Sequence[Step], holds: Callable[[Step], bool]) -> Step | None:
    return next((step for step in steps if holds(step)), None)


def _chief(steps: Sequence[Step], holds: Callable[[Step], bool]) -> Step | None:
    """Of several the full copy, which takes days while others start and end beside it; else the last."""
    running = [step for step in steps if holds(step)]
    copies = [step for step in running if step.kind is StepKind.FULL_COPY]
    found = copies or running
    return found[-1] if found else None
