"""What a person typed after `/oms`, as words: phone typography undone, Slack's entities kept whole."""

import re
import unicodedata

MAX_TEXT = 2_000  # characters of a command that are read
ECHO_LENGTH = 40
OFF = frozenset({"off", "none", "never", "stop", "end"})

# `<@U1|ana>`, `<!here>`, `<https://host/|text>`; anything else up to a space or a list separator
_WORD = re.compile(r"<[@#!a-zA-Z][^<>\s]*(?:\|[^<>]*)?>|(?:&(?:lt|gt|amp);|[^\s,;、<>])+")
_ENTITY = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))

_QUOTES = "\"'“”„‟«»‹›‘’‚‛`´"
_DASHES = "‐‑‒–—―−"
_MARKUP = "<>&"  # never made out of something else: a person cannot type an entity around Slack
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code - 0xFEE0) not in _MARKUP}
_TYPOGRAPHY = str.maketrans(dict.fromkeys(_DASHES, "-")) | _FULL_WIDTH
_WRAPPING = _QUOTES + "()[]{}<>"
_TRAILING = ".!?。…" + _WRAPPING
_FORMATTING = "*_~"
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
_ECHOED = set("-_.:@#/ ")


def words(text: str) -> tuple[str, ...]:
    """Split a command text into words; lists may be separated by commas, entities stay in one piece."""
    bare = (strip_marks(word if entity(word) else unescape(word)) for word in _WORD.findall(straighten(text)))
    return tuple(word for word in bare if word)


def straighten(text: str) -> str:
    """Undo typography: one kind of dash, single plain spaces, no invisible or control character."""
    plain = text[:MAX_TEXT].translate(_TYPOGRAPHY)
    visible = "".join(
        char for char in plain if char.isspace() or unicodedata.category(char) not in _INVISIBLE
    )
    return " ".join(visible.split())


def strip_marks(word: str) -> str:
    """A word without the quotes, brackets, backticks, formatting and full stops around it."""
    if _ENTITY.fullmatch(word):
        return word
    previous = None
    while word != previous:
        previous = word
        word = word.lstrip(_WRAPPING).rstrip(_TRAILING)
        if len(word) > 1 and word[0] == word[-1] and word[0] in _FORMATTING:
            word = word[1:-1]
    return word


def entity(word: str) -> tuple[str, str, str | None] | None:
    """Take a Slack entity apart: (`@`, `#`, `!` or "" for a link; target; label), None for a plain word."""
    match = _ENTITY.fullmatch(word)
    if match is None:
        return None
    sigil, target, label = match.groups()
    return sigil, unescape(target), unescape(label) if label else None


def unescape(text: str) -> str:
    """Undo Slack's three escapes, once."""
    for escaped, char in _ESCAPES:
        text = text.replace(escaped, char)
    return text


def echo(text: str) -> str:
    """What a person typed, short and harmless enough to appear in our own sentence between backticks.

    Only letters, digits, spaces and `-_.:@#/` remain, so that nothing can format, mention or link.
    """
    found = entity(text)
    shown = text if found is None else found[2] or found[1]
    kept = "".join(char for char in unescape(straighten(shown)) if char.isalnum() or char in _ECHOED)
    kept = " ".join(kept.split())
    return kept if len(kept) <= ECHO_LENGTH else kept[: ECHO_LENGTH - 1] + "…"
