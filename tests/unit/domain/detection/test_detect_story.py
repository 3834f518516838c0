"""Completion, what happened while nobody looked, and the order in which findings come."""

import pytest

from omsbot.domain.detection.conditions import Condition, ConditionKind
from omsbot.domain.detection.detect import LATE_AFTER_MS, detect
from omsbot.domain.events import EventKind
from omsbot.domain.project.project import Step
from tests.builders import HOUR, MINUTE, NOW, SECOND, Watch, condition, kinds, snapshot, step

COMPLETED = EventKind.PROJECT_COMPLETED
SWITCHED = step("TRANSFER_APP_SWITCH", "FINISHED")


def reverse(status: str) -> Step:
    return step("REVERSE_INCR_TRANSFER", status)


def test_completion_is_told_after_all_else_with_the_time_that_it_took() -> None:
    watch = Watch()
    watch.see(step("PRE_CHECK", "FINISHED", started_at=NOW - HOUR), step("FULL_TRANSFER", started_at=NOW))
    first, last = watch.see(
        step("PRE_CHECK", "FINISHED", started_at=NOW - HOUR),
        step("FULL_TRANSFER", "FINISHED", started_at=NOW, finished_at=NOW + SECOND),
    )
    assert (first.kind, last.kind) == (EventKind.STEP_FINISHED, COMPLETED)
    assert (last.happened_at, last.evidence.since_at, last.step) == (NOW + SECOND, NOW - HOUR, None)


def test_completion_without_any_time_of_oms_has_none() -> None:
    watch = Watch()
    watch.see(step("FULL_TRANSFER"))
    last = watch.see(step("FULL_TRANSFER", "FINISHED"))[-1]
    assert (last.kind, last.happened_at, last.evidence.since_at) == (COMPLETED, None, None)


def test_a_completed_project_that_stays_so_is_told_once() -> None:
    watch = Watch()
    for status in ("RUNNING", "FINISHED", "FINISHED", "FINISHED"):
        watch.see(step("FULL_TRANSFER", status))
    assert kinds(watch.told).count(COMPLETED) == 1


def test_trouble_of_the_reverse_step_does_not_tell_the_completion_again() -> None:
    watch = Watch()
    watch.see(step("TRANSFER_APP_SWITCH", progress=50), reverse("INIT"))
    for status in ("INIT", "RUNNING", "MONITORING", "FAILED", "MONITORING", "SUSPEND", "RUNNING", "FINISHED"):
        watch.see(SWITCHED, reverse(status))
    assert kinds(watch.told).count(COMPLETED) == 1


def test_a_project_that_is_run_anew_is_completed_anew() -> None:
    watch = Watch()
    for status in ("RUNNING", "FINISHED", "RUNNING", "FINISHED"):
        watch.see(step("FULL_TRANSFER", status))
    assert kinds(watch.told).count(COMPLETED) == 2


@pytest.mark.parametrize(
    ("away", "late"),
    [pytest.param(LATE_AFTER_MS, False, id="soon"), pytest.param(LATE_AFTER_MS + 1, True, id="too long")],
)
def test_what_happened_while_nobody_looked_is_late(away: int, late: bool) -> None:
    watch = Watch()
    before = ("FAILED", "RUNNING", "RUNNING", "RUNNING")
    after = ("FINISHED", "FAILED", "FINISHED", "FINISHED")
    names = ("PRE_CHECK", "FULL_TRANSFER", "INDEX_TRANSFER", "NEW")
    watch.see(*(step(name, status) for name, status in zip(names, before, strict=True)))
    told = watch.see(*(step(name, status) for name, status in zip(names, after, strict=True)), after=away)
    assert len(told) == 4
    assert {event.late for event in told} == {late}


def test_a_late_completion_is_late() -> None:
    watch = Watch()
    watch.see(step("FULL_TRANSFER"))
    assert all(event.late for event in watch.see(step("FULL_TRANSFER", "FINISHED"), after=HOUR))


def test_findings_come_in_the_order_of_omss_own_times() -> None:
    watch = Watch()
    watch.see(step("A", "RUNNING"), step("B", "RUNNING"), step("C", "INIT"), step("D", "INIT"))
    told = watch.see(
        step("A", "FINISHED", finished_at=watch.now + 3 * MINUTE),
        step("B", "FAILED", failed_at=watch.now + 2 * MINUTE),
        step("C", "RUNNING", started_at=watch.now + MINUTE),
        step("D", "STOPPING"),
        after=HOUR,
    )
    assert [event.step for event in told] == ["C", "B", "A", "D"]


def test_what_oms_gives_no_time_for_comes_in_the_order_of_the_steps_the_vanished_last() -> None:
    watch = Watch()
    watch.see(step("GONE"), *(step(name, "INIT") for name in "ABC"))
    told = watch.see(*(step(name, "RUNNING") for name in "ABC"))
    assert [event.step for event in told] == ["A", "B", "C", "GONE"]


def test_what_begins_ends_and_happens_at_one_time_comes_in_the_order_of_the_steps() -> None:
    watch = Watch()
    watch.see(step("A", "INIT"), step("B", "RUNNING"), step("C", "SUSPEND"), step("D", "INIT"))
    told = watch.see(step("A", "RUNNING"), step("B", "SUSPEND"), step("C", "RUNNING"), step("D", "RUNNING"))
    assert [event.step for event in told] == ["A", "B", "C", "D"]


def test_a_time_of_oms_in_the_future_does_not_reorder() -> None:
    watch = Watch()
    watch.see(step("A", "INIT"), step("B", "INIT"))
    told = watch.see(step("A", "RUNNING", started_at=NOW + 9 * HOUR), step("B", "RUNNING"))
    assert [event.step for event in told] == ["A", "B"]


def test_conditions_of_the_whole_project_are_left_alone() -> None:
    live: list[Condition] = [condition(kind) for kind in (ConditionKind.GONE, ConditionKind.UNREADABLE)]
    assert detect(snapshot(), snapshot(), live, now=NOW) == ()
