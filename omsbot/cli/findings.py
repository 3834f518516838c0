"""What a check found: one line, green, yellow or red, with what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Colour(StrEnum):
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


_ANSI: Mapping[Colour, str] = {Colour.GREEN: "32", Colour.YELLOW: "33", Colour.RED: "31"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor; `mend` says what to do."""

    colour: Colour
    subject: str
    text: str
    mend: str = ""

    def line(self, *, coloured: bool = False) -> str:
        """Return the finding as one line, the colour as a word and, on a terminal, as a colour too."""
        word = f"{self.colour:<6}"
        if coloured:
            word = f"\x1b[{_ANSI[self.colour]}m{word}\x1b[0m"
        mend = f" Do: {self.mend}" if self.mend else ""
        return " ".join(f"{word}  {self.subject:<14} {self.text}.{mend}".split("\n"))


@dataclass(frozen=True, slots=True)
class Examination:
    """The findings of one check, and by how much this machine's clock is ahead of the other side's."""

    findings: tuple[Finding, ...]
    clock_ahead_s: float | None = None


def green(subject: str, text: str) -> Finding:
    return Finding(Colour.GREEN, subject, text)


def yellow(subject: str, text: str, mend: str = "") -> Finding:
    return Finding(Colour.YELLOW, subject, text, mend)


def red(subject: str, text: str, mend: str) -> Finding:
    return Finding(Colour.RED, subject, text, mend)
