"""What advice is made of: a cause, a first look, a component of OMS, and the signs by which it is found."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import NamedTuple

_LATIN = re.compile(r"[a-z0-9_]")


class Component(StrEnum):
    """The parts of OMS, by the names that OMS's own documentation and its console give them."""

    CONSOLE = "OMS console"
    CM = "CM"  # cluster management
    SUPERVISOR = "OMS supervisor"
    DBCAT = "DBCat"
    STORE = "Store"
    FULL_IMPORT = "Full-Import"
    INCR_SYNC = "Incr-Sync"
    FULL_VERIFICATION = "Full-Verification"


@dataclass(frozen=True, slots=True)
class Advice:
    """The probable cause and the first thing to look at, a short line each.

    `component` is the part of OMS concerned; None: that of the step that failed.
    """

    cause: str
    look: str
    component: Component | None = None


class Clue(Enum):
    """What advice was found by, the most telling first."""

    CODE = auto()
    TEXT = auto()
    FAMILY = auto()
    STEP = auto()


@dataclass(frozen=True, slots=True)
class Found:
    """Advice on one error; `component` is None where it is not known."""

    advice: Advice
    clue: Clue
    component: Component | None = None

    @property
    def special(self) -> bool:
        """Whether it is about this very error, and not about all errors of its family or step."""
        return self.clue in {Clue.CODE, Clue.TEXT}


class Vendor(Enum):
    """Whose error number it is: MySQL's, Oracle's, or OceanBase's own (those of 4000 and more)."""

    MYSQL = auto()
    ORACLE = auto()
    OCEANBASE = auto()


class Number(NamedTuple):
    vendor: Vendor
    number: int


@dataclass(frozen=True, slots=True)
class Sign:
    """One trouble: its error numbers, the phrases that tell of it, and the advice on it."""

    advice: Advice
    numbers: frozenset[Number] = frozenset()
    phrases: re.Pattern[str] | None = None

    def told_by(self, lowered: str) -> bool:
        """Whether a text in lower case says one of the phrases, from the start of a word on."""
        # a leading `\b` in the pattern would say it too, but makes the search ten times slower
        found = self.phrases.finditer(lowered) if self.phrases else ()
        return any(_starts_word(lowered, match.start()) for match in found)


def _starts_word(text: str, at: int) -> bool:
    """Whether no word goes on at this place; between Chinese and Latin letters there is no space."""
    return at == 0 or not _LATIN.fullmatch(text, at - 1, at) or not _LATIN.match(text, at)


def sign(
    *phrases: str,
    cause: str,
    look: str,
    component: Component | None = None,
    mysql: Iterable[int] = (),
    oracle: Iterable[int] = (),
    oceanbase: Iterable[int] = (),
) -> Sign:
    """A row of a table of signs; phrases are patterns for lower case, whose repetitions are bounded."""
    numbers = (
        *(Number(Vendor.MYSQL, number) for number in mysql),
        *(Number(Vendor.ORACLE, number) for number in oracle),
        *(Number(Vendor.OCEANBASE, number) for number in oceanbase),
    )
    pattern = "|".join(f"(?:{phrase})" for phrase in phrases)
    return Sign(
        advice=Advice(cause, look, component),
        numbers=frozenset(numbers),
        phrases=re.compile(pattern) if pattern else None,
    )
