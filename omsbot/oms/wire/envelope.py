"""The envelope around every answer of OMS: did the call succeed, and if not, why."""

from omsbot.domain.project.oms_error import OmsError
from omsbot.oms.wire.answer import Answer
from omsbot.oms.wire.failure import failure_of_status, failure_told, not_json
from omsbot.oms.wire.fields import Fields, as_documented
from omsbot.oms.wire.strict_json import malformed, parse
from omsbot.oms.wire.values import boolean, text

_BOM = b"\xef\xbb\xbf"


def read_envelope(answer: Answer) -> Fields:
    """Return the envelope of a successful call, its keys in lower case; raises OmsError for any other."""
    if not 200 <= answer.status < 300:
        raise failure_of_status(answer, _envelope_of_failure(answer))
    fields = _parse_envelope(answer)
    if not _succeeded(fields):
        raise failure_told(answer, fields)
    return fields


def _envelope_of_failure(answer: Answer) -> Fields | None:
    try:
        return _parse_envelope(answer)
    except OmsError:
        return None


def _parse_envelope(answer: Answer) -> Fields:
    try:
        plain = answer.body.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError:
        raise not_json(answer) or malformed("the answer is not a text in UTF-8") from None
    try:
        item = parse(plain)
    except OmsError:
        if page := not_json(answer):
            raise page from None
        raise
    if not isinstance(item, dict):
        raise malformed("the answer is JSON, but not an answer of OMS: it is no object")
    return as_documented(item)


def _succeeded(fields: Fields) -> bool:
    """Return whether the call succeeded; a stale `code` beside `success: true` does not count."""
    told = fields.get("success")
    success = boolean(told)
    if success is not None:
        return success
    if told is not None and text(told) is not None:
        raise malformed("the answer says neither true nor false for its success")
    if fields.get("data") is not None:
        return True
    if any(fields.get(key) is not None for key in ("code", "message", "errorDetail")):
        return False
    raise malformed("the answer is JSON, but not an answer of OMS: it has neither `success` nor `data`")
