"""Text that Slack may be given: clean, of a known length, and unable to mention, link or format.

Slack reads `<...>` in mrkdwn as a mention, a link or a date, so `&`, `<` and `>` are escaped there. `*`, `_`,
`~` and the backtick have no escape: where they could format they are exchanged for characters that only
look like them. Nothing is parsed in plain_text and rich_text; text is shown there as it is.
"""

import re
from collections.abc import Callable

from omsbot.domain.masking import ELLIPSIS, clean, shorten

WORD_JOINER = "\u2060"

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_LOOKALIKES = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ"})
_FORMATTING_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_TOKEN_START = re.compile(r"<(?=[!@#]|[a-z]{2,12}:)", re.IGNORECASE)
_OPEN_TOKEN = re.compile(r"<[^<>]*\Z|&[a-z]{0,4}\Z")
_SPACES = re.compile(r"\s+")


def plain(text: str) -> str:
    """The text for plain_text and rich_text: clean, and without a Slack token.

    Slack parses nothing in these places, but what reads a message again as mrkdwn (a bridge, an export)
    must not find a mention in it either, so a word joiner parts `<` from what would make it one.
    """
    return _TOKEN_START.sub(f"<{WORD_JOINER}", clean(text))


def one_line(text: str, limit: int) -> str:
    """The text on one line, at most `limit` characters, the cut shown by an ellipsis."""
    return shorten(_SPACES.sub(" ", clean(text)).strip(), limit)


def neutral(text: str) -> str:
    """The text for mrkdwn: on one line, escaped, and unable to format or to become a link by itself."""
    flat = _SPACES.sub(" ", clean(text)).translate(_LOOKALIKES).replace("://", f":{WORD_JOINER}//")
    return escape(_FORMATTING_UNDERSCORE.sub("ˍ", flat))


def escape(text: str) -> str:
    return text.translate(_ESCAPES)


def shorten_mrkdwn(text: str, limit: int) -> str:
    """Cut mrkdwn to `limit` characters, never inside `<...>` or an escape such as `&amp;`."""
    if len(text) <= limit:
        return text
    return _OPEN_TOKEN.sub("", text[: limit - 1]).rstrip() + ELLIPSIS


def longest_that_fits(text: str, fits: Callable[[str], bool]) -> int:
    """How many leading characters of the text fit; at least 1, so that a split always goes on."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(text[:middle]) else (low, middle - 1)
    return low
