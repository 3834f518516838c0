"""Whether a project is ready for its switchover, by what OMS's states show; nothing here sees the data."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from omsbot.domain.forecast.estimate import CAUGHT_UP_S
from omsbot.domain.project.figures import STALE_S, read_at, rows, staleness_s
from omsbot.domain.project.phase import waits_for_person
from omsbot.domain.project.project import Snapshot, Step, StepKind, StepStatus
from omsbot.domain.project.samples import Sample

SETTLED_MS = 5 * 60_000  # a lag counts as low when it has been for so long
LOOKED_AWAY_MS = 20 * 60_000  # samples of a lag farther apart say nothing of the time between
CAVEAT = (
    "omsbot only sees OMS's states. "
    "Only verification and your own checks can confirm that the data is correct."
)

_VERIFIES_FOR_EVER = {"INCR_VERIFIER"}
_DONE = {StepStatus.FINISHED}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at; `ok` is None where it does not apply or cannot be said, which hinders nothing.

    `since_at` is since when it holds, in ms, where that is known.
    """

    name: str
    ok: bool | None
    says: str
    since_at: int | None = None


@dataclass(frozen=True, slots=True)
class Readiness:
    """The verdict, and what it rests on."""

    ready: bool
    checks: tuple[Check, ...]


def readiness(
    snapshot: Snapshot, *, now: int, lag_low_since: int | None = None, frozen_since: int | None = None
) -> Readiness:
    """Judge a project by its newest snapshot.

    `lag_low_since` is since when every sample showed a low lag (None: none did, or there are none);
    `frozen_since` since when a checkpoint stood still, where it does. Times are ms by our clock.
    """
    checks = (
        _failed(snapshot),
        _paused(snapshot),
        _full_copy(snapshot),
        _verification(snapshot),
        *_synchronization(snapshot, now, lag_low_since, frozen_since),
        _switchover(snapshot),
    )
    return Readiness(bool(snapshot.steps) and all(check.ok is not False for check in checks), checks)


def lag_low_since(samples: Sequence[Sample], *, now: int) -> int | None:
    """Since when the lag of a step was low, given its samples, the oldest first; None where the last is not.

    A time without samples ends what they show.
    """
    since, after = None, now
    for sample in reversed(samples):
        if sample.lag_s is None or sample.lag_s >= CAUGHT_UP_S or after - sample.at > LOOKED_AWAY_MS:
            break
        since = after = sample.at
    return since


def _of(snapshot: Snapshot, *kinds: StepKind) -> list[Step]:
    return [step for step in snapshot.steps if step.kind in kinds]


def _named(steps: Sequence[Step]) -> str:
    return ", ".join(dict.fromkeys(step.label for step in steps))


def _failed(snapshot: Snapshot) -> Check:
    failed = [step for step in snapshot.steps if step.failed]
    return Check("Failed steps", not failed, f"{_named(failed)} FAILED" if failed else "none")


def _paused(snapshot: Snapshot) -> Check:
    paused = [step for step in snapshot.steps if step.status is StepStatus.SUSPEND]
    return Check("Paused steps", not paused, f"{_named(paused)} paused" if paused else "none")


def _full_copy(snapshot: Snapshot) -> Check:
    name, steps = "Full copy", _of(snapshot, StepKind.FULL_COPY)
    if not steps:
        return Check(name, None, "this project has none")
    open_ones = [step for step in steps if step.status not in _DONE]
    return Check(name, not open_ones, _how_far(open_ones[0]) if open_ones else "done")


def _verification(snapshot: Snapshot) -> Check:
    name, steps = "Verification", _of(snapshot, StepKind.VERIFICATION)
    if not steps:
        return Check(name, None, "none is configured: the data has not been compared")
    differ = sum(step.info.inconsistencies or 0 for step in steps if step.info)
    if differ:
        return Check(name, False, f"{differ:,} {'row differs' if differ == 1 else 'rows differ'}")
    full = [step for step in steps if step.name not in _VERIFIES_FOR_EVER]
    if not full:
        return Check(name, None, "no full verification is configured: only changes are compared")
    open_ones = [step for step in full if not (step.status in _DONE or waits_for_person(step))]
    if open_ones:
        return Check(name, False, _how_far(open_ones[0]))
    counted = any(step.info and step.info.inconsistencies is not None for step in steps)
    if not counted:
        return Check(name, None, "done; OMS's steps do not report the result: read it in the console")
    return Check(name, True, f"done, no row differs{_compared(full)}")


def _compared(steps: Sequence[Step]) -> str:
    counts = [rows(step.info)[0] for step in steps if step.info]
    compared = sum(count for count in counts if count is not None)
    return f" ({compared:,} rows compared)" if compared else ""


def _synchronization(
    snapshot: Snapshot, now: int, low_since: int | None, frozen_since: int | None
) -> Iterator[Check]:
    name, steps = "Incremental synchronization", _of(snapshot, StepKind.INCREMENTAL)
    if not steps:
        yield Check(name, None, "this project has none: new writes to the source are not copied")
        return
    behind = [step for step in steps if step.status not in {StepStatus.MONITORING, *_DONE}]
    done = "done" if all(step.status in _DONE for step in steps) else "caught up, OMS monitors it"
    yield Check(name, not behind, _how_far(behind[0]) if behind else done)
    following = [step for step in steps if step.status in {StepStatus.MONITORING, StepStatus.RUNNING}]
    if following:
        yield _lag(following, now, low_since)
        yield _checkpoint(following, snapshot, frozen_since)


def _lag(steps: Sequence[Step], now: int, low_since: int | None) -> Check:
    lags = [step.lag_s for step in steps]
    worst = max((lag for lag in lags if lag is not None), default=None)
    if worst is None or None in lags:
        return Check("Lag", False, "unknown")
    if worst >= CAUGHT_UP_S:
        return Check("Lag", False, f"{_span(worst)}; {CAUGHT_UP_S} s or more is too much")
    if low_since is None:
        return Check("Lag", False, f"{worst} s, but for how long is unknown: follow the project and wait")
    if now - low_since < SETTLED_MS:
        minutes = SETTLED_MS // 60_000
        return Check("Lag", False, f"{worst} s, but for less than {minutes} min: wait", low_since)
    return Check("Lag", True, f"{worst} s, under {CAUGHT_UP_S} s", low_since)


def _checkpoint(steps: Sequence[Step], snapshot: Snapshot, frozen_since: int | None) -> Check:
    if frozen_since is not None:
        return Check("Checkpoint", False, "not advancing", frozen_since)
    ages = [age for step in steps if (age := staleness_s(step, read_at(snapshot))) is not None]
    if not ages:
        return Check("Checkpoint", None, "OMS does not say when it was sampled")
    if max(ages) > STALE_S:
        return Check(
            "Checkpoint", False, f"sampled {_span(max(ages))} earlier: the lag is older than it looks"
        )
    return Check("Checkpoint", True, f"fresh, sampled {max(ages)} s earlier")


def _span(seconds: int) -> str:
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60:,} min"


def _switchover(snapshot: Snapshot) -> Check:
    name, steps = "Switchover", _of(snapshot, StepKind.SWITCHOVER)
    if not steps:
        return Check(name, None, "this project has no such step")
    if all(step.status in _DONE for step in steps):
        return Check(name, False, "already done", steps[-1].finished_at)
    if any(waits_for_person(step) for step in steps):
        return Check(name, True, "action needed in OMS")
    begun = [step for step in steps if step.status is StepStatus.RUNNING]
    return Check(name, None, _how_far(begun[0]) if begun else "OMS has not reached it yet")


def _how_far(step: Step) -> str:
    """`Full migration is running, 43 %`."""
    if step.status is StepStatus.UNKNOWN:
        return f"{step.label} has a status that omsbot does not know"
    word = {
        StepStatus.INIT: "has not started",
        StepStatus.RUNNING: "is running",
        StepStatus.FAILED: "FAILED",
        StepStatus.SUSPEND: "is paused",
    }.get(step.status, "is not done")
    moving = step.status in {StepStatus.RUNNING, StepStatus.FAILED, StepStatus.SUSPEND}
    return f"{step.label} {word}" + (f", {step.progress} %" if moving and step.progress is not None else "")
