"""Telling again what goes on: at an interval that can be chosen, and before a pause gets too long."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from omsbot.domain.detection.conditions import Condition, ConditionKind
from omsbot.domain.detection.findings import Continued, Finding
from omsbot.domain.events import Event, EventKind, Evidence
from omsbot.domain.project.project import Step, StepKind
from omsbot.domain.thresholds import Rules

MINUTE_MS = 60_000
# OMS loses what is paused for more than 12 hours: at these times after it was first seen paused it is told
# again
PAUSE_COUNTDOWN_MS = tuple(minutes * MINUTE_MS for minutes in (60, 360, 600, 660, 705))


def reminders(
    open_now: Sequence[tuple[Condition, Step]],
    kinds: Mapping[ConditionKind, EventKind],
    rules: Rules,
    *,
    now: int,
) -> Iterator[Finding]:
    """A reminder of each open condition of a step that still holds, given with the step, whose time has come.

    `kinds` are the events that told of their openings.
    """
    steps = {condition.key: step for condition, step in open_now}
    for condition in reminded([condition for condition, _ in open_now]):
        step, at = steps[condition.key], remind_at(condition, rules)
        rests = condition.kind is ConditionKind.WAITING and step.kind is StepKind.SWITCHOVER
        if at is None or at > now or rests:
            continue
        count = condition.count + 1 if condition.kind is ConditionKind.FLAPPING else None
        evidence = Evidence(after=step, since_at=condition.since_at, count=count)
        event = Event(kinds[condition.kind], now, condition.step, reminder=True, evidence=evidence)
        yield Continued(replace(condition, seen_at=_seen(condition, now), reminded_at=now), event)


def _seen(condition: Condition, now: int) -> int:
    """A flapping step counts as seen when it failed or recovered last, not when it was told again."""
    return condition.seen_at if condition.kind is ConditionKind.FLAPPING else now


def reminded(still: Sequence[Condition]) -> Iterator[Condition]:
    """Of the open conditions those that are told again while they hold: of several pauses the first one."""
    pauses = [one for one in still if one.kind is ConditionKind.PAUSED]
    first = min(pauses, key=lambda one: (one.pending_at, one.step), default=None)
    for one in still:
        if one.opened_at is not None and (one.kind is not ConditionKind.PAUSED or one is first):
            yield one


def remind_at(condition: Condition, rules: Rules) -> int | None:
    """When an open condition is told again next, in ms; None: never."""
    told_at = condition.reminded_at or condition.opened_at or condition.pending_at
    if condition.kind is ConditionKind.PAUSED:
        passed = bisect_right(PAUSE_COUNTDOWN_MS, told_at - condition.pending_at)
        return condition.pending_at + PAUSE_COUNTDOWN_MS[passed] if passed < len(PAUSE_COUNTDOWN_MS) else None
    return None if rules.remind_ms is None else told_at + rules.remind_ms
