"""What a benchmark returns, and how a few rounds become one number."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Row:
    """One measured figure. `low` and `high` span the rounds; `holds` is None where there is no goal."""

    what: str
    value: float
    unit: str
    low: float | None = None
    high: float | None = None
    goal: str = ""
    holds: bool | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """A benchmark's figures, what has to be known to read them, and what they were computed from."""

    title: str
    rows: Sequence[Row]
    notes: Sequence[str] = ()
    raw: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured: in full, or just enough to see that everything runs."""

    quick: bool

    def of(self, full: int, quick: int) -> int:
        return quick if self.quick else full


def median(what: str, values: Sequence[float], unit: str) -> Row:
    """The median of some rounds with their spread."""
    return Row(what, statistics.median(values), unit, min(values), max(values))


def at_most(row: Row, limit: float, goal: str = "") -> Row:
    return _judged(row, goal or f"≤ {limit:g}", row.value <= limit)


def at_least(row: Row, limit: float, goal: str = "") -> Row:
    return _judged(row, goal or f"≥ {limit:g}", row.value >= limit)


def ratio(what: str, over: Sequence[float], under: Sequence[float]) -> Row:
    """One over the other, round by round: each pair was measured side by side."""
    return median(what, [a / b for a, b in zip(over, under, strict=True)], "x")


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _judged(row: Row, goal: str, holds: bool) -> Row:
    return Row(row.what, row.value, row.unit, row.low, row.high, goal, holds)
