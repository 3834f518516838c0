"""What is believed of a server that does not answer, and when it is asked again."""

from itertools import pairwise

import pytest

from omsbot.domain.detection.conditions import Condition, ConditionKind
from omsbot.domain.detection.judgements import STEP_CONDITIONS
from omsbot.domain.detection.outages import (
    BELIEFS,
    LONGEST_PROBE_MS,
    ServerHealth,
    ServerState,
    Sight,
    concerns_server,
    server_answered,
    server_failed,
    server_garbled,
)
from omsbot.domain.event_kinds import OPENING
from omsbot.domain.events import Event, EventKind
from omsbot.domain.project.oms_error import OmsError, OmsErrorKind
from tests.builders import HOUR, MINUTE, NOW, SECOND

UNREACHABLE = OmsErrorKind.UNREACHABLE
REJECTED = OmsErrorKind.UNAUTHORIZED
ANSWERED = None


class Server:
    """A server as the bot knows it, asked time after time."""

    def __init__(self) -> None:
        self.state = ServerState()
        self.now = NOW
        self.told: list[Event] = []

    def asked(self, kind: OmsErrorKind | None, *, after: int = 10 * SECOND) -> list[EventKind]:
        self.now += after
        if kind is None:
            self.state, event = server_answered(self.state, now=self.now)
        else:
            self.state, event = server_failed(self.state, OmsError(kind, "no"), now=self.now)
        self.told += [event] if event else []
        return [event.kind] if event else []


@pytest.mark.parametrize(
    ("failures", "apart", "told"),
    [
        pytest.param(1, 0, False, id="one failure"),
        pytest.param(2, MINUTE, False, id="two, long apart"),
        pytest.param(100, 0, False, id="many at once"),
        pytest.param(3, 2_499, False, id="three in less than 5 s"),
        pytest.param(3, 2_500, True, id="three over 5 s"),
        pytest.param(30, 10 * SECOND, True, id="many"),
    ],
)
def test_a_server_is_unreachable_after_three_failures_over_five_seconds(
    failures: int, apart: int, told: bool
) -> None:
    server = Server()
    for number in range(failures):
        server.asked(UNREACHABLE, after=apart if number else 0)
    assert [event.kind for event in server.told] == [EventKind.SERVER_UNREACHABLE] * told
    assert (server.state.health is ServerHealth.UNREACHABLE) is told


def test_an_outage_says_since_when_and_why() -> None:
    server = Server()
    for _ in range(3):
        server.asked(UNREACHABLE)
    (event,) = server.told
    assert event.happened_at == event.evidence.since_at == NOW + 10 * SECOND
    assert (event.evidence.error_kind, event.evidence.error_text) == (
        UNREACHABLE,
        "OMS cannot be reached: no",
    )


def test_its_return_is_told_once_with_since_when_it_was_away() -> None:
    server = Server()
    for _ in range(5):
        server.asked(UNREACHABLE)
    since = server.state.since_at
    assert server.asked(ANSWERED) == [EventKind.SERVER_BACK]
    assert server.state == ServerState(since_at=server.now)
    assert server.asked(ANSWERED) == []
    assert server.told[-1].evidence.since_at == since
    assert server.told[-1].evidence.error_kind == ServerHealth.UNREACHABLE


def test_failures_that_are_not_in_a_row_are_never_told() -> None:
    server = Server()
    for _ in range(5):
        assert not [*server.asked(UNREACHABLE), *server.asked(UNREACHABLE), *server.asked(ANSWERED)]
    assert server.state == ServerState(since_at=server.now)


def test_an_answer_of_a_healthy_server_changes_nothing() -> None:
    state = ServerState(since_at=NOW)
    assert server_answered(state, now=NOW + HOUR).state is state


def test_a_rejected_login_is_told_at_once_and_once() -> None:
    server = Server()
    assert server.asked(REJECTED) == [EventKind.SERVER_REJECTS_LOGIN]
    assert server.asked(REJECTED) == []
    assert server.state.since_at == NOW + 10 * SECOND
    assert server.asked(ANSWERED) == [EventKind.SERVER_BACK]


def test_a_login_is_rejected_since_the_first_rejection_not_since_an_earlier_failure() -> None:
    server = Server()
    server.asked(UNREACHABLE)
    server.asked(REJECTED)
    assert server.told[-1].evidence.since_at == server.now


@pytest.mark.parametrize("kind", [UNREACHABLE, OmsErrorKind.TIMEOUT, OmsErrorKind.UNSUPPORTED])
def test_trouble_of_one_kind_is_told_once_in_whatever_words(kind: OmsErrorKind) -> None:
    server = Server()
    for _ in range(4):
        server.asked(UNREACHABLE)
    assert server.asked(kind) == []


def test_a_login_that_is_rejected_after_an_outage_is_told_as_its_own() -> None:
    server = Server()
    for _ in range(3):
        server.asked(UNREACHABLE)
    assert server.asked(REJECTED) == [EventKind.SERVER_REJECTS_LOGIN]
    assert server.told[-1].evidence.since_at == server.now


def test_a_rejected_login_and_timeouts_in_turn_are_told_once() -> None:
    server = Server()
    for _ in range(5):
        server.asked(REJECTED)
        server.asked(OmsErrorKind.TIMEOUT)
    assert [event.kind for event in server.told] == [EventKind.SERVER_REJECTS_LOGIN]
    assert server.state.since_at == NOW + 10 * SECOND
    assert server.asked(ANSWERED) == [EventKind.SERVER_BACK]


def test_a_server_is_probed_after_half_of_the_time_that_it_was_away_from_two_seconds_to_five_minutes() -> (
    None
):
    state, now, waits = ServerState(), NOW, []
    for _ in range(30):
        state = server_failed(state, OmsError(UNREACHABLE, "no"), now=now).state
        waits.append(state.probe_at - now)
        now = state.probe_at
    assert waits[:5] == [2_000, 2_000, 2_000, 3_000, 4_500]
    assert waits[-1] == LONGEST_PROBE_MS
    assert all(earlier <= later for earlier, later in pairwise(waits))


def test_many_polls_that_fail_at_once_do_not_put_the_probe_off() -> None:
    server = Server()
    for _ in range(100):
        server.asked(UNREACHABLE, after=0)
    server.asked(UNREACHABLE, after=5 * SECOND)
    assert server.state.health is ServerHealth.UNREACHABLE
    assert server.state.probe_at == server.now + 2_500


@pytest.mark.parametrize(
    ("asked_for", "wait"),
    [
        pytest.param(None, 2_000, id="nothing"),
        pytest.param(0.5, 2_000, id="less"),
        pytest.param(900.0, 900_000, id="more"),
    ],
)
def test_a_server_that_asks_for_a_longer_pause_gets_it(asked_for: float | None, wait: int) -> None:
    error = OmsError(UNREACHABLE, "no", retry_after_s=asked_for)
    assert server_failed(ServerState(), error, now=NOW).state.probe_at == NOW + wait


def test_a_login_that_was_rejected_is_not_tried_again_at_once_lest_the_account_be_locked() -> None:
    state, now, waits = ServerState(), NOW, []
    for _ in range(5):
        state = server_failed(state, OmsError(REJECTED, "no"), now=now).state
        waits.append(state.probe_at - now)
        now = state.probe_at
    assert waits == [10_000, 10_000, 10_000, 15_000, 22_500]


def test_only_some_failures_say_something_of_the_server() -> None:
    of_server = {kind for kind in OmsErrorKind if concerns_server(OmsError(kind, ""))}
    assert of_server == {UNREACHABLE, OmsErrorKind.TIMEOUT, REJECTED, OmsErrorKind.UNSUPPORTED}


def test_every_kind_of_blindness_is_told_as_something() -> None:
    others = {ConditionKind.EMPTIED, ConditionKind.FLAPPING, ConditionKind.OVERDUE}
    assert set(BELIEFS) == set(ConditionKind) - set(STEP_CONDITIONS) - others
    assert set(BELIEFS) <= set(OPENING)


def garbled(
    kind: OmsErrorKind = OmsErrorKind.MALFORMED,
    *,
    state: ServerState | None = None,
    sight: Sight | None = None,
    looks: int = 2,
    over: int = 20 * SECOND,
    opened: bool = False,
) -> list[EventKind] | None:
    """What is told of a server after an answer like that; None where it is no fault of the server."""
    began = NOW - over
    suspicion = Condition(
        ConditionKind.UNREADABLE, "", began, NOW, began, opened_at=NOW if opened else None, count=looks
    )
    verdict = server_garbled(
        state or ServerState(), suspicion, sight or Sight(began - 1, 2), OmsError(kind, "no"), now=NOW
    )
    return None if verdict is None else [verdict.event.kind] if verdict.event else []


def test_a_server_none_of_whose_answers_can_be_read_is_told_once() -> None:
    assert garbled() == [EventKind.SERVER_GARBLED]
    assert garbled(state=ServerState(ServerHealth.GARBLED, NOW, 3, NOW)) == []


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(garbled(OmsErrorKind.REJECTED), id="OMS's own error"),
        pytest.param(garbled(sight=Sight(None, 1)), id="one project alone"),
        pytest.param(garbled(sight=Sight(NOW, 2)), id="another answers well"),
        pytest.param(garbled(looks=1), id="too few looks"),
        pytest.param(garbled(over=SECOND), id="too soon"),
        pytest.param(garbled(opened=True), id="told of the project already"),
        pytest.param(garbled(state=ServerState(ServerHealth.UNREACHABLE, NOW, 3, NOW)), id="away anyway"),
    ],
)
def test_what_may_be_the_fault_of_one_project_is_no_verdict_on_its_server(
    found: list[EventKind] | None,
) -> None:
    assert found is None
