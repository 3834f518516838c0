"""A step that fails and recovers again and again: one alert with a count, not one for each time.

The first failure is told, and so is its end. From then on the step is watched for `flap_seconds`. A failure
of the same code within that time is not told by itself but counted: the second such opens the *flapping*
condition, which is told once. A failure that lasts as long as the watch is told after all. Once the step
has been well for the whole watch, the condition ends, and what was counted is told.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from omsbot.domain.detection.conditions import Condition, ConditionKind
from omsbot.domain.detection.findings import Cleared, Continued, Finding, Opened
from omsbot.domain.events import Event, EventKind, Evidence
from omsbot.domain.project.diff import Transition
from omsbot.domain.project.project import Step
from omsbot.domain.thresholds import Rules

FLAPS_AT = 2  # silent failures that make a step flapping

ConditionKey = tuple[ConditionKind, str]


def failed_again_soon(seen: Condition, transition: Transition | None, rules: Rules, *, now: int) -> bool:
    """Whether a failure is one more of a series, whose last was `seen`; one with another code is news."""
    if now - seen.seen_at >= rules.flap_ms:
        return False
    before = _code(transition.before) if transition else None
    after = _code(transition.after) if transition else None
    return before is None or after is None or before == after


def _code(step: Step | None) -> str | None:
    return step.error.chief.code if step and step.error else None


def failed_anew(
    failing: Condition, flap: Condition | None, transition: Transition, event: Event, rules: Rules
) -> Iterator[Finding]:
    """A step that failed anew, and in both looks is failed: one more of a series is counted, else it is told.

    What recovers and fails between any two looks would otherwise be told at each of them.
    """
    now = event.observed_at
    seen = replace(failing, seen_at=now, count=failing.count + 1)
    if not failed_again_soon(failing, transition, rules, now=now):
        yield Continued(replace(seen, reminded_at=now), event)
        return
    yield Continued(seen)
    if flap:
        yield from flapping_after(flap, None, event, now=now)
    else:
        yield Opened(watched(failing.step, since_at=failing.since_at, count=1, now=now))


def watched(step: str, *, since_at: int, now: int, count: int = 0) -> Condition:
    """The memory that a step failed lately, `count` times more than was told."""
    return Condition(
        ConditionKind.FLAPPING, step, pending_at=now, seen_at=now, since_at=since_at, count=count
    )


def flapping_after(
    flap: Condition, failing: Condition | None, event: Event, *, now: int
) -> Iterator[Finding]:
    """Count a failure instead of telling it; `failing` is the condition that it opens, if it is still
    failed.
    """
    if failing:
        yield Opened(replace(failing, opened_at=None))
    seen = replace(flap, seen_at=now, count=flap.count + 1)
    if flap.opened_at is not None or seen.count < FLAPS_AT:
        yield Continued(seen)
        return
    evidence = Evidence(after=event.evidence.after, since_at=flap.since_at, count=seen.count + 1)
    told = Event(EventKind.STEP_FLAPPING, now, event.step, late=event.late, evidence=evidence)
    yield Continued(replace(seen, opened_at=now), told)


def persists(
    failing: Condition, known: Mapping[ConditionKey, Condition], event: Event, rules: Rules
) -> Iterator[Finding]:
    """Tell a failure that was only counted, once it has lasted as long as the watch."""
    now = event.observed_at
    if now - failing.pending_at < rules.flap_ms:
        return
    evidence = replace(event.evidence, since_at=failing.since_at)
    yield Continued(
        replace(failing, seen_at=now, opened_at=now),
        replace(event, happened_at=failing.since_at, evidence=evidence),
    )
    flap = known.get((ConditionKind.FLAPPING, failing.step))
    if flap and flap.opened_at is None:
        yield Continued(replace(flap, seen_at=now, count=max(0, flap.count - 1)))


def calmed(
    untouched: Iterable[Condition], steps: Mapping[str, Step], rules: Rules, *, now: int
) -> Iterator[Finding]:
    """End the watch over steps that have been well for the whole of it, or that are gone."""
    for flap in untouched:
        step = steps.get(flap.step)
        if flap.kind is not ConditionKind.FLAPPING or (step is not None and step.failed):
            continue
        if step is None:
            yield Cleared(flap)
        elif now - flap.seen_at >= rules.flap_ms:
            yield Cleared(flap, _steady(flap, step, now) if flap.count else None)


def _steady(flap: Condition, step: Step, now: int) -> Event:
    evidence = Evidence(after=step, since_at=flap.since_at, count=flap.count + 1)
    return Event(EventKind.STEP_STEADY, now, flap.step, evidence=evidence)
