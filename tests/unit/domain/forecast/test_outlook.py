"""When a project is expected to end, and whether that is in time for its deadline."""

from omsbot.domain.detection.conditions import Condition, ConditionKind
from omsbot.domain.detection.findings import Finding
from omsbot.domain.events import EventKind
from omsbot.domain.forecast.estimate import Estimate
from omsbot.domain.forecast.outlook import Outlook, outlook, overdue
from omsbot.domain.memory.step_memory import Watch, look
from omsbot.domain.project.project import Snapshot, Step, StepInfo
from omsbot.domain.thresholds import Rules
from tests.builders import HOUR, MINUTE, NOW, SECOND, snapshot, step

RULES = Rules(remind_seconds=3_600)
LATE, IN_TIME = EventKind.PROJECT_OVERDUE, EventKind.PROJECT_IN_TIME


def copying(records: int) -> Step:
    return step(
        "FULL_TRANSFER", progress=records // 1_000, info=StepInfo(processed_records=records, capacity=100_000)
    )


def watched(*, ahead: int = 0) -> tuple[Snapshot, Watch]:
    """A steady copy after 10 minutes: 1,000 of 100,000 records a minute; the server's clock is behind."""
    watch, before = Watch(), None
    for minute in range(11):
        at = NOW + minute * MINUTE
        seen = snapshot(copying(1_000 * minute), at=at, server_at=at - ahead)
        watch, before = look(watch, before, seen, RULES), seen
    assert before
    return before, watch


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


def test_the_end_of_a_steady_copy_is_within_its_range() -> None:
    seen, watch = watched()
    end = outlook(seen, watch).ends["FULL_TRANSFER"]
    assert end.earliest
    assert end.latest
    assert end.earliest <= NOW + 100 * MINUTE <= end.latest


def test_an_end_is_told_by_our_clock_however_wrong_the_servers_is() -> None:
    right, wrong = outlook(*watched()), outlook(*watched(ahead=3 * HOUR))
    assert right.ends == wrong.ends


def test_of_a_project_that_nobody_follows_nothing_is_expected() -> None:
    assert outlook(snapshot(copying(5)), Watch()) == Outlook()
    assert outlook(None, Watch()) == Outlook()


def test_a_step_that_is_not_remembered_yet_has_no_end() -> None:
    _, watch = watched()
    assert outlook(snapshot(copying(5), step("FULL_VERIFIER")), watch).ends.keys() == {"FULL_TRANSFER"}


def test_a_lag_is_expected_to_be_caught_up() -> None:
    watch, before = Watch(), None
    for minute in range(6):
        sampled_s = NOW // 1_000 + 60 * minute
        info = StepInfo(checkpoint_s=sampled_s - 1_000 + 60 * minute, sampled_s=sampled_s)
        seen = snapshot(step("INCR_TRANSFER", info=info), at=NOW + minute * MINUTE)
        watch, before = look(watch, before, seen, RULES), seen
    assert outlook(before, watch).catch_ups["INCR_TRANSFER"].seconds


def test_the_last_of_several_ends_counts() -> None:
    ends = {"A": Estimate(1, 3, 2), "B": Estimate(5, 9, 7), "C": Estimate(reason="nothing moves")}
    assert Outlook(ends).likely_end == ends["B"]
    assert Outlook().likely_end is None


def test_an_estimate_past_the_deadline_is_told_once() -> None:
    (found,) = judged(None, NOW + HOUR, NOW + 2 * HOUR)
    assert found.event
    assert found.opens
    assert (found.event.kind, found.event.evidence.eta_at) == (LATE, NOW + 2 * HOUR)
    assert judged(found.opens, NOW + HOUR, NOW + 2 * HOUR, now=NOW + MINUTE) == []


def test_a_deadline_that_passes_while_the_copy_runs_is_told_without_an_estimate() -> None:
    (found,) = judged(None, NOW, None, now=NOW + SECOND)
    assert found.event
    assert (found.event.kind, found.event.evidence.eta_at) == (LATE, None)


def test_an_estimate_before_the_deadline_tells_that_it_is_in_time_again() -> None:
    (found,) = judged(open_since(NOW), NOW + 3 * HOUR, NOW + 2 * HOUR)
    assert found.event
    assert found.event.kind is IN_TIME
    assert found.clears


def test_what_goes_on_being_late_is_told_again_at_the_chosen_interval() -> None:
    (found,) = judged(open_since(NOW - HOUR), NOW + HOUR, NOW + 2 * HOUR)
    assert found.event
    assert found.event.reminder
    assert found.again
    assert found.again.reminded_at == NOW


def test_without_an_estimate_a_late_project_stays_late() -> None:
    assert judged(open_since(NOW), NOW + HOUR, None) == []


def test_a_project_whose_copies_are_done_is_not_late_any_more() -> None:
    (found,) = judged(open_since(NOW), NOW, NOW, of=step("FULL_TRANSFER", "FINISHED"))
    assert (found.event, found.clears) == (None, open_since(NOW))
    assert judged(None, NOW, NOW, of=step("FULL_TRANSFER", "FINISHED")) == []


def test_a_deadline_that_was_removed_ends_it_in_silence() -> None:
    (found,) = judged(open_since(NOW), None, NOW + HOUR)
    assert found.event is None
    assert found.clears
