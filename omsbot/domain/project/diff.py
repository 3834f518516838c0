"""What changed between two snapshots of one project, step by step."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from omsbot.domain.project.project import Snapshot, Step, StepStatus

CLOCK_SLACK_MS = 2_000  # OMS gives whole seconds, and an answer takes a moment


class Change(StrEnum):
    APPEARED = "appeared"
    VANISHED = "vanished"
    STATUS = "status"
    RESTARTED = "restarted"  # same status, a later start time
    FAILED_AGAIN = "failed_again"  # failed in both, but not of one failure
    FAILED_BRIEFLY = "failed_briefly"  # failed in neither, but a failure came and went between them


@dataclass(frozen=True, slots=True)
class Transition:
    """One step's change between two snapshots; `before` or `after` is None where the step is not there."""

    key: str
    change: Change
    before: Step | None
    after: Step | None


def diff(previous: Snapshot, current: Snapshot) -> tuple[Transition, ...]:
    """Compare two snapshots, oldest first; counters, progress and texts are no transitions.

    Steps are matched by name, and by order only among steps of one name. A step that failed between the
    looks may have another change as well, which comes after it. The vanished come last.
    """
    old, new = previous.by_key(), current.by_key()
    return tuple(_changed(old, new, looked_at=previous.server_at or previous.observed_at)) + tuple(
        Transition(key, Change.VANISHED, before, None) for key, before in old.items() if key not in new
    )


def outline(snapshot: Snapshot) -> int:
    """A number that is equal, in this process, for snapshots without a transition between them."""
    return hash(
        tuple(
            (key, _status(step), step.started_at, step.failed_at, _code(step))
            for key, step in snapshot.keyed()
        )
    )


def _changed(old: dict[str, Step], new: dict[str, Step], looked_at: int) -> Iterator[Transition]:
    for key, after in new.items():
        before = old.get(key)
        if before is None:
            yield Transition(key, Change.APPEARED, None, after)
            continue
        if before == after:
            continue
        if failed_between(before, after, looked_at):
            yield Transition(key, Change.FAILED_BRIEFLY, before, after)
        change = _change(before, after)
        if change:
            yield Transition(key, change, before, after)


def _change(before: Step, after: Step) -> Change | None:
    if _status(before) != _status(after):
        return Change.STATUS
    if after.failed:
        return Change.FAILED_AGAIN if _another_failure(before, after) else None
    return Change.RESTARTED if _later(before.started_at, after.started_at) else None


def _status(step: Step) -> str:
    return step.raw_status.upper() if step.status is StepStatus.UNKNOWN else step.status


def _another_failure(before: Step, after: Step) -> bool:
    """Whether a step failed anew. What OMS fills in late, or leaves out, is still of the same failure."""
    if _later(before.failed_at, after.failed_at) or _later(before.started_at, after.started_at):
        return True
    codes = {_code(before), _code(after)} - {None}
    return len(codes) > 1


def _later(before: int | None, after: int | None) -> bool:
    return before is not None and after is not None and after > before


def _code(step: Step) -> str | None:
    return step.error.chief.code if step.error else None


def failed_between(before: Step, after: Step, looked_at: int) -> bool:
    """Whether a step that is failed in neither snapshot failed between them.

    A recovered step keeps the `failedTime` of its last failure, so only one that is newer than the last
    look counts. `looked_at` is the server's clock at that look, in ms.
    """
    if before.failed or after.failed or after.status is StepStatus.INIT or after.failed_at is None:
        return False
    return after.failed_at != before.failed_at and after.failed_at >= looked_at - CLOCK_SLACK_MS
