"""Things that last: what kinds there are, and what a live one remembers."""

from dataclasses import dataclass
from enum import StrEnum

from omsbot.domain.project.project import Step


class ConditionKind(StrEnum):
    FAILING = "failing"
    PAUSED = "paused"
    WAITING = "waiting"
    STALLED = "stalled"  # runs, but its figures stand still
    SLOW = "slow"  # its rate is far under its reference
    LAGGING = "lagging"
    FROZEN = "frozen"  # its checkpoint, or the checkpoint's sample, stands still
    FLAPPING = "flapping"  # failed lately: counts, and is told only when it has come to rest
    OVERDUE = "overdue"  # the estimate, or the clock, is past the project's deadline
    GONE = "gone"
    UNREADABLE = "unreadable"
    EMPTIED = "emptied"  # OMS lists no steps, where it listed some: counted until it is believed, never told
    UNREACHABLE = "unreachable"
    LOGIN_REJECTED = "login_rejected"
    GARBLED = "garbled"  # no answer of a server can be read


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
