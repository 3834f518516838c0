"""Failures that repeat, pass between two looks, or left their traces on a step that recovered."""

import pytest

from omsbot.domain.detection.conditions import ConditionKind
from omsbot.domain.events import EventKind
from omsbot.domain.project.project import Step
from omsbot.domain.thresholds import Rules
from tests.builders import HOUR, MINUTE, NOW, SECOND, Watch, kinds, snapshot, step

FAILING = (ConditionKind.FAILING, "FULL_TRANSFER")
LOOKED = NOW + 10 * SECOND  # the first look of a watch
FRESH = LOOKED + 5 * SECOND  # between the first look and the second
OTHER = step("PRE_CHECK", "INIT")


def copy(status: str = "RUNNING", **more: int | str | None) -> Step:
    return step("FULL_TRANSFER", status, **more)  # type: ignore[arg-type]  # named fields of one step


def told_by(before: Step, after: Step) -> list[EventKind]:
    watch = Watch()
    watch.see(OTHER, before)
    return kinds(watch.see(OTHER, after))


def test_a_failure_says_when_with_which_error_and_at_what_progress() -> None:
    watch = Watch()
    watch.see(copy(progress=40))
    failed = copy("FAILED", progress=43, failed_at=FRESH, code="CM-1", message="no space left")
    (told,) = watch.see(failed)
    assert (told.kind, told.happened_at, told.evidence.since_at) == (EventKind.STEP_FAILED, FRESH, FRESH)
    assert told.evidence.after == failed
    assert (told.already, told.late, told.brief) == (False, False, False)


def test_a_recovery_says_since_when_it_had_failed() -> None:
    watch = Watch()
    watch.see(copy())
    watch.see(copy("FAILED", failed_at=FRESH))
    (told,) = watch.see(copy(failed_at=FRESH))
    assert (told.kind, told.evidence.since_at) == (EventKind.STEP_RECOVERED, FRESH)


def test_the_old_failed_time_of_a_recovered_step_never_alerts() -> None:
    watch = Watch()
    watch.see(OTHER, copy())
    watch.see(OTHER, copy("FAILED", failed_at=FRESH, code="CM-1"))
    for status in ("RUNNING", "RUNNING", "SUSPEND", "RUNNING", "FINISHED", "FINISHED"):
        watch.see(OTHER, copy(status, failed_at=FRESH, code="CM-1"))
    assert kinds(watch.told) == [
        EventKind.STEP_FAILED,
        EventKind.STEP_RECOVERED,
        EventKind.STEP_PAUSED,
        EventKind.STEP_RESUMED,
        EventKind.STEP_FINISHED,
    ]


@pytest.mark.parametrize("status", ["INIT", "RUNNING", "FINISHED", "SUSPEND", "MONITORING", "STOPPING"])
def test_an_old_failed_time_that_only_shows_now_is_no_failure(status: str) -> None:
    assert told_by(copy(status), copy(status, failed_at=NOW - HOUR)) == []


def test_a_new_failure_is_not_dated_by_the_failed_time_of_an_earlier_one() -> None:
    watch = Watch()
    watch.see(copy(failed_at=NOW - 9 * HOUR))
    (told,) = watch.see(copy("FAILED", failed_at=NOW - 9 * HOUR))
    assert (told.happened_at, told.evidence.since_at) == (None, watch.now)


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(copy("FAILED", failed_at=FRESH, started_at=NOW, code="CM-1"), id="later failedTime"),
        pytest.param(copy("FAILED", failed_at=NOW, started_at=FRESH, code="CM-1"), id="later startTime"),
        pytest.param(copy("FAILED", failed_at=NOW, started_at=NOW, code="CM-2"), id="another code"),
    ],
)
def test_another_failure_of_a_failed_step_is_told(after: Step) -> None:
    watch = Watch(rules=Rules(flap_seconds=0))
    watch.see(copy("FAILED", failed_at=NOW, started_at=NOW, code="CM-1"))
    assert kinds(watch.see(after)) == [EventKind.STEP_FAILED]
    assert watch.see(after) == ()
    assert (watch.live[FAILING].count, watch.live[FAILING].seen_at) == (2, LOOKED + 10 * SECOND)
    assert kinds(watch.see(copy())) == [EventKind.STEP_RECOVERED]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(copy("FAILED"), copy("FAILED", failed_at=NOW, code="CM-1"), id="error shows later"),
        pytest.param(copy("FAILED", failed_at=NOW, code="CM-1"), copy("FAILED"), id="error is left out"),
        pytest.param(copy("FAILED", message="a"), copy("FAILED", message="b"), id="other words"),
        pytest.param(copy("FAILED"), copy("FAILED", started_at=NOW), id="start shows later"),
        pytest.param(copy("FAILED", failed_at=FRESH), copy("FAILED", failed_at=NOW), id="earlier failedTime"),
        pytest.param(copy("FAILED", progress=1), copy("FAILED", progress=2), id="progress"),
    ],
)
def test_one_failure_is_told_once_however_its_error_is_worded(before: Step, after: Step) -> None:
    assert told_by(before, after) == []


def test_a_failure_that_came_and_went_between_two_looks_is_told_as_brief() -> None:
    watch = Watch()
    watch.see(copy())
    (told,) = watch.see(copy(failed_at=FRESH, code="CM-1"))
    assert (told.kind, told.brief) == (EventKind.STEP_RECOVERED, True)
    assert (told.happened_at, told.evidence.since_at) == (FRESH, FRESH)
    assert not watch.holding()
    assert watch.see(copy(failed_at=FRESH, code="CM-1")) == ()


@pytest.mark.parametrize(
    ("before", "after", "also"),
    [
        pytest.param(copy(), copy("FINISHED", failed_at=FRESH), EventKind.STEP_FINISHED, id="then finished"),
        pytest.param(copy("INIT"), copy(failed_at=FRESH), EventKind.STEP_STARTED, id="after it started"),
        pytest.param(copy(), copy("SUSPEND", failed_at=FRESH), EventKind.STEP_PAUSED, id="then paused"),
        pytest.param(
            copy(started_at=NOW),
            copy(started_at=FRESH + 1, failed_at=FRESH),
            EventKind.STEP_RERUN,
            id="then again",
        ),
        pytest.param(
            step("FULL_VERIFIER", progress=90),
            step("FULL_VERIFIER", progress=100, finished_at=FRESH + 1, failed_at=FRESH),
            EventKind.STEP_WAITING,
            id="then waits",
        ),
    ],
)
def test_a_brief_failure_is_told_beside_what_else_the_step_did(
    before: Step, after: Step, also: EventKind
) -> None:
    assert told_by(before, after) == [EventKind.STEP_RECOVERED, also]


def test_a_failure_before_the_look_by_the_servers_clock_is_no_news() -> None:
    watch = Watch()
    watch.look(snapshot(copy(), at=NOW, server_at=NOW + HOUR))
    assert watch.see(copy(failed_at=NOW + MINUTE)) == ()


def test_a_brief_failure_of_a_step_that_falls_back_is_told_as_the_rerun_alone() -> None:
    assert told_by(copy(), copy("INIT", failed_at=FRESH)) == [EventKind.STEP_RERUN]


@pytest.mark.parametrize("status", ["RUNNING", "MONITORING", "FINISHED", "SUSPEND"])
def test_a_later_start_time_is_a_rerun(status: str) -> None:
    watch = Watch()
    watch.see(OTHER, copy(status, started_at=NOW))
    (told,) = watch.see(OTHER, copy(status, started_at=FRESH))
    assert (told.kind, told.happened_at) == (EventKind.STEP_RERUN, FRESH)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(None, NOW, id="shows later"),
        pytest.param(NOW, None, id="is left out"),
        pytest.param(NOW, NOW - 1, id="earlier"),
    ],
)
def test_another_start_time_that_is_not_later_is_no_rerun(before: int | None, after: int | None) -> None:
    assert told_by(copy(started_at=before), copy(started_at=after)) == []
