"""Whether a project is expected to miss its deadline."""

from omsbot.domain.detection.conditions import Condition, ConditionKind
from omsbot.domain.detection.findings import Cleared, Continued, Finding, Opened
from omsbot.domain.detection.overdue import overdue
from omsbot.domain.events import EventKind
from omsbot.domain.forecast.estimate import Estimate
from omsbot.domain.forecast.outlook import Outlook
from omsbot.domain.project.project import Step, StepInfo
from omsbot.domain.thresholds import Rules
from tests.builders import HOUR, MINUTE, NOW, SECOND, snapshot, step

RULES = Rules(remind_seconds=3_600)
LATE, IN_TIME = EventKind.PROJECT_OVERDUE, EventKind.PROJECT_IN_TIME


def copying(records: int) -> Step:
    return step(
        "FULL_TRANSFER", progress=records // 1_000, info=StepInfo(processed_records=records, capacity=100_000)
    )


def judged(
    live: Condition | None,
    deadline_at: int | None,
    likely: int | None,
    *,
    now: int = NOW,
    of: Step | None = None,
) -> list[Finding]:
    ends = {"FULL_TRANSFER": Estimate(likely, likely, likely)} if likely is not None else {}
    seen = snapshot(of or copying(5_000))
    return list(overdue(live, deadline_at, seen, Outlook(ends), RULES, now=now))


def open_since(at: int) -> Condition:
    return Condition(ConditionKind.OVERDUE, "", at, at, at, opened_at=at)


def test_an_estimate_past_the_deadline_is_told_once() -> None:
    (found,) = judged(None, NOW + HOUR, NOW + 2 * HOUR)
    assert found.event
    assert isinstance(found, Opened)
    assert (found.event.kind, found.event.evidence.eta_at) == (LATE, NOW + 2 * HOUR)
    assert judged(found.condition, NOW + HOUR, NOW + 2 * HOUR, now=NOW + MINUTE) == []


def test_a_deadline_that_passes_while_the_copy_runs_is_told_without_an_estimate() -> None:
    (found,) = judged(None, NOW, None, now=NOW + SECOND)
    assert found.event
    assert (found.event.kind, found.event.evidence.eta_at) == (LATE, None)


def test_an_estimate_before_the_deadline_tells_that_it_is_in_time_again() -> None:
    (found,) = judged(open_since(NOW), NOW + 3 * HOUR, NOW + 2 * HOUR)
    assert found.event
    assert found.event.kind is IN_TIME
    assert isinstance(found, Cleared)


def test_what_goes_on_being_late_is_told_again_at_the_chosen_interval() -> None:
    (found,) = judged(open_since(NOW - HOUR), NOW + HOUR, NOW + 2 * HOUR)
    assert found.event
    assert found.event.reminder
    assert isinstance(found, Continued)
    assert found.condition.reminded_at == NOW


def test_without_an_estimate_a_late_project_stays_late() -> None:
    assert judged(open_since(NOW), NOW + HOUR, None) == []


def test_a_project_whose_copies_are_done_is_not_late_any_more() -> None:
    (found,) = judged(open_since(NOW), NOW, NOW, of=step("FULL_TRANSFER", "FINISHED"))
    assert found == Cleared(open_since(NOW))
    assert judged(None, NOW, NOW, of=step("FULL_TRANSFER", "FINISHED")) == []


def test_a_deadline_that_was_removed_ends_it_in_silence() -> None:
    (found,) = judged(open_since(NOW), None, NOW + HOUR)
    assert found.event is None
    assert isinstance(found, Cleared)
