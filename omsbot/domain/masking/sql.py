"""Literals in SQL: what a statement compares with or sets is a customer's."""

import re

from omsbot.domain.masking.cleaning import MASK, Rule

_LITERAL = r"""(?:(?:n|x|b|e|date|timestamp)\s{0,2})?(?:'(?:[^'\\]|\\.?|'')*+'?|"(?:[^"\\]|\\.?)*+"?)
    |-?\d[\d.]*+(?![\w.])|0x[0-9a-f]++"""
_COMPARED = re.compile(
    rf"""(?P<before>(?<![<>=!:|&?*+/-])(?:<=>|[<>!]=|<>|=|<|>|\blike\b|\bbetween\b|\band\b(?=\s{{0,8}}['"\d-]))\s{{0,8}}+)
         (?!['"]?\*\*\*)(?P<literal>{_LITERAL})""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_LISTED = re.compile(r"(?P<before>\bin\s{0,8}\()(?!\s{0,8}(?:select\b|\*\*\*|\?|:))[^()]*+", re.IGNORECASE)
_END = re.compile(r";|\n\s*\n|\Z")
_VERB = re.compile(
    r"\b(?:select\b[^;]{0,4000}?\bfrom|update\s{1,8}\S{1,200}\s{1,8}set|delete\s{1,8}from|merge\s{1,8}into"
    r"|where|on\s{1,8}duplicate\s{1,8}key\s{1,8}update|having)\b",
    re.IGNORECASE,
)


def _mask_literals(text: str) -> str:
    parts = []
    kept = 0
    while found := _VERB.search(text, kept):
        end = _END.search(text, found.end())
        stop = end.start() if end else len(text)
        parts += [text[kept : found.end()], _in_statement(text[found.end() : stop])]
        kept = stop
    parts.append(text[kept:])
    return "".join(parts)


def _in_statement(sql: str) -> str:
    return _LISTED.sub(rf"\g<before>{MASK}", _COMPARED.sub(_mask_literal, sql))


def _mask_literal(found: re.Match[str]) -> str:
    literal = found["literal"]
    quote = next((mark for mark in literal if mark in "'\""), "")
    return f"{found['before']}{quote}{MASK}{quote}"


SQL_RULES = (Rule(("where", "update", "select", "delete", "merge", "having"), _mask_literals),)
