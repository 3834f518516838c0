"""Every kind of event, and in one row each all that the domain decides by its kind.

The words of each kind are a row of `slack/words/wording.py`. A test holds both tables against each other.
"""

from collections.abc import Mapping, Set
from enum import Enum, IntEnum, StrEnum, auto
from typing import NamedTuple


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


class ConditionKind(StrEnum):
    FAILING = "failing"
    PAUSED = "paused"
    WAITING = "waiting"
    STALLED = "stalled"  # runs, but its figures stand still
    SLOW = "slow"  # its rate is far under its reference
    LAGGING = "lagging"
    FROZEN = "frozen"  # its checkpoint, or the checkpoint's sample, stands still
    FLAPPING = "flapping"  # failed lately: counts, and is told only when it has come to rest
    OVERDUE = "overdue"  # the estimate, or the clock, is past the project's deadline
    GONE = "gone"
    UNREADABLE = "unreadable"
    EMPTIED = "emptied"  # OMS lists no steps, where it listed some: counted until it is believed, never told
    UNREACHABLE = "unreachable"
    LOGIN_REJECTED = "login_rejected"
    GARBLED = "garbled"  # no answer of a server can be read


class About(StrEnum):
    """What an event of a kind is about."""

    STEP = "step"
    PROJECT = "project"
    SERVER = "server"


class Collapse(Enum):
    """When an event that a silence or an outage of Slack held back is no longer worth a line of its own."""

    NEVER = auto()  # survives every silence
    UNLESS_IT_HOLDS = auto()  # what began is posted only while it still holds
    WITH_ITS_BEGINNING = auto()  # an end is worth nothing to those who have not heard of the beginning
    UNLESS_LAST_OF_SERVER = auto()  # of a server's health only the newest counts
    UNLESS_NEWEST = auto()  # progress: nothing after a silence, the newest after an outage
    AFTER_A_SILENCE = auto()  # posted after an outage, counted after a silence


class KindFacts(NamedTuple):
    severity: Severity
    level: Level  # the least a subscription must ask for to hear of it
    about: About
    collapse: Collapse
    broadcast: bool  # shown in the channel, not only in the card's thread
    opens: ConditionKind | None = None
    ends: Set[ConditionKind] = frozenset()
    reminder: bool = False  # may be posted again while it lasts

    @property
    def survives_silence(self) -> bool:
        return self.collapse is Collapse.NEVER


def _opens(
    condition: ConditionKind,
    severity: Severity,
    level: Level = Level.FAILURES,
    *,
    about: About = About.STEP,
    broadcast: bool = True,
    reminder: bool = True,
) -> KindFacts:
    return KindFacts(
        severity, level, about, Collapse.UNLESS_IT_HOLDS, broadcast, opens=condition, reminder=reminder
    )


def _ends(
    *conditions: ConditionKind,
    level: Level = Level.FAILURES,
    about: About = About.STEP,
    broadcast: bool = True,
) -> KindFacts:
    return KindFacts(
        Severity.NOTICE, level, about, Collapse.WITH_ITS_BEGINNING, broadcast, ends=frozenset(conditions)
    )


def _server(
    severity: Severity, *, opens: ConditionKind | None = None, ends: Set[ConditionKind] = frozenset()
) -> KindFacts:
    last = Collapse.UNLESS_LAST_OF_SERVER
    return KindFacts(severity, Level.FAILURES, About.SERVER, last, broadcast=True, opens=opens, ends=ends)


def _happens(
    severity: Severity,
    level: Level = Level.IMPORTANT,
    *,
    about: About = About.STEP,
    collapse: Collapse = Collapse.AFTER_A_SILENCE,
    broadcast: bool = False,
    ends: Set[ConditionKind] = frozenset(),
) -> KindFacts:
    return KindFacts(severity, level, about, collapse, broadcast, ends=ends)


_CRITICAL, _WARNING, _NOTICE, _INFO = Severity
_DARK = frozenset({ConditionKind.UNREACHABLE, ConditionKind.LOGIN_REJECTED, ConditionKind.GARBLED})
_UNSEEN = (ConditionKind.GONE, ConditionKind.UNREADABLE)
_WAIT = frozenset({ConditionKind.WAITING})

KIND_FACTS: Mapping[EventKind, KindFacts] = {
    EventKind.STEP_FAILED: _opens(ConditionKind.FAILING, _CRITICAL),
    EventKind.STEP_RECOVERED: _ends(ConditionKind.FAILING),
    EventKind.STEP_WAITING: _opens(ConditionKind.WAITING, _WARNING, Level.IMPORTANT),
    EventKind.STEP_PAUSED: _opens(ConditionKind.PAUSED, _WARNING, Level.IMPORTANT, broadcast=False),
    EventKind.STEP_RESUMED: _ends(ConditionKind.PAUSED, level=Level.IMPORTANT, broadcast=False),
    EventKind.STEP_STALLED: _opens(ConditionKind.STALLED, _WARNING),
    EventKind.STEP_MOVING: _ends(ConditionKind.STALLED),
    EventKind.STEP_SLOW: _opens(ConditionKind.SLOW, _WARNING, Level.IMPORTANT, broadcast=False),
    EventKind.STEP_UP_TO_SPEED: _ends(ConditionKind.SLOW, level=Level.IMPORTANT, broadcast=False),
    EventKind.STEP_LAGGING: _opens(ConditionKind.LAGGING, _WARNING),
    EventKind.STEP_CAUGHT_UP: _ends(ConditionKind.LAGGING),
    EventKind.STEP_FROZEN: _opens(ConditionKind.FROZEN, _WARNING),
    EventKind.STEP_ADVANCING: _ends(ConditionKind.FROZEN),
    EventKind.STEP_FLAPPING: _opens(ConditionKind.FLAPPING, _CRITICAL),
    EventKind.STEP_STEADY: _ends(ConditionKind.FLAPPING),
    # what happens to a step in OMS; the two that may end a wait are told after a silence like any other
    EventKind.STEP_APPEARED: _happens(_NOTICE),
    EventKind.STEP_VANISHED: _happens(_WARNING),
    EventKind.STEP_STATUS_UNKNOWN: _happens(_WARNING),
    EventKind.STEP_MONITORING: _happens(_NOTICE),
    EventKind.STEP_RERUN: _happens(_NOTICE, ends=_WAIT),
    EventKind.STEP_STARTED: _happens(_INFO, Level.ALL, collapse=Collapse.UNLESS_NEWEST, ends=_WAIT),
    EventKind.STEP_FINISHED: _happens(_INFO, Level.ALL, collapse=Collapse.UNLESS_NEWEST),
    EventKind.PROJECT_COMPLETED: _happens(
        _NOTICE, about=About.PROJECT, collapse=Collapse.NEVER, broadcast=True
    ),
    EventKind.PROJECT_OVERDUE: _opens(ConditionKind.OVERDUE, _WARNING, about=About.PROJECT),
    EventKind.PROJECT_IN_TIME: _ends(ConditionKind.OVERDUE, about=About.PROJECT),
    EventKind.PROJECT_GONE: _opens(ConditionKind.GONE, _CRITICAL, about=About.PROJECT, reminder=False),
    EventKind.PROJECT_UNREADABLE: _opens(ConditionKind.UNREADABLE, _WARNING, about=About.PROJECT),
    EventKind.PROJECT_READABLE: _ends(*_UNSEEN, about=About.PROJECT),
    EventKind.SERVER_UNREACHABLE: _server(_CRITICAL, opens=ConditionKind.UNREACHABLE),
    EventKind.SERVER_REJECTS_LOGIN: _server(_CRITICAL, opens=ConditionKind.LOGIN_REJECTED),
    EventKind.SERVER_GARBLED: _server(_CRITICAL, opens=ConditionKind.GARBLED),
    EventKind.SERVER_BACK: _server(_NOTICE, ends=_DARK),
}

OPENING: Mapping[ConditionKind, EventKind] = {
    facts.opens: kind for kind, facts in KIND_FACTS.items() if facts.opens is not None
}
# by condition, the events that may end it: of a wait either, as the kind of the step decides
ENDINGS: Mapping[ConditionKind, Set[EventKind]] = {
    condition: {kind for kind, facts in KIND_FACTS.items() if condition in facts.ends}
    for condition in OPENING
}
