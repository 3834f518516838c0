"""Single values of a customer's that a database quotes or names in its error.

The name of the column stays, and of an unquoted value its kind (a date out of range, 28 bytes of hex): they
are the clue to what is wrong with it.
"""

import re
from datetime import date
from functools import partial

from omsbot.domain.masking.cleaning import MASK, Rule, replacing
from omsbot.domain.masking.rows import mask_between

# What announces a quoted value in a database's error text, and what ends it.
_QUOTES = (
    (re.compile(r"duplicate entry '", re.IGNORECASE), re.compile(r"(?=' for key)", re.IGNORECASE)),
    (re.compile(r"\bvalue:? '", re.IGNORECASE), re.compile(r"(?='(?:[\s,.;)]|\Z))")),
    (re.compile(r'\bvalue:? "', re.IGNORECASE), re.compile(r'(?="(?:[\s,.;)]|\Z))')),
    (
        re.compile(r"\bkey \([^()\n]{1,200}\)=\(", re.IGNORECASE),
        re.compile(r"(?=\) (?:already|is not|is still|conflicts))"),
    ),
    (re.compile(r"""键值["“'(]{0,2}[^()\n]{1,200}\)=\("""), re.compile(r"""(?=\)["”'\s])""")),
    (re.compile(r"值\s{0,2}[:：=为]?\s{0,2}[“‘'\"]"), re.compile(r"(?=[”’'\"])")),
    # what Java could not parse
    (
        re.compile(
            r"(?:for input string: |unparseable (?:date|number): |\b(?:from|type) string |\(string\)|\binput "
            r'|converting value |\bkey=|\btext: |\b(?:isodate|objectid)\()"',
            re.IGNORECASE,
        ),
        re.compile(r'(?="(?:[\s,.;:)]|\Z))'),
    ),
    (
        re.compile(
            r"(?:\b(?:from|type) string |\btext (?='[^'\n]{0,400}' could not)|unrecognized token "
            r"|\bbind :\w{1,40} = |\b(?:to_(?:date|timestamp|number|char)|str_to_date|isodate|objectid)\()'",
            re.IGNORECASE,
        ),
        re.compile(r"(?='(?:[\s,.;:)]|\Z))"),
    ),
    # PostgreSQL: invalid input syntax for type date: "...", field value out of range: "...", COPY's context
    (
        re.compile(
            r'(?:\b(?:for type|for enum) [\w ."]{1,80}|out of range|\bliteral|\bcolumn [\w"]{1,80}'
            r'|\bcopy [\w."]{1,130}, line \d{1,20}): "',
            re.IGNORECASE,
        ),
        re.compile(r'(?="(?:[\s,.;)]|\Z))'),
    ),
)

_DATE = r"\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:[ T]\d{1,4}:\d{1,4}(?::\d{1,4}(?:\.\d{1,12})?)?)?"
_HEX = r"(?:0x)?(?=[0-9a-f]{0,64}[a-f0-9])[0-9a-f]{8,}+(?:\.{3}|…)?"
# An unquoted value: a date with its time, hex, or all up to where the text goes on in words of its own.
_UNQUOTED = re.compile(
    rf"""(?P<before>\b(?:(?:column_?|field_?)data|(?:[a-z]{{1,20}}[ _]?)?values?|bytes
         |hex\ number)
         \s{{0,4}}[:=]\s{{0,4}}+|\b(?:value|constant)\s{{1,4}}+(?=-?\d)|(?:键值|原始值|不合法)\s{{0,2}}[:：]\s{{0,4}}+)
         (?!\*\*\*|\\{{0,7}}["'`\[{{(]|\[?ref\b|[?%$@]|(?:null|none|true|false)\b)
         (?P<value>(?P<date>{_DATE})(?![\w:])|(?P<hex>{_HEX})(?!\w)
          |(?:(?!,\s|;|[)\]}}\n]|[ ](?:for|at|in|of|on|is|and|to)[ ]|[ ]{{2}}|\s-\s|\.\s|\.\Z)[^\n])++)""",
    re.IGNORECASE | re.VERBOSE,
)
# A row that is dumped without brackets takes the rest of its line.
_DUMPED = re.compile(
    r"""((?<![\w/])(?:row_?data|raw|content|bad\ record[^:\n]{0,80}
         |row(?=\s{0,4}:\s{0,4}[\w.]{1,64}[=|])|key(?=:\s'))
        \s{0,4}[:=]\s{0,4}+)(?!\*\*\*|\\{0,7}["`\[{(]|\w{1,40}/\w|[?%$@]|null\b)[^\n]++""",
    re.IGNORECASE | re.VERBOSE,
)
_NUMBER = re.compile(r"[+-]?\d{1,60}(?:\.\d{1,60})?")

# MyBatis lists what it binds to the end of the line
_BOUND = re.compile(r"(<?==>?\s{0,16}(?:parameters|row):[ \t]{0,8})(?!\*\*\*)[^\s][^\n]*+", re.IGNORECASE)


def _mask_quotes(text: str) -> str:
    for opening, closing in _QUOTES:
        text = mask_between(text, opening, partial(_start_of, closing))
    return text


def _start_of(closing: re.Pattern[str], found: re.Match[str]) -> int:
    end = closing.search(found.string, found.end())
    return end.start() if end else len(found.string)


def _mask_unquoted(text: str) -> str:
    return _UNQUOTED.sub(_value_and_kind, text)


def _value_and_kind(found: re.Match[str]) -> str:
    kind = _kind(found)
    return f"{found['before']}{MASK}" + (f" ({kind})" if kind else "")


def _kind(found: re.Match[str]) -> str | None:
    if found["date"]:
        return "a date" if _exists(found["date"]) else "a date out of range"
    if found["hex"] and not found["hex"].isdigit():
        digits = len(found["hex"].lower().removeprefix("0x").rstrip(".…"))
        return f"{(digits + 1) // 2} bytes of hex"
    return "a number" if _NUMBER.fullmatch(found["value"]) else None


def _exists(written: str) -> bool:
    numbers = [int(number) for number in re.findall(r"\d{1,12}", written)]
    year, month, day, *clock = numbers
    try:
        date(year, month, day)
    except ValueError:
        return False
    return all(number < limit for number, limit in zip(clock, (24, 60, 60), strict=False))


# Kafka's records name their key beside what else they say of themselves
_RECORD_KEY = re.compile(r"(record\([^\n]{0,400}?\bkey\s?=\s?)(?!\*\*\*|null\b)[^,)\n]++", re.IGNORECASE)

VALUE_RULES = (
    replacing("==", by=rf"\1{MASK}", pattern=_BOUND),
    replacing("row", "raw", "content", "record", "key: '", by=rf"\1{MASK}", pattern=_DUMPED),
    Rule(("'", '"', "“", "‘", "key (", "键值"), _mask_quotes),
    Rule(("value", "data", "bytes", "hex", "constant", "值", "不合法"), _mask_unquoted),
    replacing("record(", by=rf"\1{MASK}", pattern=_RECORD_KEY),
)
