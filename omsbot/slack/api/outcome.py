"""What Slack's answer to a call means: one table for all that can come back.

Source: the error lists of chat.postMessage, chat.update, chat.postEphemeral, auth.test and
conversations.info in Slack's reference. An answer `ok: false` with a code that is not listed here is
taken as *surely not sent*: Slack refused, for a reason that we cannot judge, so it is tried again later,
ever less often, and nothing is lost. Codes that begin like those of bad arguments are our fault instead.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError

from omsbot.domain.notify.delivery import Failure, NotSent, Rejected, RejectionScope, Unknown

LONGEST_RETRY_S = 3_600.0

# Slack says of these that some part of the call may have succeeded
MAY_HAVE_SUCCEEDED = frozenset(
    {"fatal_error", "internal_error", "service_unavailable", "request_timeout", "update_failed"}
)
LIMITED = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
REJECTIONS: Mapping[RejectionScope, Iterable[str]] = {
    RejectionScope.MESSAGE: (
        "message_not_found",
        "cant_update_message",
        "edit_window_closed",
        "thread_not_found",
        "cannot_reply_to_message",
    ),
    RejectionScope.CHANNEL: (
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "restricted_action",
        "no_permission",
        "messages_tab_disabled",
        "user_not_in_channel",
        "user_not_found",
        "method_not_supported_for_channel_type",
        "cannot_dm_bot",
        "ekm_access_denied",
    ),
    RejectionScope.INSTALLATION: (
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "org_login_required",
        "missing_scope",
        "not_allowed_token_type",
        "access_denied",
        "accesslimited",
        "enterprise_is_restricted",
        "team_access_not_granted",
        "two_factor_setup_required",
    ),
    RejectionScope.OURS: (
        "no_text",
        "msg_too_long",
        "msg_blocks_too_long",
        "too_many_attachments",
        "metadata_too_large",
        "metadata_must_be_sent_from_app",
        "block_mismatch",
        "duplicate_channel_not_found",
        "json_not_object",
        "missing_charset",
        "missing_post_type",
        "missing_argument",
        "unknown_method",
        "method_deprecated",
    ),
}
# the first that fits; looked at where the whole code is in no table
PREFIXES: tuple[tuple[str, RejectionScope], ...] = (
    ("restricted_action", RejectionScope.CHANNEL),
    ("slack_connect_", RejectionScope.CHANNEL),
    ("invalid_", RejectionScope.OURS),
    ("msg_", RejectionScope.OURS),
)
_SCOPES = {code: scope for scope, codes in REJECTIONS.items() for code in codes}

# the request never left: connection refused, DNS, TLS, no connection in time, the proxy's refusal
NEVER_LEFT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
)


def classify(error: Exception) -> Failure:
    """Say what an exception of a call means."""
    if isinstance(error, SlackApiError):
        return _answered(error.response)
    name = type(error).__name__
    return NotSent(name) if isinstance(error, NEVER_LEFT) else Unknown(name)


def classify_code(code: str) -> Failure:
    """Say what an error code of Slack means; a limit's duration stands in a header, not here."""
    if code in MAY_HAVE_SUCCEEDED:
        return Unknown(code)
    if code in LIMITED:
        return NotSent(code, limited=True)
    scope = _SCOPES.get(code) or next((scope for start, scope in PREFIXES if code.startswith(start)), None)
    return Rejected(scope, code) if scope else NotSent(code)


def _answered(response: Any) -> Failure:
    """Judge the response of a SlackApiError: an AsyncSlackResponse with a dict, one with something else
    (text/plain), or aiohttp's own response (broken JSON)."""
    status = _status(response)
    code = _code(getattr(response, "data", None))
    if status == 429 or code in LIMITED:
        return NotSent(code or "ratelimited", retry_after_s=_retry_after(response), limited=True)
    if code:
        return classify_code(code)
    # a refusal before Slack's own code ran (a proxy, a gateway); 408 says that the body may have come
    if 400 <= status < 500 and status != 408:
        return NotSent(f"http_{status}")
    return Unknown(f"http_{status}")


def _code(data: Any) -> str | None:
    code = data.get("error") if isinstance(data, dict) else None
    return code if isinstance(code, str) and code else None


def _status(response: Any) -> int:
    return next(_numbers(getattr(response, name, None) for name in ("status_code", "status")), 0)


def _numbers(values: Iterable[Any]) -> Iterator[int]:
    return (value for value in values if isinstance(value, int))


def _retry_after(response: Any) -> float | None:
    headers = getattr(response, "headers", None) or {}
    try:
        seconds = float(headers.get("Retry-After", ""))
    except ValueError:
        return None
    return min(max(seconds, 0.0), LONGEST_RETRY_S) if math.isfinite(seconds) else None
