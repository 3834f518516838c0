"""Figures of a step over time, kept for rates and charts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sample:
    """What a step's figures were at one look.

    `step` is the step's key, `at` our clock in ms; percent, records, records a second, and seconds behind.
    """

    step: str
    at: int
    progress: int | None = None
    records: int | None = None
    rps: float | None = None
    lag_s: int | None = None
