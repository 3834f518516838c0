"""Facts worth telling, and how urgent each kind is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import NamedTuple

from omsbot.domain.project import Step


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
    STEP_STARTED = "step_started"
    STEP_FINISHED = "step_finished"
    PROJECT_COMPLETED = "project_completed"
    PROJECT_GONE = "project_gone"
    PROJECT_UNREADABLE = "project_unreadable"
    PROJECT_READABLE = "project_readable"
    SERVER_UNREACHABLE = "server_unreachable"
    SERVER_REJECTS_LOGIN = "server_rejects_login"
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
    EventKind.PROJECT_UNREADABLE: KindFacts(Severity.WARNING, Level.FAILURES, True),
    EventKind.STEP_RECOVERED: KindFacts(Severity.NOTICE, Level.FAILURES, True),
    EventKind.PROJECT_READABLE: KindFacts(Severity.NOTICE, Level.FAILURES, True),
    EventKind.SERVER_BACK: KindFacts(Severity.NOTICE, Level.FAILURES, True),
    EventKind.STEP_WAITING: KindFacts(Severity.WARNING, Level.IMPORTANT, True),
    EventKind.PROJECT_COMPLETED: KindFacts(Severity.NOTICE, Level.IMPORTANT, True),
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
    opens or ends began. `error_*` describe a question to OMS that failed.
    """

    before: Step | None = None
    after: Step | None = None
    since_at: int | None = None
    error_kind: str | None = None
    error_text: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A fact worth telling.

    `happened_at` is OMS's own time of it where OMS gave one; `observed_at` is when the poll saw it.
    `already` marks what was so at first sight; `late` marks what happened while nobody looked;
    `brief` marks a failure that came and went between two polls.
    """

    kind: EventKind
    observed_at: int
    step: str | None = None
    happened_at: int | None = None
    already: bool = False
    late: bool = False
    brief: bool = False
    evidence: Evidence = field(default_factory=Evidence)

    @property
    def severity(self) -> Severity:
        return KIND_FACTS[self.kind].severity

    @property
    def level(self) -> Level:
        """The least that a subscription must ask for; who hears of failures hears how each one ends."""
        before = self.evidence.before
        ends_failure = before is not None and before.failed
        return Level.FAILURES if ends_failure else KIND_FACTS[self.kind].level

    @property
    def broadcast(self) -> bool:
        return KIND_FACTS[self.kind].broadcast
