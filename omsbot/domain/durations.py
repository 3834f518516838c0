"""Lengths of time as people write them: `30m`, `1.5h`, `1h30m`, `2 hours`, `half an hour`, `2小时`."""

import re
from collections.abc import Mapping

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

EXAMPLES = "30m, 1.5h, 1h30m, 2 days or 1 week"

_UNIT_WORDS: Mapping[int, str] = {
    1_000: "s sec secs second seconds 秒",
    MINUTE_MS: "m min mins minute minutes 分 分钟 分鐘",
    HOUR_MS: "h hr hrs hour hours 时 小时 小時 钟头",
    DAY_MS: "d day days 天 日",
    7 * DAY_MS: "w wk wks week weeks 周 週 星期",
}
_UNITS = {word: ms for ms, listed in _UNIT_WORDS.items() for word in listed.split()}
_ONE_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_NUMBERS = {"a": 1.0, "an": 1.0, "half": 0.5, "half a": 0.5, "half an": 0.5, "半": 0.5, "两": 2.0}
# \d would take the digits of every script; a unit ends where no further letter of its alphabet follows
_PART = re.compile(
    rf"([0-9]{{1,9}}(?:\.[0-9]{{1,3}})?|half(?:\s+an?)?|an?|半|两)\s*个?\s*({_ONE_UNIT})(?![a-z])"
)
_BETWEEN = re.compile(r"\s*(?:and\s+)?")


class NotADuration(ValueError):  # noqa: N818 - what a person mistyped, not a fault of the program
    """A text is no length of time; its message is a sentence for people."""


def read_duration(text: str) -> int:
    """Read a length of time in ms, unbounded; `NotADuration` where the text is none."""
    rest = " ".join(text.lower().split())
    if rest.isdecimal():
        raise NotADuration(f"A length of time needs a unit. Write it like {EXAMPLES}.")
    total = 0.0
    if not rest:
        raise NotADuration(f"How long? Write it like {EXAMPLES}.")
    while rest:
        part = _PART.match(rest)
        if part is None:
            raise NotADuration(f"That is not a length of time. Write it like {EXAMPLES}.")
        total += _number(part[1]) * _UNITS[part[2]]
        rest = rest[part.end() :]
        gap = _BETWEEN.match(rest)
        rest = rest[gap.end() :] if gap else rest
    return round(total)


def _number(word: str) -> float:
    known = _NUMBERS.get(word)
    return float(word) if known is None else known
