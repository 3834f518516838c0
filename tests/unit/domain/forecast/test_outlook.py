"""When a project is expected to end."""

from omsbot.domain.forecast.estimate import Estimate
from omsbot.domain.forecast.outlook import Outlook, outlook
from omsbot.domain.memory.step_memory import Watch, look
from omsbot.domain.project.project import Snapshot, Step, StepInfo
from omsbot.domain.thresholds import Rules
from tests.builders import HOUR, MINUTE, NOW, snapshot, step

RULES = Rules()


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
