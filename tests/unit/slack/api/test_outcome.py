import pytest

from omsbot.domain.notify.delivery import NotSent, Rejected, RejectionScope, Unknown
from omsbot.slack.api.outcome import MAY_HAVE_SUCCEEDED, REJECTIONS, classify_code

SCOPES = {
    "channel_not_found": RejectionScope.CHANNEL,
    "is_archived": RejectionScope.CHANNEL,
    "restricted_action": RejectionScope.CHANNEL,
    "restricted_action_thread_locked": RejectionScope.CHANNEL,
    "messages_tab_disabled": RejectionScope.CHANNEL,
    "invalid_auth": RejectionScope.INSTALLATION,
    "not_authed": RejectionScope.INSTALLATION,
    "account_inactive": RejectionScope.INSTALLATION,
    "missing_scope": RejectionScope.INSTALLATION,
    "msg_too_long": RejectionScope.OURS,
    "msg_blocks_too_long": RejectionScope.OURS,
    "invalid_metadata_format": RejectionScope.OURS,
    "message_not_found": RejectionScope.MESSAGE,
}


@pytest.mark.parametrize("code", SCOPES)
def test_a_refusal_is_of_one_scope(code: str) -> None:
    assert classify_code(code) == Rejected(SCOPES[code], code)


def test_no_code_has_two_scopes() -> None:
    codes = [code for codes in REJECTIONS.values() for code in codes]
    assert len(codes) == len(set(codes))
    assert not MAY_HAVE_SUCCEEDED & set(codes)


def test_an_error_inside_slack_leaves_it_open() -> None:
    assert classify_code("fatal_error") == Unknown("fatal_error")


def test_a_limit_is_no_refusal() -> None:
    assert classify_code("rate_limited") == NotSent("rate_limited", limited=True)


def test_a_code_nobody_knows_is_tried_again_later() -> None:
    assert classify_code("brand_new_error") == NotSent("brand_new_error")
