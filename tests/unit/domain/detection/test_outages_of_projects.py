"""What is believed of a project that cannot be read although its server answers."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omsbot.domain.detection.conditions import ConditionKind
from omsbot.domain.detection.findings import Continued, Finding, Opened
from omsbot.domain.detection.outages import project_answered, project_failed
from omsbot.domain.events import EventKind
from omsbot.domain.project.oms_error import OmsError, OmsErrorKind
from tests.builders import HOUR, MINUTE, NOW, SECOND, Watch, condition
from tests.unit.domain.strategies import repeatable

GONE = OmsErrorKind.GONE
MALFORMED = OmsErrorKind.MALFORMED
ANSWERED = None
READABLE = EventKind.PROJECT_READABLE


class Project:
    """A project that is asked about time after time; `Watch` keeps its conditions as the store does."""

    def __init__(self) -> None:
        self.watch = Watch()
        self.told: list[EventKind] = []

    def asked(self, kind: OmsErrorKind | None, *, after: int = 10 * SECOND) -> list[EventKind]:
        self.watch.now += after
        now, live = self.watch.now, {known.kind: known for known in self.watch.live.values()}
        failed = OmsError(kind, "no") if kind else None
        found = project_failed(live, failed, now=now) if failed else project_answered(live, now=now)
        self.watch.keep(found)
        told = _told(found)
        self.told += told
        return told


def _told(findings: Sequence[Finding]) -> list[EventKind]:
    return [finding.event.kind for finding in findings if finding.event]


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        pytest.param([0], [], id="once"),
        pytest.param([0, 59_999], [], id="twice within a minute"),
        pytest.param([0, MINUTE], [EventKind.PROJECT_GONE], id="again after a minute"),
        pytest.param([0, SECOND, MINUTE, MINUTE], [EventKind.PROJECT_GONE], id="and ever after"),
    ],
)
def test_gone_is_believed_after_a_second_look_a_minute_later(looks: list[int], told: list[EventKind]) -> None:
    project = Project()
    for after in looks:
        project.asked(GONE, after=after)
    assert project.told == told


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        pytest.param([0, MINUTE], [], id="twice"),
        pytest.param([0, SECOND, SECOND, SECOND], [], id="often, but for a moment"),
        pytest.param([0, 5_000, 10_000], [EventKind.PROJECT_UNREADABLE], id="three times over 15 s"),
        pytest.param([0, 5_000, 10_000, MINUTE], [EventKind.PROJECT_UNREADABLE], id="and ever after"),
    ],
)
def test_unreadable_is_believed_after_three_looks_over_15_seconds(
    looks: list[int], told: list[EventKind]
) -> None:
    project = Project()
    for after in looks:
        project.asked(MALFORMED, after=after)
    assert project.told == told


def test_trouble_says_since_when_and_why() -> None:
    first = condition(ConditionKind.GONE, at=NOW, opened=False)
    (found,) = project_failed({first.kind: first}, OmsError(GONE, "no"), now=NOW + HOUR)
    assert found.event
    assert found.event.happened_at == found.event.evidence.since_at == NOW
    assert (found.event.evidence.error_kind, found.event.evidence.error_text) == (
        GONE,
        "OMS does not know this project: no",
    )
    assert isinstance(found, Continued)
    assert (found.condition.opened_at, found.condition.count) == (NOW + HOUR, 2)


def test_trouble_that_was_told_ends_aloud_and_once() -> None:
    project = Project()
    project.asked(GONE)
    project.asked(GONE, after=MINUTE)
    assert project.asked(ANSWERED) == [READABLE]
    assert project.asked(ANSWERED) == []
    assert project.watch.live == {}


@pytest.mark.parametrize("kind", [GONE, MALFORMED])
def test_a_suspicion_is_dropped_silently(kind: OmsErrorKind) -> None:
    project = Project()
    project.asked(kind)
    assert project.watch.live
    assert project.asked(ANSWERED) == []
    assert project.watch.live == {}


@pytest.mark.parametrize(
    ("first", "then"), [(GONE, MALFORMED), (MALFORMED, GONE)], ids=["gone", "unreadable"]
)
def test_trouble_of_another_kind_drops_a_suspicion(first: OmsErrorKind, then: OmsErrorKind) -> None:
    project = Project()
    project.asked(first)
    assert project.asked(then, after=HOUR) == []
    assert len(project.watch.live) == 1
    assert project.asked(first, after=HOUR) == []


def test_trouble_that_turns_into_another_is_told_and_ends_once() -> None:
    project = Project()
    for kind in (GONE, GONE, MALFORMED, MALFORMED, MALFORMED):
        project.asked(kind, after=MINUTE)
    assert project.told == [EventKind.PROJECT_GONE, EventKind.PROJECT_UNREADABLE]
    assert project.asked(ANSWERED) == [READABLE]


def test_one_answer_of_another_kind_does_not_end_what_was_told() -> None:
    project = Project()
    for kind in (GONE, GONE, MALFORMED, GONE, MALFORMED, GONE):
        project.asked(kind, after=MINUTE)
    assert project.told == [EventKind.PROJECT_GONE]
    assert len(project.watch.live) == 1


def test_conditions_of_steps_are_left_alone() -> None:
    failing = condition(ConditionKind.FAILING)
    assert project_answered({failing.kind: failing}, now=NOW) == ()


def test_a_first_look_may_be_believed_only_later() -> None:
    (found,) = project_failed({}, OmsError(OmsErrorKind.FORBIDDEN, "no"), now=NOW)
    assert found == Opened(condition(ConditionKind.UNREADABLE, opened=False))


@repeatable
@given(
    st.lists(
        st.tuples(st.sampled_from([*OmsErrorKind, ANSWERED]), st.sampled_from([SECOND, 10 * SECOND, MINUTE])),
        max_size=30,
    )
)
def test_trouble_and_its_end_alternate_whatever_oms_answers(
    answers: Sequence[tuple[OmsErrorKind | None, int]],
) -> None:
    project, open_now = Project(), False
    for kind, after in answers:
        told = project.asked(kind, after=after)
        assert len(told) <= 1
        assert READABLE not in told or open_now
        open_now = READABLE not in told and (open_now or bool(told))
        if kind is ANSWERED:
            assert project.watch.live == {}
