import pytest

from omsbot.domain.notify.delivery import (
    POST_TRANSITIONS,
    RETRY_STEPS_MS,
    SETTLE_AFTER_MS,
    DeliveryState,
    NotSent,
    Outcome,
    PostState,
    Rejected,
    RejectionScope,
    Sent,
    Settlement,
    Unknown,
    backoff_ms,
    settle,
)
from tests.builders import NOW

OURS = Rejected(RejectionScope.OURS, "invalid_blocks")
WAITS_AGAIN = (PostState.DISSOLVED, DeliveryState.PENDING)
OUTCOMES: dict[str, Outcome] = {
    "sent": Sent("1700000000.000100", "1700000000.000001"),
    "not sent": NotSent("ConnectionRefusedError"),
    "limited": NotSent("ratelimited", retry_after_s=30.5, limited=True),
    "unknown": Unknown("TimeoutError"),
    **{scope: Rejected(scope, "refused") for scope in RejectionScope},
}


@pytest.mark.parametrize(
    ("outcome", "settlement"),
    [
        pytest.param(OUTCOMES["sent"], Settlement(PostState.SENT, DeliveryState.TOLD), id="sent"),
        pytest.param(
            OUTCOMES["not sent"],
            Settlement(*WAITS_AGAIN, NOW + 2_000),
            id="not sent: waits, longer each time",
        ),
        pytest.param(
            OUTCOMES["limited"], Settlement(*WAITS_AGAIN, NOW + 30_500), id="limited: waits as long as asked"
        ),
        pytest.param(
            NotSent("ratelimited", retry_after_s=0.0, limited=True),
            Settlement(*WAITS_AGAIN, NOW),
            id="limited: 0 s",
        ),
        pytest.param(
            OUTCOMES["unknown"],
            Settlement(PostState.UNKNOWN, DeliveryState.SENDING, NOW + SETTLE_AFTER_MS),
            id="unknown: looked into later",
        ),
        pytest.param(OURS, Settlement(*WAITS_AGAIN, NOW, retry_plain=True), id="ours: as plain text at once"),
        *(
            pytest.param(OUTCOMES[scope], Settlement(*WAITS_AGAIN, NOW + 2_000), id=f"{scope}: waits")
            for scope in RejectionScope
            if scope is not RejectionScope.OURS
        ),
    ],
)
def test_an_outcome_decides_what_becomes_of_a_post(outcome: Outcome, settlement: Settlement) -> None:
    assert settle(outcome, attempt=2, plain=False, now=NOW) == settlement


def test_content_that_is_refused_as_plain_text_too_has_failed() -> None:
    settlement = settle(OURS, attempt=2, plain=True, now=NOW)
    assert settlement == Settlement(PostState.FAILED, DeliveryState.FAILED)


@pytest.mark.parametrize("plain", [False, True], ids=["blocks", "plain"])
@pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=OUTCOMES)
def test_every_settlement_is_a_step_that_the_table_allows(outcome: Outcome, plain: bool) -> None:
    settlement = settle(outcome, attempt=1, plain=plain, now=NOW)
    assert settlement.post in POST_TRANSITIONS[PostState.SENDING]
    final = settlement.deliveries in {DeliveryState.TOLD, DeliveryState.FAILED}
    assert final == (settlement.due_at is None)


def test_what_is_over_stays_over() -> None:
    assert set(POST_TRANSITIONS) == set(PostState)
    after = set().union(*POST_TRANSITIONS.values())
    assert after == set(PostState) - {PostState.SENDING}
    assert PostState.DISSOLVED in POST_TRANSITIONS[PostState.UNKNOWN], "an unknown post may be sent anew"
    for over in (PostState.DISSOLVED, PostState.FAILED, PostState.REPLACED):
        assert not POST_TRANSITIONS[over]


def test_the_pause_grows_to_a_minute_and_no_further() -> None:
    pauses = [backoff_ms(attempt) for attempt in range(12)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[1], pauses[-1]) == (1_000, 1_000, max(RETRY_STEPS_MS))
