"""The values of single fields, read as tolerantly as OMS writes them.

Everywhere null, an absent key, an empty text and the text "null" are one and the same: None. So is a value
that makes no sense in its field; a number that does not fit 64 bits is one of these.
"""

import json
import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

from omsbot.domain.masking import clean, mask, shorten
from omsbot.oms.wire.references import REFERENCE

TEXT_LIMIT = 20_000
WORD_LIMIT = 128

_CACHED_LENGTH = 64  # names, statuses and descriptions come again with every answer
_CUT_BEFORE_MASKING = TEXT_LIMIT + 4_000  # a secret across the limit is still whole when it is masked
_PLAIN_MOMENT = len("2023-07-17T23:01:25")
_SHORTEST_MOMENT = len("2023-07-17T23:01")
_FEWEST_PARTS, _MOST_PARTS = 5, 7  # of a time as an array
_ARRAY = re.compile(r"\[\s*(?:[1-9]\d{0,9}|0)(?:\s*,\s*(?:[1-9]\d{0,9}|0)){4,6}\s*\]", re.ASCII)
_LATEST = 7_258_118_400_000  # the year 2200: what lies beyond is a sentinel or nonsense
_FROM_MILLISECONDS = 100_000_000_000  # an epoch number from here on cannot be seconds
_NUMBER = re.compile(r"([+-]?\d{1,40})(\.\d{0,40})?(e[+-]?\d{1,3})?", re.IGNORECASE | re.ASCII)
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def text(value: object) -> str | None:
    """Return a text cleaned, masked and of at most 20,000 characters; anything but a text as JSON."""
    if isinstance(value, str):
        plain = value
    elif value is None or (isinstance(value, dict) and REFERENCE in value):
        return None
    else:
        plain = json.dumps(value, ensure_ascii=False)
    if len(plain) <= _CACHED_LENGTH:
        return _short_text(plain)
    return shorten(mask(clean(plain[:_CUT_BEFORE_MASKING]).strip()), TEXT_LIMIT) or None


def word(value: object) -> str | None:
    """Return a name, id or code on one line, cleaned, masked and of at most 128 characters."""
    if isinstance(value, str):
        return _word(value) if len(value) <= _CACHED_LENGTH else _one_line(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return str(value)


@lru_cache(maxsize=8192)
def _short_text(plain: str) -> str | None:
    stripped = mask(clean(plain).strip())
    return None if stripped.lower() in ("", "null") else stripped


def _one_line(plain: str) -> str | None:
    line = shorten(mask(" ".join(clean(plain[:TEXT_LIMIT]).split())), WORD_LIMIT)
    return None if line.lower() in ("", "null") else line


_word = lru_cache(maxsize=8192)(_one_line)


def number(value: object) -> float | int | None:
    """Return a finite number, also from a text such as "12", "99.5" or "45%"."""
    if type(value) is int:
        return value
    if isinstance(value, str):
        found = _NUMBER.fullmatch(value.strip().removesuffix("%").rstrip())
        if found is None:
            return None
        value = float(found[0]) if found[2] or found[3] else int(found[1])
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return value


def integer(value: object) -> int | None:
    """Return a whole number that fits 64 bits with its sign."""
    found = number(value)
    if found is None or not -(2**63) <= found < 2**63:
        return None
    return int(found)


def count(value: object) -> int | None:
    """Return a whole number from 0 on; OMS writes a negative one for what it does not know."""
    found = integer(value)
    return found if found is not None and found >= 0 else None


def rate(value: object) -> float | None:
    """Return a number from 0 on."""
    found = number(value)
    return float(found) if found is not None and 0 <= found < 2**63 else None


def percent(value: object) -> int | None:
    """Return a progress in percent, clamped to 0 to 100; 99.9 is not yet 100."""
    found = number(value)
    return None if found is None else int(max(0, min(100, found)))


def boolean(value: object) -> bool | None:
    """Return a truth value, also from "true", "FALSE", 1 and "0"."""
    if isinstance(value, bool):
        return value
    return _BOOLEANS.get(str(value).strip().lower()) if isinstance(value, (int, str)) else None


def epoch_seconds(value: object) -> int | None:
    """Return epoch seconds, also from milliseconds; 0 stands for a checkpoint that OMS does not have yet."""
    found = integer(value)
    if found is None or not 0 < found < _LATEST:
        return None
    return found // 1000 if found >= _FROM_MILLISECONDS else found


def moment(value: object) -> int | None:
    """Return a time in milliseconds UTC from `2023-07-17T23:01:25`, with or without milliseconds.

    A space for the T, an offset, epoch numbers, and the arrays in which Java writes a `LocalDateTime`
    (`[2023, 7, 17, 23, 1, 25, 500000000]`) are understood too.
    """
    if value is None:
        return None
    if isinstance(value, list):
        return _array_moment(value)
    if isinstance(value, str) and not (plain := value.strip()).isdigit():
        if _ARRAY.fullmatch(plain):
            return _array_moment(json.loads(plain))
        return _iso_moment(plain) if _SHORTEST_MOMENT <= len(plain) <= _CACHED_LENGTH else None
    seconds, found = epoch_seconds(value), integer(value)
    if seconds is None or found is None:
        return None
    return found if found >= _FROM_MILLISECONDS else found * 1000


def _array_moment(parts: Sequence[object]) -> int | None:
    """Read year, month, day, hour, minute, and where they are not 0, second and nanosecond."""
    numbers = [part for part in parts if type(part) is int]
    if len(numbers) < len(parts) or not _FEWEST_PARTS <= len(numbers) <= _MOST_PARTS:
        return None
    year, month, day, hour, minute, second, nanosecond = (*numbers, 0, 0)[:_MOST_PARTS]
    try:
        at = datetime(year, month, day, hour, minute, second, nanosecond // 1000, UTC)
        found = int(at.timestamp()) * 1000 + at.microsecond // 1000
    except (ValueError, OverflowError):
        return None
    return found if 0 < found < _LATEST else None


@lru_cache(maxsize=8192)
def _iso_moment(plain: str) -> int | None:
    try:
        at = datetime.fromisoformat(f"{plain}Z" if len(plain) == _PLAIN_MOMENT else plain)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        found = int(at.timestamp()) * 1000 + at.microsecond // 1000
    except (ValueError, OverflowError):
        return None
    return found if 0 < found < _LATEST else None


@lru_cache(maxsize=64)
def http_date(value: str) -> int | None:
    """Return the time of an HTTP `Date` header in milliseconds UTC."""
    try:
        at = parsedate_to_datetime(value)
        found = int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()) * 1000
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return found if 0 < found < _LATEST else None
