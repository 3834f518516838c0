"""Things that last, and what a live one remembers."""

from dataclasses import dataclass

from omsbot.domain.event_kinds import ConditionKind
from omsbot.domain.project.project import Step

__all__ = ["Condition", "ConditionKind", "began_at"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that lasts. `step` is a step's key, or "" for the whole subject.

    `pending_at` is when it was first seen; `opened_at` is None until it is believed. `since_at` is when it
    began, by OMS's clock where OMS says so. `count` counts how often it was seen or came again;
    `reminded_at` is when it was last told again.
    """

    kind: ConditionKind
    step: str
    pending_at: int
    seen_at: int
    since_at: int
    opened_at: int | None = None
    count: int = 1
    reminded_at: int | None = None

    @property
    def key(self) -> tuple[ConditionKind, str]:
        return self.kind, self.step


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
