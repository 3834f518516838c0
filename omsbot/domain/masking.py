"""Makes foreign texts fit to be stored and shown: nothing unseen, nothing secret, no longer than wanted.

OMS error texts carry what went wrong inside a customer's database: connection strings, SQL, whole rows.
Masking errs on the side of hiding. Each rule is one pass over the text whose patterns are possessive or
bounded, so that a text of 1 MB costs milliseconds whatever is in it; a value that never ends (its text was
cut) is hidden to the end. Rules only ever put `***` for a value and keep what announced it, which is why
masking a second time changes nothing.
"""

import re
from collections.abc import Callable
from functools import partial
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

_KEY_NAME = (
    r"(?:passw(?:or)?d|passphrase|passcode|pwd|secret|token|(?:access|api|private|secret)[_-]?key|credential"
    r"|密码|口令)(?!\w{0,32}(?:exception|error|failed|failure|expired|错误|失败|过期))"
)
_ANY_KEY = re.compile(_KEY_NAME, re.IGNORECASE)

# A quoted value with its escapes, one quoted inside a JSON string (\"...\"), `{...}`, or a bare word.
# A comma ends a bare word only before white space: a password may hold one.
_VALUE = r"""(?:
    (?P<esc>\\{1,7})(?P<q1>["'])(?:(?!(?<!\\)(?P=esc)(?P=q1)).)*+(?P<end1>(?P=esc)(?P=q1))?
  | "(?:[^"\\]|\\.?)*+(?P<end2>")?
  | '(?:[^'\\]|\\.?|'')*+(?P<end3>')?
  | (?![\[{]\s{0,8}["\[{])(?:\{[^{}"]*+\})?(?:[^\s"&;,]|,(?=[^\s"]))*+
)"""
_FLAGS = re.IGNORECASE | re.VERBOSE | re.DOTALL

_KEYED = re.compile(
    rf"""(?P<before>{_KEY_NAME}[\w-]{{0,32}}(?:\\{{0,7}}["'])?\s{{0,8}}
         (?:=>|[=:：]|\((?=\s{{0,8}}["']))\s{{0,8}}(?:password\s{{0,8}}\(\s{{0,8}})?)(?!(?:yes|no)\)){_VALUE}""",
    _FLAGS,
)
_IDENTIFIED = re.compile(
    rf"""(?P<before>\bidentified\s{{1,8}}(?:with\s{{1,8}}\S{{1,80}}\s{{1,8}})?(?:by|as)\s{{1,8}}
         (?:password\s{{1,8}})?){_VALUE}""",
    _FLAGS,
)
_AUTHORIZATION = re.compile(
    r"""(authorization\\{0,7}["']?\s{0,8}[:=]\s{0,8}\\{0,7}["']?)(?:[a-z]{1,20}[ \t]{1,8})?[^\s"',;\\]+""",
    re.IGNORECASE,
)
# Needs a character that a plain word does not have, so that "basic authentication" stays readable.
_SCHEME = re.compile(
    r"\b([Bb]asic|BASIC|[Bb]earer|BEARER)(\s{1,8})(?=[a-z._~-]{0,200}[A-Z0-9+/=])[\w+/=.~-]{6,}+"
)
_COOKIE = re.compile(r"""\b((?:set-)?cookie["']?\s{0,8}[:=]\s{0,8}["']?)[^\r\n"']+""", re.IGNORECASE)

# The command line of a database client: `-pSECRET`, or `-p SECRET` as OceanBase's own tools take it.
_CLIENT_USER = re.compile(r"(?<!\S)-u[ \t]?[^\s-]")
_CLIENT_PASSWORD = re.compile(r"""(?<!\S)(-p[ \t]?)(?:'[^']*+'?|"[^"]*+"?|[^\s'"-]\S*+)""")

_URL = re.compile(r"""://([^\s"'`<>]*+)""")
# An address whose `@` comes only after its hosts, its path and a sign that starts parameters.
_HOST_FIRST = re.compile(
    r"(?:\[[0-9a-f:.]*+\]|[\w.-]*+)(?::\d{1,5})?(?:,[\w.-]++(?::\d{1,5})?)*+(?:/[^?#;@]*+)?[?#;]",
    re.IGNORECASE,
)
_ORACLE = re.compile(r"""(jdbc:oracle:\w{1,8}:)[^\s@"']{1,256}@""", re.IGNORECASE)
_JDBC = re.compile(r"""jdbc:[^\s"']*+""", re.IGNORECASE)
_JDBC_USER = re.compile(r"([?&;,(](?:user(?:name)?|uid)=)[^&;,)]++", re.IGNORECASE)

_ROW = re.compile(
    r"(?P<brace>(?:struct|\brows?)\s{0,4}[:=]?\s{0,4}\{)|(?P<bracket>\brows?\s{0,4}[:=]?\s{0,4}\[)"
    r"|(?P<paren>\b(?:values?|rows?)\s{0,8}\()",
    re.IGNORECASE,
)
_QUOTED_OR_PAREN = re.compile(r"""'(?:[^'\\]|\\.?|'')*+'?|"(?:[^"\\]|\\.?)*+"?|[()]""", re.DOTALL)
_NEXT_TUPLE = re.compile(r"\s{0,8},\s{0,8}\(")


class _Brackets(NamedTuple):
    tokens: re.Pattern[str]
    opening: str
    closing: str


_BRACKETS = {
    "brace": _Brackets(re.compile(r"[{}]"), "{", "}"),
    "bracket": _Brackets(re.compile(r"[\[\]]"), "[", "]"),
    "paren": _Brackets(_QUOTED_OR_PAREN, "(", ")"),
}

# What announces a customer's value in a database's error text, and what ends it.
_QUOTES = (
    (re.compile(r"duplicate entry '", re.IGNORECASE), re.compile(r"(?=' for key)", re.IGNORECASE)),
    (re.compile(r"\bvalue:? '", re.IGNORECASE), re.compile(r"(?='(?:[\s,.;)]|\Z))")),
    (
        re.compile(r"\bkey \([^()\n]{1,200}\)=\(", re.IGNORECASE),
        re.compile(r"(?=\) (?:already|is not|is still|conflicts))"),
    ),
)


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


def names_secret(key: str) -> bool:
    """Return whether a key's value is a secret by the key's name alone."""
    return _ANY_KEY.search(key) is not None


def mask(text: str) -> str:
    """Return the text with credentials and customers' rows replaced by `***`."""
    lowered = text.lower()
    for signs, hide in _RULES:
        if any(sign in lowered for sign in signs):
            text = hide(text)
    return text


def _mask_rows(text: str) -> str:
    return _mask_between(text, _ROW, _end_of_row)


def _mask_quotes(text: str) -> str:
    for opening, closing in _QUOTES:
        text = _mask_between(text, opening, partial(_start_of, closing))
    return text


def _mask_between(text: str, opening: re.Pattern[str], end_of: Callable[[re.Match[str]], int]) -> str:
    """Mask from each opening to where `end_of` says; no character is looked at twice."""
    parts = []
    kept = 0
    while found := opening.search(text, kept):
        parts += [text[kept : found.end()], MASK]
        kept = end_of(found)
    parts.append(text[kept:])
    return "".join(parts)


def _start_of(closing: re.Pattern[str], found: re.Match[str]) -> int:
    end = closing.search(found.string, found.end())
    return end.start() if end else len(found.string)


def _end_of_row(found: re.Match[str]) -> int:
    text = found.string
    brackets = _BRACKETS[found.lastgroup or "brace"]
    end = _closing(text, found.end(), brackets)
    while more := _NEXT_TUPLE.match(text, end + 1):
        end = _closing(text, more.end(), brackets)
    return end


def _closing(text: str, start: int, brackets: _Brackets) -> int:
    depth = 1
    for token in brackets.tokens.finditer(text, start):
        depth += (token[0] == brackets.opening) - (token[0] == brackets.closing)
        if depth == 0:
            return token.start()
    return len(text)


def _mask_value(found: re.Match[str]) -> str:
    value = found[0][len(found["before"]) :]
    if not value:
        return found[0]
    opening = (found["esc"] or "") + (found["q1"] or "") or (value[0] if value[0] in "\"'" else "")
    closing = found["end1"] or found["end2"] or found["end3"] or ""
    return f"{found['before']}{opening}{MASK}{closing}"


def _mask_user_info(found: re.Match[str]) -> str:
    address = found[1]
    at = address.rfind("@")
    if at < 0:
        return found[0]
    if _HOST_FIRST.match(address, 0, at):
        return found[0]
    return f"://{MASK}{address[at:]}"


def _mask_jdbc_user(found: re.Match[str]) -> str:
    return _JDBC_USER.sub(rf"\1{MASK}", found[0])


def _mask_client(text: str) -> str:
    return _CLIENT_PASSWORD.sub(rf"\1{MASK}", text) if _CLIENT_USER.search(text) else text


_SECRET_SIGNS = (
    *("passw", "passphrase", "passcode", "pwd", "secret", "token", "credential", "密码", "口令"),
    *("accesskey", "access_key", "access-key", "apikey", "api_key", "api-key"),
    *("privatekey", "private_key", "private-key"),
)
# A rule runs only where one of its signs is in the text.
_RULES: tuple[tuple[tuple[str, ...], Callable[[str], str]], ...] = (
    (("struct", "row", "value"), _mask_rows),
    (("duplicate entry", "value", "key ("), _mask_quotes),
    (("identified",), lambda text: _IDENTIFIED.sub(_mask_value, text)),
    (("://",), lambda text: _URL.sub(_mask_user_info, text)),
    (("jdbc:",), lambda text: _JDBC.sub(_mask_jdbc_user, _ORACLE.sub(rf"\1{MASK}@", text))),
    (_SECRET_SIGNS, lambda text: _KEYED.sub(_mask_value, text)),
    (("authorization",), lambda text: _AUTHORIZATION.sub(rf"\1{MASK}", text)),
    (("basic", "bearer"), lambda text: _SCHEME.sub(rf"\1\2{MASK}", text)),
    (("-p",), _mask_client),
    (("cookie",), lambda text: _COOKIE.sub(rf"\1{MASK}", text)),
)
