"""Strict JSON: refuses the nonsense that Python's own parser lets through."""

import json
import re
from collections.abc import Iterable

from omsbot.domain.project.oms_error import OmsError, OmsErrorKind
from omsbot.oms.wire.references import REFERENCE, resolved

MAX_DEPTH = 64
MAX_DIGITS = 4_300

_TOO_MANY_DIGITS = "it has a number of thousands of digits"
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
# Only these escapes can bring a surrogate or a NUL into a decoded text.
_SUSPECT_ESCAPE = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")


class _RefusedError(ValueError):
    """What the parser found; its text completes "the answer is not usable JSON: "."""


def malformed(text: str) -> OmsError:
    return OmsError(OmsErrorKind.MALFORMED, text)


def parse(text: str) -> object:
    """Return the value that a JSON text holds.

    Raises OmsError (MALFORMED) where the text is not JSON, names a key of one object twice, holds NaN or
    Infinity, a number of thousands of digits, or nests deeper than 64, or where a key holds a NUL or half of
    a surrogate pair. In the text of a value these pass, to be cleaned away: a dumped row or a cut stack trace
    brings them just when a step has failed.
    """
    try:
        value = _DECODER.decode(text)
        _refuse_nonsense(value, text)
        value = resolved(value) if REFERENCE in text else value
    except json.JSONDecodeError as error:
        raise malformed(f"the answer is not JSON: {_place(error, text)}") from None
    except _RefusedError as error:
        raise malformed(f"the answer is not usable JSON: {error}") from None
    except ValueError:  # Python's own bound on the digits of a whole number, 4,300 by default
        raise malformed(f"the answer is not usable JSON: {_TOO_MANY_DIGITS}") from None
    except RecursionError:
        raise malformed(f"the answer is not usable JSON: it nests deeper than {MAX_DEPTH}") from None
    return value


def embedded(value: object) -> object:
    """Return what a field holds, decoded where it is a JSON text of an object or a list.

    OMS encodes `stepInfo` and its kin in some versions. A string that opens like JSON must be JSON: only what
    carries a status is read so.
    """
    return parse(value) if _opens_like_json(value) else value  # type: ignore[arg-type]  # then it is a text


def embedded_or_text(value: object) -> object:
    """Return the same; a text that only opens like JSON, as a log line or a Java map does, stays a text."""
    try:
        return embedded(value)
    except OmsError:
        return value


def _opens_like_json(value: object) -> bool:
    return isinstance(value, str) and value.lstrip()[:1] in ("{", "[")


def _place(error: json.JSONDecodeError, text: str) -> str:
    if error.msg.startswith("Unterminated") or error.pos >= len(text.rstrip()):
        return f"it breaks off after {len(text):,} characters"
    return f"unreadable from character {error.pos + 1:,} on"


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    item = dict(pairs)
    if len(item) != len(pairs):
        raise _RefusedError("it names a key twice")
    return item


def _decimal(digits: str) -> float:
    if len(digits) > MAX_DIGITS:
        raise _RefusedError(_TOO_MANY_DIGITS)
    return float(digits)


def _constant(name: str) -> float:
    raise _RefusedError(f"it has {name} for a number")


def _refuse_nonsense(value: object, text: str) -> None:
    # Both counts are cheap and almost always enough: the walk is for odd answers alone.
    suspect = "\\u" in text and _SUSPECT_ESCAPE.search(text) is not None
    if suspect or text.count("{") + text.count("[") > MAX_DEPTH:
        _walk(value)


def _walk(value: object) -> None:
    waiting: list[tuple[object, int]] = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        if isinstance(item, (dict, list)):
            if depth == MAX_DEPTH:
                raise _RefusedError(f"it nests deeper than {MAX_DEPTH}")
            if isinstance(item, dict):
                _refuse_keys(item)
            inner = item.values() if isinstance(item, dict) else item
            waiting.extend((each, depth + 1) for each in inner)


def _refuse_keys(keys: Iterable[str]) -> None:
    for key in keys:
        if "\0" in key:
            raise _RefusedError("it has a NUL in a key")
        if _LONE_SURROGATE.search(key):
            raise _RefusedError("it has half of a surrogate pair in a key")


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_float=_decimal, parse_constant=_constant)
