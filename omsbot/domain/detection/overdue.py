"""Whether a project will miss its deadline, which rests on our clock."""

from collections.abc import Iterator
from dataclasses import replace

from omsbot.domain.detection.conditions import Condition, ConditionKind
from omsbot.domain.detection.findings import Cleared, Continued, Finding, Opened
from omsbot.domain.detection.reminders import remind_at
from omsbot.domain.events import Event, EventKind, Evidence
from omsbot.domain.forecast.deadline import passes
from omsbot.domain.forecast.estimate import Estimate
from omsbot.domain.forecast.outlook import Outlook
from omsbot.domain.project.figures import COPYING
from omsbot.domain.project.phase import waits_for_person
from omsbot.domain.project.project import Snapshot, Step, StepStatus
from omsbot.domain.thresholds import Rules


def overdue(
    live: Condition | None,
    deadline_at: int | None,
    snapshot: Snapshot,
    expected: Outlook,
    rules: Rules,
    *,
    now: int,
) -> Iterator[Finding]:
    """Judge a project by its deadline; `live` is the condition that it is late, if that is open."""
    if deadline_at is None or not any(_to_be_done(step) for step in snapshot.steps):
        if live:
            yield Cleared(live)  # nothing is late any more, and what ended tells so itself
        return
    end = expected.likely_end or Estimate()
    evidence = Evidence(deadline_at=deadline_at, eta_at=end.likely)
    late = passes(end, deadline_at, now=now, already=live is not None)
    if late and live is None:
        opens = Condition(ConditionKind.OVERDUE, "", pending_at=now, seen_at=now, since_at=now, opened_at=now)
        yield Opened(opens, Event(EventKind.PROJECT_OVERDUE, now, evidence=evidence))
    elif late and live and (at := remind_at(live, rules)) is not None and at <= now:
        event = Event(EventKind.PROJECT_OVERDUE, now, reminder=True, evidence=evidence)
        yield Continued(replace(live, seen_at=now, reminded_at=now), event)
    elif live and not late:
        yield Cleared(live, Event(EventKind.PROJECT_IN_TIME, now, evidence=evidence))


def _to_be_done(step: Step) -> bool:
    return step.kind in COPYING and step.status is not StepStatus.FINISHED and not waits_for_person(step)
