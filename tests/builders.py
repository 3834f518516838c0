"""Small builders of the domain's values, so that a test names only what it is about."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from omsbot.domain.detection.conditions import Condition, ConditionKind
from omsbot.domain.detection.detect import detect
from omsbot.domain.detection.findings import Cleared, Continued, Finding, Opened
from omsbot.domain.detection.judgements import holding
from omsbot.domain.events import Event, EventKind, Evidence
from omsbot.domain.memory.step_memory import Watch as Memory
from omsbot.domain.memory.step_memory import look
from omsbot.domain.project.project import Snapshot, Step, StepError, StepInfo, StepStatus
from omsbot.domain.thresholds import Rules

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
NOW = 1_700_000_000_000


def step(
    name: str,
    status: str = "RUNNING",
    *,
    order: int | None = None,
    progress: int | None = None,
    started_at: int | None = None,
    finished_at: int | None = None,
    failed_at: int | None = None,
    code: str | None = None,
    message: str | None = None,
    info: StepInfo | None = None,
) -> Step:
    """One step; `status` is OMS's word, and `failed_at`, `code` and `message` make its error."""
    error = StepError(code, message, failed_at=failed_at)
    return Step(
        name=name,
        status=StepStatus.__members__.get(status.upper(), StepStatus.UNKNOWN),
        raw_status=status,
        order=order,
        progress=progress,
        started_at=started_at,
        finished_at=finished_at,
        error=None if error == StepError() else error,
        info=info,
    )


def snapshot(*steps: Step, at: int = NOW, server_at: int | None = None) -> Snapshot:
    """An answer with these steps in this order."""
    return Snapshot(steps, observed_at=at, server_at=server_at)


def event(
    kind: EventKind = EventKind.STEP_FAILED,
    name: str | None = "FULL_TRANSFER",
    *,
    at: int = NOW,
    evidence: Evidence | None = None,
) -> Event:
    """An event of a step; without a name, of a project or a server."""
    return Event(kind, at, name, evidence=evidence or Evidence())


def condition(kind: ConditionKind, step_key: str = "", *, at: int = NOW, opened: bool = True) -> Condition:
    """A condition that was first seen at that time, believed at once or not yet."""
    return Condition(kind, step_key, at, at, at, opened_at=at if opened else None)


@dataclass
class Watch:
    """A project as the bot follows it: the last snapshot, its memory and the live conditions, kept as the
    store does.

    Opening what is open, or ending what is not, is a mistake of the bot and raises AssertionError.
    """

    previous: Snapshot | None = None
    live: dict[tuple[ConditionKind, str], Condition] = field(default_factory=dict)
    now: int = NOW
    told: list[Event] = field(default_factory=list)
    rules: Rules = field(default_factory=Rules)
    memory: Memory = field(default_factory=Memory)

    def see(self, *steps: Step, after: int = 10 * SECOND) -> tuple[Event, ...]:
        """Look again some time later; returns the events of this look."""
        self.now += after
        return self.look(snapshot(*steps, at=self.now))

    def look(self, current: Snapshot) -> tuple[Event, ...]:
        self.memory = look(self.memory, self.previous, current, self.rules)
        findings = detect(
            self.previous,
            current,
            tuple(self.live.values()),
            now=self.now,
            watch=self.memory,
            rules=self.rules,
        )
        self.keep(findings)
        self.previous = current
        events = tuple(finding.event for finding in findings if finding.event)
        self.told += events
        return events

    def holding(self) -> set[tuple[ConditionKind, str]]:
        """What holds of the last snapshot; the memory of late failures is no such thing."""
        assert self.previous
        opened = {key for key, one in self.live.items() if one.opened_at is not None}
        return set(holding(self.previous, self.memory, opened, self.rules, now=self.now))

    def keep(self, findings: Sequence[Finding]) -> None:
        """Apply findings to the live conditions, as the recorder does."""
        for finding in findings:
            if isinstance(finding, Opened):
                assert finding.condition.key not in self.live, "it is open already"
                self.live[finding.condition.key] = finding.condition
            if isinstance(finding, Continued):
                known = self.live[finding.condition.key]
                self.live[finding.condition.key] = replace(
                    known,
                    seen_at=finding.condition.seen_at,
                    opened_at=finding.condition.opened_at,
                    count=finding.condition.count,
                    reminded_at=finding.condition.reminded_at,
                )
            if isinstance(finding, Cleared):
                del self.live[finding.condition.key]


def kinds(events: Sequence[Event]) -> list[EventKind]:
    return [one.kind for one in events]
