"""The one error that settings can raise."""

from collections.abc import Iterable


class ConfigProblem(Exception):  # noqa: N818 - what a person has to mend, not a fault of the program
    """Settings that are missing or wrong; `lines` has one sentence each, naming the variable and the mend."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(self.lines))
