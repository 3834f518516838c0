"""The one shape in which OMS words an error: `errorDetail`, and each of a step's `errorDetails`."""

import re
from collections.abc import Mapping

from omsbot.domain.masking import MASK, names_secret, shorten
from omsbot.domain.project.project import ErrorDetail, StepError
from omsbot.oms.wire.fields import Fields, as_documented
from omsbot.oms.wire.strict_json import embedded_or_text
from omsbot.oms.wire.values import TEXT_LIMIT, moment, text, word

MAX_DETAILS = 30
MAX_PARAMS = 100
MAX_UPSTREAM = 5

_BETWEEN_PAIRS = re.compile(r",\s(?=[\w.-]{1,64}=)")  # a value may hold commas itself
_FILLED_AT_MOST = 4_000  # characters that the placeholders of one text may add to it
_PLACEHOLDER = re.compile(r"\$?\{\s{0,4}([\w.-]{1,64})\s{0,4}\}")


def read_step_error(value: object) -> StepError | None:
    """Return what a step's `extraInfo` says, None where it says nothing; a plain text is its message."""
    info = embedded_or_text(value)
    if isinstance(info, list):
        info = {"errorDetails": info}
    if not isinstance(info, dict):
        message = text(info) if isinstance(info, str) else None
        return StepError(message=message) if message else None
    if not any(info.values()):
        return None
    fields = as_documented(info)
    params = read_params(fields.get("errorParam"), "errorParam")
    error = StepError(
        code=word(fields.get("errorCode")),
        message=_filled(fields.get("errorMsg"), params),
        params=params,
        failed_at=moment(fields.get("failedTime")),
        details=_read_details(fields.get("errorDetails"), params),
    )
    return None if error == StepError() else error


def _read_details(value: object, params: Mapping[str, str]) -> tuple[ErrorDetail, ...]:
    items = embedded_or_text(value)
    listed = items if isinstance(items, list) else [items]
    found = (read_detail(item, params) for item in listed[:MAX_DETAILS])
    return tuple(detail for detail in found if detail is not None)


def read_detail(value: object, params: Mapping[str, str] | None = None, depth: int = 0) -> ErrorDetail | None:
    """Return one error, its placeholders filled; None where it says nothing.

    `params` fills what the error's own contexts leave open. Errors behind it (`upstreamErrorDetail`) are
    followed five deep.
    """
    item = embedded_or_text(value)
    if not isinstance(item, dict):
        message = text(item) if isinstance(item, str) else None
        return ErrorDetail(message=message) if message else None
    fields = as_documented(item)
    extra = read_params(fields.get("extraContext"), "extraContext")
    known = {**(params or {}), **extra}
    upstream = fields.get("upstreamErrorDetail") if depth < MAX_UPSTREAM else None
    detail = ErrorDetail(
        code=word(fields.get("code")),
        level=_level(fields.get("level")),
        message=_worded(fields, "message", known),
        reason=_worded(fields, "reason", known),
        proposal=_worded(fields, "proposal", known),
        extra_context=extra,
        message_key=word(fields.get("messageMcmsKey")),
        reason_key=word(fields.get("reasonMcmsKey")),
        proposal_key=word(fields.get("proposalMcmsKey")),
        upstream=read_detail(upstream, params, depth + 1) if upstream else None,
    )
    return None if detail == ErrorDetail() else detail


def read_params(value: object, name: str) -> Mapping[str, str]:
    """Return a map of OMS's with its texts cleaned and masked; null values are left out.

    Also one that Java printed, `{table=t1, schema=s}`; any other text stands under the name of its field.
    """
    item = embedded_or_text(value)
    if isinstance(item, str):
        item = _java_map(item) or {name: item}
    if not isinstance(item, dict):
        return {}
    found: dict[str, str] = {}
    for key, each in list(item.items())[:MAX_PARAMS]:
        param, filling = word(key), text(each)
        if param is not None and filling is not None:
            found[param] = MASK if names_secret(param) else filling
    return found


def _java_map(printed: str) -> Mapping[str, str]:
    """Return the pairs of `{table=t1, schema=s}`; nothing where the text is no such map."""
    plain = printed.strip()[:TEXT_LIMIT]
    if not (plain.startswith("{") and plain.endswith("}")):
        return {}
    pairs = [pair.partition("=") for pair in _BETWEEN_PAIRS.split(plain[1:-1])]
    return {key: value for key, equals, value in pairs} if all(equals for _, equals, _ in pairs) else {}


def _level(value: object) -> str | None:
    level = word(value)
    return level.upper() if level else None


def _worded(fields: Fields, name: str, known: Mapping[str, str]) -> str | None:
    """Return a text with its placeholders filled; where OMS sent only its key, that and its context."""
    context = read_params(fields.get(f"{name}McmsContext"), "context")
    found = _filled(fields.get(name), {**known, **context})
    key = word(fields.get(f"{name}McmsKey"))
    if found is not None or key is None:
        return found
    pairs = ", ".join(f"{param}={filling}" for param, filling in context.items())
    return text(f"{key} ({pairs})" if pairs else key)


def _filled(value: object, params: Mapping[str, str]) -> str | None:
    if not isinstance(value, str) or not params or "{" not in value:
        return text(value)
    folded = {name.lower(): filling for name, filling in params.items()}
    room = _FILLED_AT_MOST

    def fill(found: re.Match[str]) -> str:
        nonlocal room
        filling = folded.get(found[1].lower())
        if filling is None:
            return found[0]
        filling = shorten(filling, room)
        room -= len(filling)
        return filling

    return text(_PLACEHOLDER.sub(fill, value[:TEXT_LIMIT]))
