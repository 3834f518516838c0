"""How long a silence lasts: `30m`, `2h`, `1h30m`, `2 hours`, as milliseconds."""

import re
from collections.abc import Mapping

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
MIN_DURATION_MS = MINUTE_MS
MAX_DURATION_MS = 30 * DAY_MS

_EXAMPLES = "Write it like 30m, 2h, 1h30m or 1d."

_UNIT_WORDS: Mapping[int, str] = {
    1_000: "s sec secs second seconds 秒",
    MINUTE_MS: "m min mins minute minutes 分 分钟",
    HOUR_MS: "h hr hrs hour hours 小时",
    DAY_MS: "d day days 天",
    7 * DAY_MS: "w week weeks 周",
}
_UNITS = {word: ms for ms, listed in _UNIT_WORDS.items() for word in listed.split()}
_PART = re.compile(r"(\d{1,9}(?:\.\d{1,3})?|an?)\s*([a-z分钟小时天周秒]+)")
_BETWEEN = re.compile(r"\s*(?:and\s+)?")


def parse_duration(text: str) -> int:
    """Read a length of time in ms, between a minute and 30 days; ValueError with a sentence otherwise."""
    rest = text.strip().lower()
    if not rest:
        raise ValueError(f"For how long? {_EXAMPLES}")
    if rest.isdecimal():
        raise ValueError(f"A length of time needs a unit. {_EXAMPLES}")
    total = 0.0
    while rest:
        match = _PART.match(rest)
        if match is None or match[2] not in _UNITS:
            raise ValueError(f"That is not a length of time. {_EXAMPLES}")
        total += _amount(match[1]) * _UNITS[match[2]]
        rest = rest[match.end() :]
        rest = rest[_end_of_gap(rest) :]
    return _bounded(total)


def _amount(word: str) -> float:
    return 1.0 if word in {"a", "an"} else float(word)


def _end_of_gap(rest: str) -> int:
    gap = _BETWEEN.match(rest)
    return gap.end() if gap else 0


def _bounded(total: float) -> int:
    if total < MIN_DURATION_MS:
        raise ValueError("The shortest silence is one minute.")
    if total > MAX_DURATION_MS:
        raise ValueError("The longest silence is 30 days.")
    return round(total)
