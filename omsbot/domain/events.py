"""Facts worth telling, and how urgent each kind is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import NamedTuple

from omsbot.domain.project.completion import Report
from omsbot.domain.project.project import Step

PAUSE_LIMIT_MS = 43_200_000  # OMS: a project that is paused for more than 12 hours cannot be recovered
PAUSE_URGENT_MS = 36_000_000  # from 10 hours on a pause is as urgent as a failure


class Severity(StrEnum):
    CRITICAL = "critical"
    WARNING = "warning"
    NOTICE = "notice"
    INFO = "info"


class Level(IntEnum):
    """How much a subscription wants to hear; each level includes those below it."""

    FAILURES = 1
    IMPORTANT = 2
    ALL = 3

    def __str__(self) -> str:
        return self.name.lower()


class EventKind(StrEnum):
    STEP_FAILED = "step_failed"
    STEP_RECOVERED = "step_recovered"
    STEP_WAITING = "step_waiting"
    STEP_PAUSED = "step_paused"
    STEP_RESUMED = "step_resumed"
    STEP_MONITORING = "step_monitoring"
    STEP_RERUN = "step_rerun"
    STEP_APPEARED = "step_appeared"
    STEP_VANISHED = "step_vanished"
    STEP_STATUS_UNKNOWN = "step_status_unknown"
    STEP_STALLED = "step_stalled"
    STEP_MOVING = "step_moving"
    STEP_SLOW = "step_slow"
    STEP_UP_TO_SPEED = "step_up_to_speed"
    STEP_LAGGING = "step_lagging"
    STEP_CAUGHT_UP = "step_caught_up"
    STEP_FROZEN = "step_frozen"
    STEP_ADVANCING = "step_advancing"
    STEP_FLAPPING = "step_flapping"
    STEP_STEADY = "step_steady"
    STEP_STARTED = "step_started"
    STEP_FINISHED = "step_finished"
    PROJECT_OVERDUE = "project_overdue"
    PROJECT_IN_TIME = "project_in_time"
    PROJECT_COMPLETED = "project_completed"
    PROJECT_GONE = "project_gone"
    PROJECT_UNREADABLE = "project_unreadable"
    PROJECT_READABLE = "project_readable"
    SERVER_UNREACHABLE = "server_unreachable"
    SERVER_REJECTS_LOGIN = "server_rejects_login"
    SERVER_GARBLED = "server_garbled"
    SERVER_BACK = "server_back"


class KindFacts(NamedTuple):
    severity: Severity
    level: Level  # the least a subscription must ask for to hear of it
    broadcast: bool  # shown in the channel, not only in the card's thread


KIND_FACTS: Mapping[EventKind, KindFacts] = {
    EventKind.STEP_FAILED: KindFacts(Severity.CRITICAL, Level.FAILURES, True),
    EventKind.PROJECT_GONE: KindFacts(Severity.CRITICAL, Level.FAILURES, True),
    EventKind.SERVER_UNREACHABLE: KindFacts(Severity.CRITICAL, Level.FAILURES, True),
    EventKind.SERVER_REJECTS_LOGIN: KindFacts(Severity.CRITICAL, Level.FAILURES, True),
    EventKind.SERVER_GARBLED: KindFacts(Severity.CRITICAL, Level.FAILURES, True),
    EventKind.STEP_FLAPPING: KindFacts(Severity.CRITICAL, Level.FAILURES, True),
    EventKind.PROJECT_UNREADABLE: KindFacts(Severity.WARNING, Level.FAILURES, True),
    EventKind.STEP_STALLED: KindFacts(Severity.WARNING, Level.FAILURES, True),
    EventKind.STEP_FROZEN: KindFacts(Severity.WARNING, Level.FAILURES, True),
    EventKind.STEP_LAGGING: KindFacts(Severity.WARNING, Level.FAILURES, True),
    EventKind.PROJECT_OVERDUE: KindFacts(Severity.WARNING, Level.FAILURES, True),
    EventKind.STEP_RECOVERED: KindFacts(Severity.NOTICE, Level.FAILURES, True),
    EventKind.STEP_STEADY: KindFacts(Severity.NOTICE, Level.FAILURES, True),
    EventKind.STEP_MOVING: KindFacts(Severity.NOTICE, Level.FAILURES, True),
    EventKind.STEP_ADVANCING: KindFacts(Severity.NOTICE, Level.FAILURES, True),
    EventKind.STEP_CAUGHT_UP: KindFacts(Severity.NOTICE, Level.FAILURES, True),
    EventKind.PROJECT_IN_TIME: KindFacts(Severity.NOTICE, Level.FAILURES, True),
    EventKind.PROJECT_READABLE: KindFacts(Severity.NOTICE, Level.FAILURES, True),
    EventKind.SERVER_BACK: KindFacts(Severity.NOTICE, Level.FAILURES, True),
    EventKind.STEP_WAITING: KindFacts(Severity.WARNING, Level.IMPORTANT, True),
    EventKind.PROJECT_COMPLETED: KindFacts(Severity.NOTICE, Level.IMPORTANT, True),
    EventKind.STEP_SLOW: KindFacts(Severity.WARNING, Level.IMPORTANT, False),
    EventKind.STEP_UP_TO_SPEED: KindFacts(Severity.NOTICE, Level.IMPORTANT, False),
    EventKind.STEP_PAUSED: KindFacts(Severity.WARNING, Level.IMPORTANT, False),
    EventKind.STEP_STATUS_UNKNOWN: KindFacts(Severity.WARNING, Level.IMPORTANT, False),
    EventKind.STEP_VANISHED: KindFacts(Severity.WARNING, Level.IMPORTANT, False),
    EventKind.STEP_APPEARED: KindFacts(Severity.NOTICE, Level.IMPORTANT, False),
    EventKind.STEP_RERUN: KindFacts(Severity.NOTICE, Level.IMPORTANT, False),
    EventKind.STEP_RESUMED: KindFacts(Severity.NOTICE, Level.IMPORTANT, False),
    EventKind.STEP_MONITORING: KindFacts(Severity.NOTICE, Level.IMPORTANT, False),
    EventKind.STEP_FINISHED: KindFacts(Severity.INFO, Level.ALL, False),
    EventKind.STEP_STARTED: KindFacts(Severity.INFO, Level.ALL, False),
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an event rests on; a field that does not apply to its kind is None or at its default.

    `before` and `after` are the step in the two snapshots. `since_at` is when the state that the event
    opens or ends began, `count` how often it came. `threshold_s` is the threshold that was passed, in
    seconds. `deadline_at` and `eta_at` are those of the project, `report` sums it up at its end. `error_*`
    describe a question to OMS that failed.
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


@dataclass(frozen=True, slots=True)
class Event:
    """A fact worth telling.

    `happened_at` is OMS's own time of it where OMS gave one; `observed_at` is when the poll saw it.
    `already` marks what was so at first sight; `late` marks what happened while nobody looked; `brief`
    marks a failure that came and went between two polls; `reminder` one that was told before and goes on.
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
