"""What is not seen is taken out of a text, and what is too long is cut."""

import re
from collections.abc import Callable
from typing import NamedTuple

MASK = "***"
ELLIPSIS = "…"

# Controls but newline and tab, soft hyphen, zero-width and bidi characters, invisible operators, lone
# surrogates, interlinear and tag characters: all that is not seen but changes what is read.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff9-\uffff\U000e0000-\U000e007f]"
)
_OTHER_LINE_ENDS = re.compile("[\u2028\u2029]")


class Rule(NamedTuple):
    """One way to hide something; it runs only where one of its signs is in the text, in lower case."""

    signs: tuple[str, ...]
    hide: Callable[[str], str]


def replacing(*signs: str, by: str, pattern: re.Pattern[str]) -> Rule:
    """Return a rule that puts `by` for each match."""
    return Rule(signs, lambda text: pattern.sub(by, text))


def clean(text: str) -> str:
    """Return the text without characters that are not seen; newline and tab stay."""
    if text.isprintable():
        return text
    return _UNSEEN.sub("", _OTHER_LINE_ENDS.sub("\n", text))


def shorten(text: str, limit: int) -> str:
    """Return the text in at most `limit` characters, the last of them an ellipsis where it was cut."""
    if len(text) <= limit:
        return text
    return text[: limit - 1].rstrip() + ELLIPSIS if limit > 0 else ""
