import pytest
from hypothesis import given
from hypothesis import strategies as st

from omsbot.domain.events import EventKind, Level
from omsbot.domain.notify.delivery import DeliveryState, Reason
from omsbot.domain.notify.routing import Routed, Silence, Subscription, route, silent_until
from omsbot.domain.project.subject import Project
from tests.builders import HOUR, MINUTE, NOW, event
from tests.unit.domain.strategies import repeatable

TEAM = Subscription(7, "C1", Project(1), Level.IMPORTANT)


@pytest.mark.parametrize(
    ("kind", "levels"),
    [
        pytest.param(EventKind.STEP_FAILED, [Level.FAILURES, Level.IMPORTANT, Level.ALL], id="a failure"),
        pytest.param(EventKind.STEP_RECOVERED, [Level.FAILURES, Level.IMPORTANT, Level.ALL], id="its end"),
        pytest.param(EventKind.STEP_WAITING, [Level.IMPORTANT, Level.ALL], id="OMS waits"),
        pytest.param(EventKind.STEP_STARTED, [Level.ALL], id="a step started"),
    ],
)
def test_a_subscription_hears_what_its_level_asks_for(kind: EventKind, levels: list[Level]) -> None:
    everyone = [Subscription(level, "C1", Project(1), level) for level in Level]
    routed = route(event(kind), everyone, [], now=NOW)
    assert [one.subscription_id for one in routed if one.state is DeliveryState.PENDING] == levels
    assert {one.reason for one in routed if one.state is DeliveryState.WITHHELD} <= {Reason.BELOW_LEVEL}


def test_every_subscription_gets_one_delivery_with_its_reason() -> None:
    (told,) = route(event(), [TEAM], [], now=NOW)
    assert told == Routed(TEAM.id, DeliveryState.PENDING, Reason.NEWS, NOW)
    (told,) = route(event(), [TEAM], [], now=NOW, reason=Reason.OPEN_WHEN_SUBSCRIBED)
    assert told.reason is Reason.OPEN_WHEN_SUBSCRIBED


def test_a_silence_postpones_to_its_end() -> None:
    silence = Silence("C1", Project(1), NOW + HOUR)
    (told,) = route(event(), [TEAM], [silence], now=NOW)
    assert told == Routed(TEAM.id, DeliveryState.PENDING, Reason.MUTED, NOW + HOUR)


def test_what_is_below_the_level_is_withheld_for_good_also_in_a_silence() -> None:
    (told,) = route(event(EventKind.STEP_STARTED), [TEAM], [Silence("C1", None, NOW + HOUR)], now=NOW)
    assert told == Routed(TEAM.id, DeliveryState.WITHHELD, Reason.BELOW_LEVEL, NOW)


@pytest.mark.parametrize(
    ("silences", "until"),
    [
        pytest.param([], None, id="none"),
        pytest.param([Silence("C1", Project(1), NOW + HOUR)], NOW + HOUR, id="of the project"),
        pytest.param([Silence("C1", None, NOW + HOUR)], NOW + HOUR, id="of the channel"),
        pytest.param([Silence("C2", Project(1), NOW + HOUR)], None, id="of another channel"),
        pytest.param([Silence("C1", Project(2), NOW + HOUR)], None, id="of another project"),
        pytest.param([Silence("C1", Project(1), NOW)], None, id="just over"),
        pytest.param(
            [Silence("C1", Project(1), NOW + MINUTE), Silence("C1", None, NOW + HOUR)],
            NOW + HOUR,
            id="the longest counts",
        ),
    ],
)
def test_a_silence_lasts_as_long_as_one_holds(silences: list[Silence], until: int | None) -> None:
    assert silent_until("C1", Project(1), silences, NOW) == until


@repeatable
@given(
    st.sampled_from(EventKind),
    st.lists(
        st.builds(
            Subscription, st.integers(), st.sampled_from("AB"), st.just(Project(1)), st.sampled_from(Level)
        )
    ),
    st.lists(
        st.builds(
            Silence,
            st.sampled_from("AB"),
            st.sampled_from([None, Project(1), Project(2)]),
            st.integers(0, 2 * NOW),
        )
    ),
)
def test_nobody_is_left_out_and_nothing_is_due_in_the_past(
    kind: EventKind, subscriptions: list[Subscription], silences: list[Silence]
) -> None:
    routed = route(event(kind), subscriptions, silences, now=NOW)
    assert [one.subscription_id for one in routed] == [one.id for one in subscriptions]
    assert all(one.not_before >= NOW for one in routed)
    assert all((one.not_before > NOW) == (one.reason is Reason.MUTED) for one in routed)
