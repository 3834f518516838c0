"""The course of one migration, from precheck to reverse synchronization, laid around its full copy."""

from collections.abc import Sequence
from dataclasses import replace

from omsbot.sandbox.scenarios.failures import OmsFailure
from omsbot.sandbox.scenarios.plan import Key, Status, StepPlan, Window

COMMUNITY_STEPS = (
    "TRANSFER_PRECHECK",
    "STRUCT_TRANSFER",
    "TRANSFER_INCR_LOG_PULL",
    "FULL_TRANSFER",
    "INDEX_TRANSFER",
    "INCR_TRANSFER",
    "FULL_VERIFIER",
    "TRANSFER_APP_SWITCH",
    "REVERSE_INCR_TRANSFER",
)

CLOUD_STEPS = (
    "PRE_CHECK",
    "STRUCT_MIGRATION",
    "INCR_LOG_PULL",
    "FULL_MIGRATION",
    "INDEX_MIGRATION",
    "INCR_SYNC",
    "FULL_VALIDATION",
    "APP_SWITCH",
    "REVERSE_INCR_SYNC",
)

RECORDS = 1_080_000


def copy(begin: float, end: float) -> tuple[Key, ...]:
    """A step that runs evenly from begin to end."""
    return (Key(begin, Status.RUNNING), Key(end, Status.FINISHED, 100))


def migration(
    full: tuple[Key, ...],
    *,
    records: int = RECORDS,
    failure: OmsFailure | None = None,
    keeps_error: bool = False,
    lag: tuple[tuple[float, float], ...] = ((0.0, 1.0),),
    frozen: Sequence[Window] = (),
    unsampled: Sequence[Window] = (),
    inconsistencies: int = 0,
    last: str = COMMUNITY_STEPS[-1],
) -> tuple[StepPlan, ...]:
    """The nine steps around the given course of the full copy.

    What comes after a copy that never finishes, and after the step `last`, stays INIT. `lag`, `frozen` and
    `unsampled` count from the moment when incremental synchronization has caught up.
    """
    end = full[-1].at
    done = full[-1].status is Status.FINISHED
    courses = {
        "TRANSFER_PRECHECK": copy(0, 8),
        "STRUCT_TRANSFER": copy(8, 25),
        "TRANSFER_INCR_LOG_PULL": copy(25, 35),
        "FULL_TRANSFER": full,
        **(_after_full(end) if done else {}),
    }
    reached = COMMUNITY_STEPS[: COMMUNITY_STEPS.index(last) + 1]
    steps = [
        StepPlan(order, name, courses.get(name, ()) if name in reached else ())
        for order, name in enumerate(COMMUNITY_STEPS, start=1)
    ]
    if last == "INCR_TRANSFER":
        steps[5] = replace(steps[5], keys=steps[5].keys[:2])
    steps[3] = replace(steps[3], records=records, failure=failure, keeps_error=keeps_error)
    steps[6] = replace(steps[6], records=records, inconsistencies=inconsistencies)
    caught_up = end + 80
    steps[5] = replace(
        steps[5],
        lag=((end + 20, 60.0), *((caught_up + at, behind) for at, behind in lag)),
        frozen=_later(frozen, caught_up),
        unsampled=_later(unsampled, caught_up),
    )
    return tuple(steps)


def _later(windows: Sequence[Window], by: float) -> tuple[Window, ...]:
    return tuple((begin + by, end + by) for begin, end in windows)


def _after_full(end: float) -> dict[str, tuple[Key, ...]]:
    """What follows a copy that ends at `end`: the index step overlaps it, two steps wait for a person."""
    return {
        "INDEX_TRANSFER": copy(end - 30, end + 20),
        "INCR_TRANSFER": (
            Key(end + 20, Status.RUNNING),
            Key(end + 80, Status.MONITORING, 100),
            Key(end + 415, Status.FINISHED, 100),
        ),
        "FULL_VERIFIER": (
            Key(end + 85, Status.RUNNING),
            Key(end + 175, Status.RUNNING, 100),
            Key(end + 295, Status.FINISHED, 100),
        ),
        "TRANSFER_APP_SWITCH": (
            Key(end + 297, Status.RUNNING),
            Key(end + 414, Status.RUNNING),
            Key(end + 415, Status.FINISHED, 100),
        ),
        "REVERSE_INCR_TRANSFER": (
            Key(end + 417, Status.RUNNING),
            Key(end + 445, Status.MONITORING, 100),
            Key(end + 745, Status.FINISHED, 100),
        ),
    }


def in_cloud_words(steps: Sequence[StepPlan]) -> tuple[StepPlan, ...]:
    """The same steps under the names that the cloud edition gives them."""
    names = dict(zip(COMMUNITY_STEPS, CLOUD_STEPS, strict=True))
    return tuple(replace(step, name=names[step.name]) for step in steps)
