"""Which deliveries are shown in full, in a line or as a count, and in which order."""

from collections.abc import Sequence

import pytest
from hypothesis import given

from omsbot.domain.events import EventKind, Severity
from omsbot.domain.notify.compose import FULL_LIMIT, LINE_LIMIT, Composition, Pending, Shown, compose
from omsbot.domain.notify.delivery import Reason
from tests.builders import NOW, event
from tests.unit.domain.strategies import pendings, repeatable

FAILED = EventKind.STEP_FAILED
STARTED = EventKind.STEP_STARTED
RECOVERED = EventKind.STEP_RECOVERED
SERVER_AWAY = EventKind.SERVER_UNREACHABLE
SERVER_BACK = EventKind.SERVER_BACK
URGENCY = list(Severity)


def news(*kinds: EventKind) -> list[Pending]:
    return [Pending(number, event(kind, at=NOW + number)) for number, kind in enumerate(kinds)]


def muted(*told: tuple[EventKind, bool | None]) -> list[Pending]:
    return [
        Pending(number, event(kind, at=NOW + number), holds, Reason.MUTED)
        for number, (kind, holds) in enumerate(told)
    ]


def shown(composition: Composition) -> list[tuple[EventKind, Shown]]:
    return [(item.event.kind, item.shown) for item in composition.items]


def test_failures_come_first_and_equals_in_order_of_time() -> None:
    kinds = (STARTED, FAILED, EventKind.STEP_PAUSED, RECOVERED, STARTED, FAILED)
    assert [item.delivery_id for item in compose(news(*kinds)).items] == [1, 5, 2, 3, 0, 4]


def test_failures_are_shown_in_full_and_all_else_in_a_line() -> None:
    assert shown(compose(news(STARTED, FAILED))) == [(FAILED, Shown.FULL), (STARTED, Shown.LINE)]


def test_many_failures_are_shown_in_lines_after_the_first_few() -> None:
    items = compose(news(*[FAILED] * (FULL_LIMIT + 2))).items
    assert [item.shown for item in items] == [Shown.FULL] * FULL_LIMIT + [Shown.LINE] * 2


def test_more_than_a_message_can_hold_is_counted_and_says_so() -> None:
    composition = compose(news(*[FAILED] * FULL_LIMIT, *[STARTED] * (LINE_LIMIT + 4)))
    assert len(composition.visible) == FULL_LIMIT + LINE_LIMIT
    assert [(item.delivery_id, item.reason) for item in composition.counted] == [
        (number, Reason.FOLDED) for number in range(FULL_LIMIT + LINE_LIMIT, FULL_LIMIT + LINE_LIMIT + 4)
    ]


def test_a_message_of_nothing_calls_nobody() -> None:
    assert compose([]) == Composition((), broadcast=False, mention=False, muted=False)


@pytest.mark.parametrize(
    ("kinds", "broadcast", "mention"),
    [
        pytest.param([FAILED], True, True, id="a failure"),
        pytest.param([STARTED, SERVER_AWAY], True, True, id="a failure among others"),
        pytest.param([RECOVERED], True, False, id="a recovery"),
        pytest.param([EventKind.STEP_WAITING], True, False, id="OMS waits"),
        pytest.param([EventKind.PROJECT_COMPLETED], True, False, id="completion"),
        pytest.param([EventKind.STEP_PAUSED, STARTED], False, False, id="the rest stays in the thread"),
    ],
)
def test_what_is_urgent_reaches_the_channel_and_failures_call_people(
    kinds: list[EventKind], broadcast: bool, mention: bool
) -> None:
    composition = compose(news(*kinds))
    assert (composition.broadcast, composition.mention) == (broadcast, mention)


def test_after_a_silence_what_still_holds_is_told_and_the_rest_is_counted() -> None:
    composition = compose(muted((FAILED, False), (RECOVERED, False), (STARTED, None), (FAILED, True)))
    assert composition.muted
    assert [item.delivery_id for item in composition.visible] == [3]
    assert [item.reason for item in composition.counted] == [Reason.COLLAPSED] * 3


def test_after_a_silence_in_which_all_passed_nobody_is_called() -> None:
    composition = compose(muted((FAILED, False), (RECOVERED, False)))
    assert composition.visible == ()
    assert (composition.broadcast, composition.mention) == (False, False)


def test_what_a_silence_postponed_comes_after_what_is_new() -> None:
    over, new = Pending(0, event(FAILED), False, Reason.MUTED), Pending(1, event(STARTED))
    assert shown(compose([over, new])) == [(STARTED, Shown.LINE), (FAILED, Shown.COUNTED)]


@pytest.mark.parametrize("why", [Reason.MUTED, Reason.LATE])
@pytest.mark.parametrize(
    ("kinds", "visible"),
    [
        pytest.param([SERVER_AWAY], [SERVER_AWAY], id="it is still away"),
        pytest.param([SERVER_AWAY, SERVER_BACK], [], id="it was away and is back"),
        pytest.param([SERVER_AWAY, SERVER_BACK, SERVER_AWAY], [SERVER_AWAY], id="it is away again"),
        pytest.param([SERVER_BACK], [SERVER_BACK], id="it was told as away and is back"),
        pytest.param(
            [SERVER_BACK, SERVER_AWAY, SERVER_BACK],
            [SERVER_BACK],
            id="it was told as away, and is back at last",
        ),
        pytest.param(
            [SERVER_AWAY, EventKind.SERVER_REJECTS_LOGIN],
            [EventKind.SERVER_REJECTS_LOGIN],
            id="it rejects the login now",
        ),
    ],
)
def test_after_a_wait_a_server_is_told_of_as_it_is_now(
    kinds: list[EventKind], visible: list[EventKind], why: Reason
) -> None:
    composition = compose([Pending(number, event(kind), reason=why) for number, kind in enumerate(kinds)])
    assert [item.event.kind for item in composition.visible] == visible
    assert len(composition.items) == len(kinds)


@pytest.mark.parametrize("why", [Reason.MUTED, Reason.LATE])
def test_after_a_wait_an_end_is_told_where_its_beginning_was_told_before(why: Reason) -> None:
    recovered = Pending(1, event(RECOVERED), False, why, condition=7)
    assert shown(compose([recovered])) == [(RECOVERED, Shown.LINE)]
    both = [Pending(0, event(FAILED), False, why, condition=7), recovered]
    assert compose(both).visible == ()


def test_a_failure_that_passed_between_two_looks_is_counted_after_a_wait() -> None:
    assert compose([Pending(1, event(RECOVERED), reason=Reason.MUTED)]).visible == ()


@pytest.mark.parametrize("why", [Reason.MUTED, Reason.LATE])
def test_completion_is_told_after_any_wait(why: Reason) -> None:
    done = event(EventKind.PROJECT_COMPLETED, None)
    assert len(compose([Pending(1, done, reason=why)]).visible) == 1


def test_after_an_outage_of_slack_only_the_newest_progress_is_told_one_by_one() -> None:
    kinds = (STARTED, EventKind.STEP_FINISHED, EventKind.STEP_RERUN, STARTED)
    waited = [Pending(number, event(kind), reason=Reason.LATE) for number, kind in enumerate(kinds)]
    assert [item.delivery_id for item in compose(waited).visible] == [2, 3]


def test_what_was_so_before_the_channel_listened_is_told_as_such() -> None:
    (item,) = compose([Pending(1, event(FAILED), True, Reason.OPEN_WHEN_SUBSCRIBED)]).items
    assert item.already
    (item,) = compose(news(FAILED)).items
    assert not item.already


@repeatable
@given(pendings())
def test_every_delivery_is_in_the_message_exactly_once(waiting: Sequence[Pending]) -> None:
    composition = compose(waiting)
    assert sorted(item.delivery_id for item in composition.items) == [one.delivery_id for one in waiting]
    assert sorted(map(id, composition.items)) == sorted(map(id, composition.visible + composition.counted))


@repeatable
@given(pendings())
def test_no_message_holds_more_than_the_limits_and_none_hides_what_is_urgent(
    waiting: Sequence[Pending],
) -> None:
    items = compose(waiting).items
    for limit, how in ((FULL_LIMIT, Shown.FULL), (LINE_LIMIT, Shown.LINE)):
        assert sum(item.shown is how for item in items) <= limit
    told = [URGENCY.index(item.event.severity) for item in items if item.shown is not Shown.COUNTED]
    folded = [URGENCY.index(item.event.severity) for item in items if item.reason is Reason.FOLDED]
    assert told == sorted(told)
    assert not folded or not told or min(folded) >= max(told)


@repeatable
@given(pendings())
def test_only_what_waited_collapses_and_no_beginning_that_still_holds(waiting: Sequence[Pending]) -> None:
    by_id = {one.delivery_id: one for one in waiting}
    for item in compose(waiting).counted:
        one = by_id[item.delivery_id]
        if item.reason is Reason.COLLAPSED:
            assert one.reason in {Reason.MUTED, Reason.LATE}
            assert not (one.holds and one.event.kind is FAILED)
