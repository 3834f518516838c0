"""Things that last: which of them hold of a snapshot, and what a live one remembers."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from omsbot.domain.project import Snapshot, Step, StepStatus
from omsbot.domain.state import waits_for_person


class ConditionKind(StrEnum):
    FAILING = "failing"
    PAUSED = "paused"
    WAITING = "waiting"
    GONE = "gone"
    UNREADABLE = "unreadable"
    EMPTIED = "emptied"  # OMS lists no steps, where it listed some: counted until it is believed, never told
    UNREACHABLE = "unreachable"
    LOGIN_REJECTED = "login_rejected"


STEP_CONDITIONS = (ConditionKind.FAILING, ConditionKind.PAUSED, ConditionKind.WAITING)


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that lasts. `step` is a step's key, or "" for the whole subject.

    `pending_at` is when it was first seen; `opened_at` is None until it is believed. `since_at` is when it
    began, by OMS's clock where OMS says so. `count` counts how often it was seen or came again.
    """

    kind: ConditionKind
    step: str
    pending_at: int
    seen_at: int
    since_at: int
    opened_at: int | None = None
    count: int = 1

    @property
    def key(self) -> tuple[ConditionKind, str]:
        return self.kind, self.step


def holding(snapshot: Snapshot) -> Mapping[tuple[ConditionKind, str], Step]:
    """The conditions of steps that hold in a snapshot, each with its step."""
    return {(kind, key): step for key, step in snapshot.keyed() if (kind := _kind(step)) is not None}


def _kind(step: Step) -> ConditionKind | None:
    if step.status is StepStatus.FAILED:
        return ConditionKind.FAILING
    if step.status is StepStatus.SUSPEND:
        return ConditionKind.PAUSED
    return ConditionKind.WAITING if waits_for_person(step) else None


def began_at(kind: ConditionKind, step: Step, before: Step | None) -> int | None:
    """When a condition of a step began, by OMS's clock; None where OMS gives no time for it.

    `before` is the step in the last snapshot: a `failedTime` that it had while it was not failed is that of
    an earlier failure.
    """
    if kind is ConditionKind.FAILING:
        passed = before is not None and not before.failed and before.failed_at == step.failed_at
        return None if passed else step.failed_at
    if kind is ConditionKind.WAITING:
        times = (step.started_at, step.finished_at)
        return max((time for time in times if time is not None), default=None)
    return None
