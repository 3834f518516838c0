"""Classes every failed answer of OMS: by the code or text that OMS gives, else by its HTTP status."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit

from omsbot.domain.masking import clean, mask, shorten
from omsbot.domain.project.oms_error import OmsError, OmsErrorKind
from omsbot.domain.project.project import ErrorDetail
from omsbot.oms.wire.answer import Answer
from omsbot.oms.wire.error import read_detail
from omsbot.oms.wire.fields import Fields
from omsbot.oms.wire.page import describe_page
from omsbot.oms.wire.values import http_date, text, word

SENTENCE_LIMIT = 300
MAX_RETRY_AFTER_S = 3600.0

_NOT_OMS = "check that the server's address ({url_setting}) is the OMS console's own"
_NO_REASON = "OMS says that the call failed, without a reason"


class _Sign(NamedTuple):
    """A pattern that is looked for in the error's codes, or in all of its texts."""

    pattern: re.Pattern[str]
    in_texts: bool
    kind: OmsErrorKind


# The first sign that is there decides.
_SIGNS = (
    _Sign(re.compile(r"GHANA-PROJECT000001"), True, OmsErrorKind.GONE),
    _Sign(re.compile(r"Unsupported action", re.IGNORECASE), True, OmsErrorKind.UNSUPPORTED),
    _Sign(re.compile(r"PROJECT_NOT_(?:FOUND|EXIST)"), False, OmsErrorKind.GONE),
    _Sign(re.compile(r"PERMISSION_DENIED|FORBIDDEN|ACCESS_DENIED"), False, OmsErrorKind.FORBIDDEN),
    _Sign(re.compile(r"AUTHENTICATION|USER_NAME_OR_PASSWORD|UNAUTHORIZED"), False, OmsErrorKind.UNAUTHORIZED),
    _Sign(re.compile(r"PASSWORD_(?:IS_)?EXPIRED"), False, OmsErrorKind.UNAUTHORIZED),
    _Sign(re.compile(r"PARAM_ERROR|GHANA-OPER"), False, OmsErrorKind.REJECTED),
)


class _StatusFacts(NamedTuple):
    kind: OmsErrorKind
    sentence: str


_STATUSES = {
    401: _StatusFacts(OmsErrorKind.UNAUTHORIZED, "the user name or the password is not accepted"),
    403: _StatusFacts(OmsErrorKind.FORBIDDEN, "the bot's user is not allowed to ask this"),
    404: _StatusFacts(OmsErrorKind.MALFORMED, "there is no OMS API at this address: " + _NOT_OMS),
    405: _StatusFacts(OmsErrorKind.MALFORMED, "there is no OMS API at this address: " + _NOT_OMS),
    407: _StatusFacts(OmsErrorKind.UNREACHABLE, "a proxy in front of OMS asks for a login of its own"),
    408: _StatusFacts(OmsErrorKind.TIMEOUT, "the server gave up waiting"),
    429: _StatusFacts(OmsErrorKind.UNREACHABLE, "the server was asked too often"),
    504: _StatusFacts(OmsErrorKind.TIMEOUT, "a proxy gave up waiting for OMS"),
}
_SERVER_FAULT = _StatusFacts(OmsErrorKind.UNREACHABLE, "the server cannot answer at the moment")
_REFUSED = _StatusFacts(OmsErrorKind.REJECTED, "the server refuses the question")
_STRANGE = _StatusFacts(OmsErrorKind.MALFORMED, "no OMS answers like that: " + _NOT_OMS)


def failure_told(answer: Answer, fields: Fields) -> OmsError:
    """Return the error of an answer in which OMS says that the call failed."""
    detail = _read_failure(fields)
    kind = _kind_of(detail, fields) or OmsErrorKind.REJECTED
    return _error(answer, fields, detail, kind, _sentence(detail))


def failure_of_status(answer: Answer, fields: Fields | None) -> OmsError:
    """Return the error of an answer whose HTTP status is not a success.

    `fields` is its envelope where it has one; a code in it that says what failed goes before the status.
    """
    if 300 <= answer.status < 400:
        return _redirect(answer)
    detail = _read_failure(fields or {})
    kind = _kind_of(detail, fields or {})
    if kind is not None:
        return _error(answer, fields or {}, detail, kind, _sentence(detail))
    facts = _status_facts(answer, is_json=fields is not None)
    told = _sentence(detail) if detail else describe_page(answer.body, answer.content_type)
    came = f"; it came with {told}" if told and not detail else (f": {told}" if told else "")
    sentence = f"{_named(facts.sentence, answer)} ({_status_name(answer.status)}){came}"
    return _error(answer, fields or {}, detail, facts.kind, sentence)


def not_json(answer: Answer) -> OmsError | None:
    """Return the error of a body that is a page or nothing; None where it may yet be JSON."""
    page = describe_page(answer.body, answer.content_type)
    if page is None:
        return None
    cause = "" if not answer.body.strip() else ", so a proxy or a login stands before OMS"
    return OmsError(OmsErrorKind.MALFORMED, f"{page} came instead of JSON{cause}: {_named(_NOT_OMS, answer)}")


def _status_facts(answer: Answer, *, is_json: bool) -> _StatusFacts:
    if answer.status in _STATUSES:
        return _STATUSES[answer.status]
    if answer.status >= 500:
        return _SERVER_FAULT
    return _REFUSED if is_json and answer.status >= 400 else _STRANGE


def _named(sentence: str, answer: Answer) -> str:
    return sentence.replace("{url_setting}", answer.url_setting)


def _status_name(status: int) -> str:
    try:
        return f"HTTP {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP {status}"


def _redirect(answer: Answer) -> OmsError:
    origin = _origin(clean(answer.location or "").strip())
    if origin is None:
        sentence = (
            f"the server redirects to a page of its own, probably a login page: {_named(_NOT_OMS, answer)}"
        )
    else:
        sentence = f"the server redirects to {origin}; if that is OMS, set {answer.url_setting} to {origin}"
    return OmsError(OmsErrorKind.UNREACHABLE, sentence)


def _origin(address: str) -> str | None:
    """Return scheme, host and port of an absolute address, without the rest that may carry a secret."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or parts.scheme not in ("", "http", "https"):
        return None
    named = f"[{host}]" if ":" in host else shorten(mask(host), 200)
    return f"{parts.scheme or 'https'}://{named}" + (f":{port}" if port else "")


def _read_failure(fields: Fields) -> ErrorDetail | None:
    """Return the error of an envelope: `errorDetail`, its gaps filled from the older twins beside it."""
    detail = read_detail(fields.get("errorDetail")) or ErrorDetail()
    merged = ErrorDetail(
        code=detail.code or word(fields.get("code")),
        level=detail.level,
        message=detail.message or text(fields.get("message")),
        reason=detail.reason,
        proposal=detail.proposal or text(fields.get("advice")),
        extra_context=detail.extra_context,
        message_key=detail.message_key,
        reason_key=detail.reason_key,
        proposal_key=detail.proposal_key,
        upstream=detail.upstream,
    )
    return None if merged == ErrorDetail() else merged


def _kind_of(detail: ErrorDetail | None, fields: Fields) -> OmsErrorKind | None:
    if detail is None:
        return None
    codes = " ".join(filter(None, (detail.code, word(fields.get("code"))))).upper()
    texts = " ".join((codes, text(fields.get("message")) or "", *_texts(detail)))
    for sign in _SIGNS:
        if sign.pattern.search(texts if sign.in_texts else codes):
            return sign.kind
    return None


def _texts(detail: ErrorDetail | None) -> Iterator[str]:
    while detail is not None:
        yield from filter(None, (detail.code, detail.message, detail.reason, detail.proposal))
        detail = detail.upstream


def _sentence(detail: ErrorDetail | None) -> str:
    if detail is None:
        return _NO_REASON
    said = detail.message or detail.reason or next(_texts(detail.upstream), None)
    if said is None and detail.code:
        return f"OMS gives only the code {detail.code}"
    if said is None:
        return f"OMS gives only an advice: {detail.proposal}" if detail.proposal else _NO_REASON
    line = " ".join(said.split())
    return f"{detail.code}: {line}" if detail.code and detail.code not in line else line


def _error(
    answer: Answer, fields: Fields, detail: ErrorDetail | None, kind: OmsErrorKind, sentence: str
) -> OmsError:
    return OmsError(
        kind,
        shorten(sentence, SENTENCE_LIMIT),
        detail=detail,
        request_id=word(fields.get("requestId")),
        retry_after_s=_retry_after_s(answer),
    )


def _retry_after_s(answer: Answer) -> float | None:
    if answer.retry_after is None:
        return None
    plain = answer.retry_after.strip()
    if plain.isascii() and plain.isdigit():
        return min(float(plain[:10]), MAX_RETRY_AFTER_S)
    at = http_date(plain)
    now = answer.server_at if answer.server_at is not None else answer.observed_at
    return None if at is None else min(max(0.0, (at - now) / 1000), MAX_RETRY_AFTER_S)
