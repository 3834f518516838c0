from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omsbot.domain.notify.slack_limits import (
    DOWN_AFTER,
    EDIT,
    LIMITS,
    POST,
    Slot,
    calls_at_once,
    next_allowed,
    probe_pause_ms,
    reserved,
)
from tests.builders import MINUTE, NOW
from tests.unit.domain.strategies import repeatable

SLOTS = st.builds(Slot, st.integers(0, NOW), st.integers(0, NOW))


@pytest.mark.parametrize(
    ("channel", "app", "at"),
    [
        pytest.param(Slot(), Slot(), 0, id="free"),
        pytest.param(Slot(next_at=5), Slot(next_at=3), 5, id="the channel's turn"),
        pytest.param(Slot(next_at=3), Slot(next_at=5), 5, id="the app's turn"),
        pytest.param(Slot(next_at=3, blocked_until=9), Slot(next_at=5), 9, id="the channel is blocked"),
        pytest.param(Slot(next_at=3), Slot(next_at=5, blocked_until=9), 9, id="the app is blocked"),
    ],
)
def test_a_call_waits_for_the_last_of_its_limits(channel: Slot, app: Slot, at: int) -> None:
    assert next_allowed(channel, app) == at


@repeatable
@given(SLOTS, SLOTS, SLOTS)
def test_a_later_limit_never_allows_an_earlier_call(channel: Slot, app: Slot, more: Slot) -> None:
    later = Slot(max(channel.next_at, more.next_at), max(channel.blocked_until, more.blocked_until))
    assert next_allowed(later, app) >= next_allowed(channel, app)
    assert next_allowed(app, later) >= next_allowed(app, channel)


@pytest.mark.parametrize(
    ("method", "of_channel", "of_app"),
    [pytest.param(POST, 60, 420, id="posts"), pytest.param(EDIT, None, 40, id="edits")],
)
def test_no_minute_holds_more_calls_than_slack_allows(
    method: str, of_channel: int | None, of_app: int
) -> None:
    app, now, calls = Slot(), NOW, []
    while now < NOW + MINUTE:
        calls.append(now)
        channel_next, app_next = reserved(method, app, now)
        app = Slot(next_at=app_next)
        now = max(now, app_next)
    assert len(calls) <= of_app
    assert (
        channel_next == calls[-1] if of_channel is None else MINUTE / (channel_next - calls[-1]) <= of_channel
    )


@repeatable
@given(st.sampled_from(sorted(LIMITS)), st.lists(st.integers(0, 3_000), max_size=80))
def test_calls_keep_their_pace_but_for_a_burst_after_a_rest(method: str, waits: list[int]) -> None:
    limit, app, calls, now = LIMITS[method], Slot(), [], NOW
    for wait in waits:
        now = max(now + wait, app.next_at)
        calls.append(now)
        app = Slot(next_at=reserved(method, app, now)[1])
    for first, last in combinations(range(len(calls)), 2):
        assert calls[last] - calls[first] >= (last - first + 1 - limit.app_burst) * limit.app_ms


@repeatable
@given(st.sampled_from(sorted(LIMITS)), st.integers(0, MINUTE))
def test_so_many_calls_as_are_said_to_be_allowed_at_once_are(method: str, rest: int) -> None:
    app = Slot(next_at=NOW - rest)
    for _ in range(calls_at_once(method, app, NOW)):
        assert next_allowed(Slot(), app) <= NOW
        app = Slot(next_at=reserved(method, app, NOW)[1])
    assert next_allowed(Slot(), app) > NOW


@pytest.mark.parametrize(
    ("app", "calls"),
    [
        pytest.param(Slot(next_at=NOW + 1), 0, id="its turn is to come"),
        pytest.param(Slot(blocked_until=NOW + 1), 0, id="a pause"),
        pytest.param(Slot(failures=DOWN_AFTER), 1, id="a probe while Slack is down"),
        pytest.param(Slot(), LIMITS[POST].app_burst, id="nothing was posted yet"),
    ],
)
def test_how_many_posts_may_go_out_at_once(app: Slot, calls: int) -> None:
    assert calls_at_once(POST, app, NOW) == calls


@repeatable
@given(st.sampled_from(sorted(LIMITS)), st.lists(st.integers(0, 3_000), max_size=30))
def test_calls_to_one_channel_are_never_closer_than_they_say(method: str, waits: list[int]) -> None:
    channel, app, calls, now = Slot(), Slot(), [], NOW
    for wait in waits:
        now = max(now + wait, next_allowed(channel, app))
        calls.append(now)
        channel, app = (Slot(next_at=at) for at in reserved(method, app, now))
    least = max(LIMITS[method][:2])
    assert all(later - earlier >= least for earlier, later in pairwise(calls))


def test_the_pause_between_probes_grows_from_a_second_to_half_a_minute() -> None:
    pauses = [probe_pause_ms(DOWN_AFTER + more) for more in range(30)]
    assert pauses[:3] == [1_000, 2_000, 4_000]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 30_000
