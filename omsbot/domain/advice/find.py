"""Finds the most special advice on an error: by code, by number, by phrase, by family, by step."""

import re
from collections.abc import Iterator
from functools import lru_cache

from omsbot.domain.advice.access import ACCESS
from omsbot.domain.advice.codes import BY_CODE, BY_FAMILY
from omsbot.domain.advice.data import DATA
from omsbot.domain.advice.logs import LOGS
from omsbot.domain.advice.network import NETWORK
from omsbot.domain.advice.numbers import numbers
from omsbot.domain.advice.precheck import PRECHECK
from omsbot.domain.advice.resources import RESOURCES
from omsbot.domain.advice.steps import BY_STEP, COMPONENTS
from omsbot.domain.advice.waits import WAITS
from omsbot.domain.advice.words import Advice, Clue, Found, Number, Sign
from omsbot.domain.project.project import ErrorDetail, StepError, StepKind

TEXT_LIMIT = 10_000  # what stands further down is stack traces
UPSTREAM_DEPTH = 10

# most telling first: a full disk, say, also breaks connections and locks rows
SIGNS: tuple[Sign, ...] = (*ACCESS, *LOGS, *RESOURCES, *DATA, *WAITS, *NETWORK)
_BY_NUMBER: dict[Number, Sign] = {number: sign for sign in SIGNS for number in sign.numbers}
_OMS_CODE = re.compile(r"\b(?:GHANA|CM)-[A-Z]{4,12}\d{6}\b", re.IGNORECASE)


def advise(error: StepError | None, kind: StepKind = StepKind.OTHER) -> Found | None:
    """The most special advice that fits a failed step of this kind; None where nothing fits."""
    said = list(_said(error or StepError()))
    codes = tuple(code.strip().upper() for detail in said if (code := detail.code))
    texts = "\n".join(text for detail in said for text in (detail.message, detail.reason) if text)
    found = _found(codes, texts[:TEXT_LIMIT], kind)
    if found is None:
        return None
    advice, clue = found
    return Found(advice, clue, advice.component or COMPONENTS.get(kind))


# one failure is put into words for its alert, for its card, and for each channel
@lru_cache(maxsize=128)
def _found(codes: tuple[str, ...], texts: str, kind: StepKind) -> tuple[Advice, Clue] | None:
    named = (match[0].upper() for match in _OMS_CODE.finditer(texts))
    for code in (*codes, *named):
        if code in BY_CODE:
            return BY_CODE[code], Clue.CODE
    if sign := _by_sign(" ".join(codes), texts, kind):
        return sign.advice, Clue.TEXT
    for code in codes:
        for prefix, advice in BY_FAMILY:
            if code.startswith(prefix):
                return advice, Clue.FAMILY
    return (BY_STEP[kind], Clue.STEP) if kind in BY_STEP else None


def _by_sign(codes: str, texts: str, kind: StepKind) -> Sign | None:
    """By a database's error number, else by what the texts say."""
    for number in numbers(f"{codes}\n{texts}"):
        if number in _BY_NUMBER:
            return _BY_NUMBER[number]
    signs = (*SIGNS, *PRECHECK) if kind is StepKind.PRECHECK else SIGNS
    lowered = texts.lower()
    return next((sign for sign in signs if sign.told_by(lowered)), None)


def _said(error: StepError) -> Iterator[ErrorDetail]:
    """The chief error and what caused it, then the short form of the step."""
    one: ErrorDetail | None = error.chief
    for _ in range(UPSTREAM_DEPTH):
        if one is None:
            break
        yield one
        one = one.upstream
    yield ErrorDetail(code=error.code, message=error.message)
