import pytest
from hypothesis import given
from hypothesis import strategies as st

from omsbot.domain.project.diff import CLOCK_SLACK_MS, Change, Transition, diff, failed_between, outline
from omsbot.domain.project.project import Step
from tests.builders import MINUTE, NOW, SECOND, snapshot, step
from tests.unit.domain.strategies import repeatable, step_lists, steps


def changes(before: list[Step], after: list[Step]) -> list[tuple[str, Change]]:
    return [(one.key, one.change) for one in diff(snapshot(*before), snapshot(*after))]


def test_a_transition_holds_the_step_before_and_after() -> None:
    before, after = step("A", "INIT"), step("A", "RUNNING")
    assert diff(snapshot(before), snapshot(after)) == (Transition("A", Change.STATUS, before, after),)
    assert diff(snapshot(), snapshot(after)) == (Transition("A", Change.APPEARED, None, after),)
    assert diff(snapshot(before), snapshot()) == (Transition("A", Change.VANISHED, before, None),)


def test_transitions_come_in_the_order_of_the_steps_the_vanished_last() -> None:
    before = [step("GONE"), step("A", "INIT"), step("B", "INIT")]
    assert changes(before, [step("NEW"), step("B"), step("A")]) == [
        ("NEW", Change.APPEARED),
        ("B", Change.STATUS),
        ("A", Change.STATUS),
        ("GONE", Change.VANISHED),
    ]


def test_the_later_of_twins_is_the_one_that_vanishes() -> None:
    twins = [step("A", "FINISHED"), step("A", "FINISHED")]
    assert changes(twins, twins[:1]) == [("A#2", Change.VANISHED)]


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        pytest.param("RUNNING", "running", True, id="a known word in another case"),
        pytest.param("STOPPING", "Stopping", True, id="an unknown word in another case"),
        pytest.param("STOPPING", "STOPPED", False, id="two unknown words"),
        pytest.param("", "STOPPED", False, id="no word"),
    ],
)
def test_a_status_is_the_same_in_whatever_case(before: str, after: str, same: bool) -> None:
    assert changes([step("A", before)], [step("A", after)]) == ([] if same else [("A", Change.STATUS)])


def test_a_step_that_failed_between_the_looks_may_have_another_change_as_well() -> None:
    after = step("A", "FINISHED", failed_at=NOW + SECOND)
    assert changes([step("A")], [after]) == [("A", Change.FAILED_BRIEFLY), ("A", Change.STATUS)]


@pytest.mark.parametrize(
    ("before", "after", "failed"),
    [
        pytest.param(step("A"), step("A", failed_at=NOW), True, id="at the look"),
        pytest.param(step("A"), step("A", failed_at=NOW - CLOCK_SLACK_MS), True, id="within the slack"),
        pytest.param(step("A"), step("A", failed_at=NOW - CLOCK_SLACK_MS - 1), False, id="before the look"),
        pytest.param(step("A", failed_at=NOW), step("A", failed_at=NOW), False, id="known already"),
        pytest.param(step("A", failed_at=NOW), step("A", failed_at=NOW + SECOND), True, id="once more"),
        pytest.param(step("A", failed_at=NOW), step("A"), False, id="left out"),
        pytest.param(
            step("A", "FAILED"), step("A", failed_at=NOW), False, id="failed before: no brief failure"
        ),
        pytest.param(
            step("A"), step("A", "FAILED", failed_at=NOW), False, id="failed after: no brief failure"
        ),
        pytest.param(step("A"), step("A", "INIT", failed_at=NOW), False, id="fell back"),
    ],
)
def test_a_step_failed_between_two_looks_if_its_failed_time_says_so(
    before: Step, after: Step, failed: bool
) -> None:
    assert failed_between(before, after, NOW) is failed


def test_the_time_of_a_look_is_the_servers_own_where_it_is_known() -> None:
    after = snapshot(step("A", failed_at=NOW + SECOND), at=NOW + MINUTE)
    assert diff(snapshot(step("A"), at=NOW), after)
    assert not diff(snapshot(step("A"), at=NOW, server_at=NOW + MINUTE), after)


@repeatable
@given(step_lists())
def test_equal_answers_differ_in_nothing(listed: list[Step]) -> None:
    assert changes(listed, listed) == []


@repeatable
@given(step_lists(), step_lists())
def test_every_transition_is_of_its_step_and_none_is_given_twice(old: list[Step], new: list[Step]) -> None:
    before, after = snapshot(*old).by_key(), snapshot(*new).by_key()
    found = diff(snapshot(*old), snapshot(*new))
    assert len({(one.key, one.change) for one in found}) == len(found)
    assert all((one.before, one.after) == (before.get(one.key), after.get(one.key)) for one in found)
    assert {one.key for one in found if one.change is Change.APPEARED} == after.keys() - before.keys()
    assert {one.key for one in found if one.change is Change.VANISHED} == before.keys() - after.keys()


@repeatable
@given(step_lists(), steps(), st.integers(0, 4))
def test_a_transition_changes_the_outline(old: list[Step], other: Step, at: int) -> None:
    before, after = snapshot(*old), snapshot(*old[:at], other, *old[at + 1 :])
    assert not diff(before, after) or outline(before) != outline(after)


def test_counters_leave_the_outline_as_it_is_and_a_failure_does_not() -> None:
    before = snapshot(step("FULL_TRANSFER", "RUNNING", progress=10))
    assert outline(before) == outline(snapshot(step("FULL_TRANSFER", "RUNNING", progress=20)))
    assert outline(before) != outline(snapshot(step("FULL_TRANSFER", "FAILED", progress=20)))
