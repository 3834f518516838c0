"""What a report of a whole migration holds. Every field has a default, as all that is stored has."""

from dataclasses import dataclass

from omsbot.domain.project.project import Step


@dataclass(frozen=True, slots=True)
class StepReport:
    """What one step took, in ms (None: OMS does not say), and how fast it copied, in rows a second."""

    key: str
    step: Step
    took_ms: int | None = None
    rows: int | None = None
    mean_rps: float | None = None
    peak_rps: float | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure of a step; `lasted_ms` is None where it came and went between two looks."""

    key: str
    step: Step | None = None
    at: int = 0
    lasted_ms: int | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """What verification found; None where OMS does not say."""

    inconsistencies: int | None = None
    rows: int | None = None
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """A migration from `began_at` to `ended_at`, in ms; `verified` is None where there is no verification.

    `paused_ms` is for how long any step was paused.
    """

    began_at: int | None = None
    ended_at: int | None = None
    steps: tuple[StepReport, ...] = ()
    failures: tuple[Failure, ...] = ()
    paused_ms: int = 0
    verified: Verified | None = None

    @property
    def total_ms(self) -> int | None:
        if self.began_at is None or self.ended_at is None:
            return None
        return max(0, self.ended_at - self.began_at)
