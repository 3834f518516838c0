"""What an answer of OMS is worth posting: the heart of the bot.

Theory of operation. Two sources speak of a project, and no fact comes from both. *Conditions* speak of what
lasts: a step is failed, is paused, waits for a person. Each opens once, is silent while it holds, and its
end is posted once. *Transitions* speak of what happens: a step started, finished, appeared. Where a
transition is the opening or the end of a condition, the condition speaks and the transition is silent.
Only a failure that came and went between two polls is posted beside them: no condition knows of it.

The first snapshot of a project is a baseline: its transitions would be stale news, so only the conditions
that hold are posted, as "already". Conditions are stored, so a restart neither repeats nor forgets.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from omsbot.domain.detection.conditions import Condition, ConditionKind, began_at
from omsbot.domain.detection.findings import Cleared, Continued, Finding, Happened, Opened, changed
from omsbot.domain.detection.flapping import (
    calmed,
    failed_again_soon,
    failed_anew,
    flapping_after,
    persists,
    watched,
)
from omsbot.domain.detection.judgements import STEP_CONDITIONS, Held, holding, looked_for, switched_over
from omsbot.domain.detection.reminders import reminders
from omsbot.domain.detection.transitions import completion, event_of, kind_of
from omsbot.domain.event_kinds import ENDINGS, OPENING
from omsbot.domain.events import Event, EventKind, Evidence
from omsbot.domain.memory.step_memory import Watch
from omsbot.domain.project.diff import Change, Transition, diff
from omsbot.domain.project.phase import completed
from omsbot.domain.project.project import Snapshot, Step, StepKind, StepStatus
from omsbot.domain.thresholds import Rules

LATE_AFTER_MS = 180_000  # a change between two polls so far apart is posted as late

GOING = {StepStatus.RUNNING, StepStatus.MONITORING, StepStatus.FINISHED}
# a transition of a step is silent where one of these speaks for it
STATUS_CONDITIONS = {ConditionKind.FAILING, ConditionKind.PAUSED, ConditionKind.WAITING}


ConditionKey = tuple[ConditionKind, str]


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a project: what was seen before and now, what is remembered, what is open, and the
    rules.
    """

    previous: Snapshot | None
    current: Snapshot
    watch: Watch
    known: Mapping[ConditionKey, Condition]
    rules: Rules
    now: int
    late: bool

    @property
    def opened(self) -> set[ConditionKey]:
        return {key for key, condition in self.known.items() if condition.opened_at is not None}


def detect(
    previous: Snapshot | None,
    current: Snapshot,
    live: Sequence[Condition],
    *,
    now: int,
    watch: Watch | None = None,
    rules: Rules | None = None,
    late_after_ms: int = LATE_AFTER_MS,
    transitions: Sequence[Transition] | None = None,
) -> tuple[Finding, ...]:
    """Decide what a new snapshot tells, given the last one, the memory of it and the live conditions.

    `transitions` are those between the two, where they are known already.
    Findings come in order of time, OMS's own where it gives one, else of the steps.
    """
    look = Look(
        previous=previous,
        current=current,
        watch=watch or Watch(),
        # sorted: in which order a database lists them must not show in what is told
        known={one.key: one for one in sorted(live, key=lambda one: one.key) if one.step},
        rules=rules or Rules(),
        now=now,
        late=previous is not None and now - previous.observed_at > late_after_ms,
    )
    if transitions is None:
        transitions = diff(previous, current) if previous else ()
    held = holding(current, look.watch, look.opened, look.rules, now=now)
    if not (transitions or held or look.known):
        return ()  # most answers, most of the time
    found = [*_opened(look, held, transitions), *_cleared(look, held)]
    spoken_for = _spoken_for(found, current)
    for transition in transitions:
        if transition.change is Change.FAILED_BRIEFLY:
            found += _failed_briefly(look, transition)
        elif transition.key not in spoken_for and (kind := kind_of(transition)) is not None:
            found.append(Happened(event_of(transition, kind, late=look.late, now=now)))
    found += _by_time_alone(look, held, found)
    found.sort(key=_order(current, now))
    if previous and completed(current) and not completed(previous):
        found.append(Happened(completion(current, late=look.late, now=now)))
    return tuple(_since_when(one, previous) for one in found)


def _since_when(finding: Finding, previous: Snapshot | None) -> Finding:
    """What happened while omsbot was offline says since when that was."""
    if previous is None or finding.event is None or not finding.event.late:
        return finding
    return replace(finding, event=replace(finding.event, unseen_since=previous.observed_at))


def _by_time_alone(
    look: Look, held: Mapping[ConditionKey, Held], found: Sequence[Finding]
) -> Iterator[Finding]:
    """What only the clock shows: a watch that ends, trouble that goes on and is posted again."""
    touched = {condition.key for one in found if (condition := changed(one))}
    steps = look.current.by_key()
    untouched = [condition for key, condition in look.known.items() if key not in touched]
    calm = list(calmed(untouched, steps, look.rules, now=look.now))
    yield from calm
    ended = {one.condition.key for one in calm if isinstance(one, Cleared)}
    goes_on = [
        (condition, steps[condition.step])
        for condition in untouched
        if condition.key in held or (condition.kind is ConditionKind.FLAPPING and condition.key not in ended)
        if condition.step in steps
    ]
    yield from reminders(goes_on, OPENING, look.rules, now=look.now)


def _spoken_for(found: Sequence[Finding], current: Snapshot) -> set[str | None]:
    """The steps whose change of status a condition tells, or on purpose does not tell."""
    steps = current.by_key()
    spoken = {
        one.event.step
        for one in found
        if one.event and (condition := changed(one)) and condition.kind in STATUS_CONDITIONS
    }
    for one in found:
        if not isinstance(one, Cleared):
            continue
        ended = one.condition
        # a failure that was only counted ends as quietly as it began
        if ended.kind is ConditionKind.FAILING and ended.opened_at is None:
            step = steps.get(ended.step)
            if step is not None and step.status in GOING - {StepStatus.FINISHED}:
                spoken.add(ended.step)
    return spoken


def _opened(
    look: Look, held: Mapping[ConditionKey, Held], transitions: Sequence[Transition]
) -> Iterator[Finding]:
    by_key = {transition.key: transition for transition in transitions}
    for (kind, key), one in held.items():
        transition, live = by_key.get(key), look.known.get((kind, key))
        if kind is ConditionKind.FAILING and live and live.opened_at is None:
            yield from persists(live, look.known, _opening(look, kind, key, one, transition), look.rules)
            continue
        event = _opening(look, kind, key, one, transition)
        flap = look.known.get((ConditionKind.FLAPPING, key)) if kind is ConditionKind.FAILING else None
        if live:
            anew = transition is not None and transition.change is Change.FAILED_AGAIN
            if kind is ConditionKind.FAILING and transition and anew:
                yield from failed_anew(live, flap, transition, event, look.rules)
            continue
        fresh = Condition(
            kind,
            key,
            pending_at=look.now,
            seen_at=look.now,
            since_at=look.now if event.evidence.since_at is None else event.evidence.since_at,
            opened_at=look.now,
        )
        if flap and failed_again_soon(flap, transition, look.rules, now=look.now):
            yield from flapping_after(flap, fresh, event, now=look.now)
        else:
            yield Opened(fresh, event)


def _opening(look: Look, kind: ConditionKind, key: str, held: Held, transition: Transition | None) -> Event:
    before = transition.before if transition else None
    said = held.since_at if held.since_at is not None else began_at(kind, held.step, before)
    return Event(
        kind=OPENING[kind],
        observed_at=look.now,
        step=key,
        happened_at=said if kind in STATUS_CONDITIONS else None,
        already=look.previous is None,
        late=look.late,
        evidence=Evidence(
            before=before if kind in STATUS_CONDITIONS else None,
            after=held.step,
            since_at=look.now if said is None else min(said, look.now),
            threshold_s=_threshold(kind, held.step, look.rules),
        ),
    )


def _threshold(kind: ConditionKind, step: Step, rules: Rules) -> float | None:
    if kind in {ConditionKind.STALLED, ConditionKind.SLOW}:
        return (rules.stall_ms(step.kind) or 0) / 1000
    return {
        ConditionKind.LAGGING: rules.lag_seconds,
        ConditionKind.FROZEN: rules.frozen_seconds,
    }.get(kind)


def _cleared(look: Look, held: Mapping[ConditionKey, Held]) -> Iterator[Finding]:
    steps, switched = look.current.by_key(), switched_over(look.current)
    for condition in look.known.values():
        if condition.kind not in STEP_CONDITIONS or condition.key in held:
            continue
        step = steps.get(condition.step)
        kind = _ending(condition.kind, step) if condition.opened_at is not None else None
        if step and not looked_for(condition.kind, step, look.rules, switched=switched):
            kind = None  # nobody put it right
        if kind is None or step is None:
            yield Cleared(condition)
        else:
            evidence = Evidence(after=step, since_at=condition.since_at)
            yield Cleared(condition, Event(kind, look.now, condition.step, late=look.late, evidence=evidence))
        if condition.kind is ConditionKind.FAILING:
            yield from _remember_failure(look, condition.step, step, since_at=condition.since_at)


def _remember_failure(look: Look, key: str, step: Step | None, *, since_at: int) -> Iterator[Finding]:
    """Keep in mind that a step failed lately: if it fails again soon, it flaps."""
    if not look.rules.flap_ms or step is None or step.status not in GOING:
        return
    flap = look.known.get((ConditionKind.FLAPPING, key))
    if flap:
        yield Continued(replace(flap, seen_at=look.now))
    else:
        yield Opened(watched(key, since_at=since_at, now=look.now))


def _failed_briefly(look: Look, transition: Transition) -> Iterator[Finding]:
    """A failure that no poll saw is posted beside the conditions; one of a flapping step is counted."""
    event = event_of(transition, EventKind.STEP_RECOVERED, late=look.late, now=look.now)
    flap = look.known.get((ConditionKind.FLAPPING, transition.key))
    if flap and failed_again_soon(flap, transition, look.rules, now=look.now):
        yield from flapping_after(flap, None, event, now=look.now)
        return
    yield Happened(event)
    began = event.evidence.since_at
    yield from _remember_failure(
        look, transition.key, transition.after, since_at=look.now if began is None else began
    )


def _ending(kind: ConditionKind, step: Step | None) -> EventKind | None:
    """What tells of a condition's end; None where another event of the same step tells it."""
    if step is None or step.status not in GOING:
        return None
    if kind is ConditionKind.WAITING:
        if step.status is not StepStatus.RUNNING:
            return None
        return EventKind.STEP_STARTED if step.kind is StepKind.SWITCHOVER else EventKind.STEP_RERUN
    if step.status is StepStatus.FINISHED and kind is not ConditionKind.FAILING:
        return None
    (end,) = ENDINGS[kind]
    return end


def _order(current: Snapshot, now: int) -> Callable[[Finding], tuple[int, int]]:
    place = {key: number for number, (key, _) in enumerate(current.keyed())}

    def order(finding: Finding) -> tuple[int, int]:
        event = finding.event
        if event is None:
            return now, -1
        at = now if event.happened_at is None else min(event.happened_at, now)
        return at, place.get(event.step or "", len(place))

    return order
