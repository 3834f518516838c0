"""Rows and parts of rows that drivers, Debezium and databases dump between brackets."""

import re
from collections.abc import Callable
from typing import NamedTuple

from omsbot.domain.masking.cleaning import MASK, Rule, replacing

# What announces a dumped row; a name may be a key of JSON, itself quoted inside a text.
_IMAGE = (
    r"row_?data|rows?|records?|tuple|before|after|old|new|(?:old|new|key|column|field|bind)[ _]?values?|key"
    r"|binds?|bind variables|parameters|params|args|arguments|dataset|payload|document|values?|column_?data"
    r"|pk|primary[_ ]key|row_?key|fields|行数据|键值"
)
_BETWEEN = r"""(?:\\{0,7}["'])?\s{0,4}[:=]\s{0,4}(?:\\{0,7}["'])?"""
_ROW = re.compile(
    rf"""(?P<brace>(?:struct|\brows?|\brecord|\b(?:sink|source|connect)record)\s{{0,4}}[:=]?\s{{0,4}}\{{
         |\b(?:{_IMAGE}){_BETWEEN}(?:\w{{1,40}}\s{{0,2}})?\{{|行数据\s{{0,4}}\{{
         |\{{\s{{0,4}}(?=["']?_id["']?\s{{0,4}}:))
       |(?P<bracket>\brows?\s{{0,4}}(?:[:=]|was|is)?\s{{0,4}}\[|\bparameters\s{{0,4}}\[|\bbytes\s{{0,4}}\[
         |(?:binding\ parameter|extracted\ value)[^\n\[]{{0,40}}
          (?:\[[^\n\[\]]{{0,40}}\][^\n\[]{{0,40}}){{0,2}}<?-\s{{0,4}}\[
         |\b(?:{_IMAGE}){_BETWEEN}\[)
       |(?P<paren>\b(?:values?|rows?|record|contains|value\ is|(?:{_IMAGE}){_BETWEEN})\s{{0,8}}\()""",
    re.IGNORECASE | re.VERBOSE,
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


def mask_between(text: str, opening: re.Pattern[str], end_of: Callable[[re.Match[str]], int]) -> str:
    """Mask from each opening to where `end_of` says; no character is looked at twice."""
    parts = []
    kept = 0
    while found := opening.search(text, kept):
        parts += [text[kept : found.end()], MASK]
        kept = end_of(found)
    parts.append(text[kept:])
    return "".join(parts)


def _mask_rows(text: str) -> str:
    return mask_between(text, _ROW, _end_of_row)


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


_XML_ROW = re.compile(r"(<row\b[^<>]{0,200}>)(?!\*\*\*)(?:(?!</row).)++", re.IGNORECASE | re.DOTALL)

ROW_RULES = (
    Rule(("{", "[", "("), _mask_rows),
    replacing("<row", by=rf"\1{MASK}", pattern=_XML_ROW),
)
