from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omsbot.domain.project.project import Snapshot, Step, StepInfo
from omsbot.domain.project.samples import Sample
from omsbot.domain.reports.readiness import Check, lag_low_since, readiness
from tests.builders import HOUR, MINUTE, NOW, SECOND, snapshot, step
from tests.unit.domain.strategies import repeatable, step_lists


def synced(lag_s: int | None = 3, *, age_s: int = 5, status: str = "MONITORING") -> Step:
    sampled = NOW // 1000 - age_s
    info = None if lag_s is None else StepInfo(checkpoint_s=sampled - lag_s, sampled_s=sampled)
    return replace(step("INCR_TRANSFER", status), info=info)


def verified(differ: int | None = 0, **how: object) -> Step:
    done = step("FULL_VERIFIER", progress=100, finished_at=NOW - HOUR)
    return replace(done, info=StepInfo(inconsistencies=differ), **how)  # type: ignore[arg-type]


COPIED = step("FULL_TRANSFER", "FINISHED", progress=100)
WAITING = step("TRANSFER_APP_SWITCH", "RUNNING", progress=0)
READY = (COPIED, synced(), verified(), WAITING)


def judged(*steps: Step, low_for: int | None = HOUR, frozen_since: int | None = None) -> dict[str, Check]:
    low_since = None if low_for is None else NOW - low_for
    found = readiness(snapshot(*steps), now=NOW, lag_low_since=low_since, frozen_since=frozen_since)
    assert found.ready is all(check.ok is not False for check in found.checks)
    return {check.name: check for check in found.checks}


def hindered(*steps: Step, **how: int | None) -> set[str]:
    """The checks that fail."""
    return {name for name, check in judged(*steps, **how).items() if check.ok is False}


def test_a_project_that_is_copied_verified_and_in_sync_is_ready() -> None:
    assert readiness(snapshot(*READY), now=NOW, lag_low_since=NOW - HOUR).ready
    checks = judged(*READY)
    assert [check.ok for check in checks.values()] == [True] * 8
    assert checks["Lag"] == Check("Lag", True, "3 s, under 30 s", NOW - HOUR)


HINDRANCES = {
    "a failed step": ((*READY, step("INDEX_TRANSFER", "FAILED")), "Failed steps", "Index migration FAILED"),
    "a paused step": ((*READY, step("INDEX_TRANSFER", "SUSPEND")), "Paused steps", "Index migration paused"),
    "a copy that runs": (
        (step("FULL_TRANSFER", progress=43), *READY[1:]),
        "Full copy",
        "Full migration is running, 43 %",
    ),
    "a copy with an unknown status": (
        (step("FULL_TRANSFER", "DREAMING"), *READY[1:]),
        "Full copy",
        "Full migration has a status that omsbot does not know",
    ),
    "verification to come": (
        (*READY[:2], step("FULL_VERIFIER", "INIT"), WAITING),
        "Verification",
        "Full verification has not started",
    ),
    "verification that runs": (
        (*READY[:2], step("FULL_VERIFIER", progress=9), WAITING),
        "Verification",
        "Full verification is running, 9 %",
    ),
    "rows that differ": ((*READY[:2], verified(1_200), WAITING), "Verification", "1,200 rows differ"),
    "one row that differs": ((*READY[:2], verified(1), WAITING), "Verification", "1 row differs"),
    "differences found already": (
        (*READY[:2], replace(verified(2), progress=50, finished_at=None), WAITING),
        "Verification",
        "2 rows differ",
    ),
    "synchronization that catches up": (
        (COPIED, synced(status="RUNNING"), verified(), WAITING),
        "Incremental synchronization",
        "Incremental synchronization is running",
    ),
    "a lag": (
        (COPIED, synced(30), verified(), WAITING),
        "Lag",
        "30 s; 30 s or more is too much",
    ),
    "an unknown lag": ((COPIED, synced(None), verified(), WAITING), "Lag", "unknown"),
    "an old checkpoint": (
        (COPIED, synced(age_s=300), verified(), WAITING),
        "Checkpoint",
        "sampled 5 min earlier: the lag is older than it looks",
    ),
    "a switchover that was": (
        (*READY[:3], step("TRANSFER_APP_SWITCH", "FINISHED")),
        "Switchover",
        "already done",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", HINDRANCES)
def test_what_hinders_is_named(case: str) -> None:
    steps, name, says = HINDRANCES[case]
    assert hindered(*steps) == {name}
    assert judged(*steps)[name].says == says


def test_a_lag_must_have_been_low_for_a_while() -> None:
    assert hindered(*READY, low_for=4 * MINUTE) == {"Lag"}
    assert hindered(*READY, low_for=5 * MINUTE) == set()
    assert hindered(*READY, low_for=None) == {"Lag"}


def test_a_checkpoint_that_stands_still_hinders() -> None:
    checks = judged(*READY, frozen_since=NOW - HOUR)
    assert checks["Checkpoint"] == Check("Checkpoint", False, "not advancing", NOW - HOUR)


NOT_THERE = {
    "no verification": ((COPIED, synced(), WAITING), "Verification", "data has not been compared"),
    "only incremental verification": (
        (COPIED, synced(), step("INCR_VERIFIER"), WAITING),
        "Verification",
        "only changes",
    ),
    "verification without a result": (
        (COPIED, synced(), verified(None), WAITING),
        "Verification",
        "read it in the console",
    ),
    "no copy": (READY[1:], "Full copy", "this project has none"),
    "no synchronization": (
        (COPIED, verified(), WAITING),
        "Incremental synchronization",
        "are not copied",
    ),
    "no switchover": (READY[:3], "Switchover", "no such step"),
    "a switchover to come": (
        (*READY[:3], step("TRANSFER_APP_SWITCH", "INIT")),
        "Switchover",
        "not reached it yet",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", NOT_THERE)
def test_what_cannot_be_said_is_said_and_hinders_nothing(case: str) -> None:
    steps, name, says = NOT_THERE[case]
    checks = judged(*steps)
    assert checks[name].ok is None
    assert says in checks[name].says
    assert hindered(*steps) == set()


def test_a_project_without_steps_is_not_ready() -> None:
    assert not readiness(snapshot(), now=NOW, lag_low_since=NOW - HOUR).ready


@repeatable
@given(step_lists(), st.none() | st.integers(0, HOUR))
def test_with_a_failed_or_paused_step_no_project_is_ready(steps: Sequence[Step], low_for: int | None) -> None:
    seen = Snapshot(tuple(steps), NOW)
    found = readiness(seen, now=NOW, lag_low_since=None if low_for is None else NOW - low_for)
    troubled = any(one.raw_status in {"FAILED", "SUSPEND"} for one in steps)
    assert not (found.ready and (troubled or not steps))
    assert all(check.says for check in found.checks)


# --- since when a lag is low


def sampled(*lags: int | None, every: int = 10 * SECOND, ago: int = 0) -> list[Sample]:
    """Samples of a lag, the last of them so long ago."""
    last = NOW - ago - every * (len(lags) - 1)
    return [Sample("INCR_TRANSFER", last + n * every, lag_s=lag) for n, lag in enumerate(lags)]


@pytest.mark.parametrize(
    ("samples", "low_for"),
    [
        pytest.param([], None, id="no samples"),
        pytest.param(sampled(5), 0, id="one"),
        pytest.param(sampled(400, 31, 29, 5, 0), 20 * SECOND, id="since it fell"),
        pytest.param(sampled(5, 5, 30), None, id="not at last"),
        pytest.param(sampled(5, None, 5), 0, id="unknown meanwhile"),
        pytest.param(sampled(5, 5, every=10 * MINUTE), 10 * MINUTE, id="thinned"),
        pytest.param(sampled(5, 5, every=HOUR), 0, id="nobody looked meanwhile"),
        pytest.param(sampled(5, 5, ago=HOUR), None, id="nobody looked lately"),
    ],
)
def test_a_lag_is_low_since_every_sample_shows_it(samples: list[Sample], low_for: int | None) -> None:
    assert lag_low_since(samples, now=NOW) == (None if low_for is None else NOW - low_for)
