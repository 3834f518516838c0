"""Facts worth posting, and how urgent each one is."""

from dataclasses import dataclass, field

from omsbot.domain.event_kinds import KIND_FACTS, EventKind, Level, Severity
from omsbot.domain.project.completion import Report
from omsbot.domain.project.project import Step

__all__ = ["Event", "EventKind", "Evidence", "Level", "Severity"]

PAUSE_LIMIT_MS = 43_200_000  # OMS: a project that is paused for more than 12 hours cannot be recovered
PAUSE_URGENT_MS = 36_000_000  # from 10 hours on a pause is as urgent as a failure


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an event rests on; a field that does not apply to its kind is None or at its default.

    `before` and `after` are the step in the two snapshots. `since_at` is when the state that the event
    opens or ends began, `count` how often it came. `threshold_s` is the threshold that was passed, in
    seconds. `deadline_at` and `eta_at` are those of the project, `report` sums it up at its end.
    `server` is the one that was asked, and `error_*` describe how that failed.
    """

    before: Step | None = None
    after: Step | None = None
    since_at: int | None = None
    count: int | None = None
    threshold_s: float | None = None
    deadline_at: int | None = None
    eta_at: int | None = None
    report: Report | None = None
    error_kind: str | None = None
    error_text: str | None = None
    server: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A fact worth posting.

    `happened_at` is OMS's own time of it where OMS gave one; `observed_at` is when the poll saw it.
    `already` marks what was so at the first poll, `late` what happened while omsbot was offline; `brief`
    marks a failure that came and went between two polls; `reminder` one that was posted before and lasts.
    """

    kind: EventKind
    observed_at: int
    step: str | None = None
    happened_at: int | None = None
    already: bool = False
    late: bool = False
    unseen_since: int | None = None
    brief: bool = False
    reminder: bool = False
    evidence: Evidence = field(default_factory=Evidence)

    @property
    def severity(self) -> Severity:
        return Severity.CRITICAL if self._runs_out else KIND_FACTS[self.kind].severity

    @property
    def _runs_out(self) -> bool:
        """Whether a pause is so long that the project will soon be lost."""
        began = self.evidence.since_at
        if self.kind is not EventKind.STEP_PAUSED or not self.reminder or began is None:
            return False
        return self.observed_at - began >= PAUSE_URGENT_MS

    @property
    def level(self) -> Level:
        """The least that a subscription must ask for; who hears of failures hears how each one ends."""
        if self._runs_out:
            return Level.FAILURES
        before = self.evidence.before
        ends_failure = before is not None and before.failed
        return Level.FAILURES if ends_failure else KIND_FACTS[self.kind].level

    @property
    def broadcast(self) -> bool:
        return self.reminder or KIND_FACTS[self.kind].broadcast
