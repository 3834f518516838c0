"""Which conditions of steps hold at a moment, and when time alone may change that.

Each kind has one judgement. It is told whether the condition is open already, and then asks for more before
it lets go: a figure that dances around its threshold opens a condition once.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from omsbot.domain.detection.conditions import ConditionKind
from omsbot.domain.memory.step_memory import FOLLOWS, UP_TO_SPEED, StepWatch, Watch, figures, rate_share
from omsbot.domain.project.phase import ONGOING_AFTER_SWITCHOVER, waits_for_person
from omsbot.domain.project.project import FOLLOWING, Snapshot, Step, StepKind, StepStatus
from omsbot.domain.thresholds import Rules

CAUGHT_UP = 0.5  # of the threshold: a lag that dances around the threshold is told once

ConditionKey = tuple[ConditionKind, str]


@dataclass(frozen=True, slots=True)
class Sight:
    """A step at a moment: what is remembered of it, and which conditions are open."""

    step: Step
    memory: StepWatch
    rules: Rules
    now: int
    key: str
    live: Collection[ConditionKey] = ()

    def open(self, kind: ConditionKind) -> bool:
        return (kind, self.key) in self.live


@dataclass(frozen=True, slots=True)
class Held:
    """A condition that holds: of which step, and since when by our clock where that is known."""

    step: Step
    since_at: int | None = None


def holding(
    snapshot: Snapshot, watch: Watch, live: Collection[ConditionKey], rules: Rules, *, now: int
) -> Mapping[ConditionKey, Held]:
    """The conditions of steps that hold now. `live` are those that are open already."""
    held: dict[ConditionKey, Held] = {}
    switched = switched_over(snapshot)
    for key, step in snapshot.keyed():
        kinds = MAY_HOLD.get(step.status, ())
        if not kinds:
            continue
        sight = Sight(step, watch.steps.get(key) or StepWatch(now), rules, now, key, live)
        for kind in kinds:
            if not looked_for(kind, step, rules, switched=switched):
                continue
            found = JUDGEMENTS[kind](sight)
            if found:
                held[kind, key] = found
    return held


def switched_over(snapshot: Snapshot) -> bool:
    return any(s.kind is StepKind.SWITCHOVER and s.status is StepStatus.FINISHED for s in snapshot.steps)


def looked_for(kind: ConditionKind, step: Step, rules: Rules, *, switched: bool) -> bool:
    """Whether this kind is looked for at all: where not, it neither holds nor has been put right."""
    if kind not in FIGURES:
        return True
    return FIGURES[kind](rules) > 0 and not (switched and step.kind in LEFT_BEHIND)


def _failing(sight: Sight) -> Held | None:
    return Held(sight.step) if sight.step.status is StepStatus.FAILED else None


def _paused(sight: Sight) -> Held | None:
    return Held(sight.step) if sight.step.status is StepStatus.SUSPEND else None


def _waiting(sight: Sight) -> Held | None:
    return Held(sight.step) if waits_for_person(sight.step) else None


def _stalled(sight: Sight) -> Held | None:
    after = _stall_ms(sight)
    if after is None or sight.now - sight.memory.moved_at < after:
        return None
    # an answer without figures neither begins a stall nor ends one
    return (
        Held(sight.step, sight.memory.moved_at)
        if sight.open(ConditionKind.STALLED) or _shows_figures(sight.step)
        else None
    )


def _slow(sight: Sight) -> Held | None:
    since, after = sight.memory.slow_since, _stall_ms(sight)
    if after is None:
        return None
    share = rate_share(sight.step)
    if sight.open(ConditionKind.SLOW):
        within = share is None or share < min(1.0, sight.rules.slow_ratio * UP_TO_SPEED)
        return Held(sight.step, since) if within else None
    if not share or since is None or sight.now - since < after:  # a rate of 0 is a stall
        return None
    return Held(sight.step, since)


def _stall_ms(sight: Sight) -> int | None:
    """How long the step may stand still; None where that says nothing of it."""
    step = sight.step
    works = step.status is StepStatus.RUNNING and not waits_for_person(step)
    return sight.rules.stall_ms(step.kind) if works else None


def _shows_figures(step: Step) -> bool:
    return any(figure is not None for figure in figures(step))


def _lagging(sight: Sight) -> Held | None:
    lag, threshold = sight.step.lag_s, sight.rules.lag_seconds
    lags = sight.open(ConditionKind.LAGGING)
    if lags and sight.step.failed:  # a step that fails on and on would lag anew after each failure
        return Held(sight.step)
    if not _follows(sight.step):
        return None
    if lags:
        return Held(sight.step) if lag is None or lag >= threshold * CAUGHT_UP else None
    if lag is None or lag < threshold:
        return None
    catching_up = sight.step.status is StepStatus.RUNNING and sight.now < _hopeless_at(sight)
    return None if catching_up else Held(sight.step)


def _hopeless_at(sight: Sight) -> int:
    """Until when a step that catches up may have a lag, if that does not fall any further."""
    fell_at = sight.memory.lag_fell_at
    return (sight.now if fell_at is None else fell_at) + int(sight.rules.lag_seconds * 1000)


def _frozen(sight: Sight) -> Held | None:
    after, stands = sight.rules.frozen_ms, _stands_since(sight)
    if after is None or stands is None or sight.now - stands < after:
        return None
    return Held(sight.step, stands)


def _stands_since(sight: Sight) -> int | None:
    """Since when the checkpoint or its sample stands, whichever stood first."""
    if not _follows(sight.step):
        return None
    times = (sight.memory.checkpoint_at, sight.memory.sample_at)
    return min((time for time in times if time is not None), default=None)


def _follows(step: Step) -> bool:
    return step.kind in FOLLOWING and step.status in FOLLOWS


JUDGEMENTS: Mapping[ConditionKind, Callable[[Sight], Held | None]] = {
    ConditionKind.FAILING: _failing,
    ConditionKind.PAUSED: _paused,
    ConditionKind.WAITING: _waiting,
    ConditionKind.STALLED: _stalled,
    ConditionKind.SLOW: _slow,
    ConditionKind.LAGGING: _lagging,
    ConditionKind.FROZEN: _frozen,
}
STEP_CONDITIONS = tuple(JUDGEMENTS)
# status -> what may hold of a step that has it
MAY_HOLD: Mapping[StepStatus, Sequence[ConditionKind]] = {
    StepStatus.FAILED: (ConditionKind.FAILING, ConditionKind.LAGGING),
    StepStatus.SUSPEND: (ConditionKind.PAUSED,),
    StepStatus.RUNNING: (
        ConditionKind.WAITING,
        ConditionKind.STALLED,
        ConditionKind.SLOW,
        ConditionKind.LAGGING,
        ConditionKind.FROZEN,
    ),
    StepStatus.MONITORING: (ConditionKind.LAGGING, ConditionKind.FROZEN),
}
# what figures show, each with the setting that switches it off
FIGURES: Mapping[ConditionKind, Callable[[Rules], float]] = {
    ConditionKind.STALLED: lambda rules: rules.stall_seconds,
    ConditionKind.SLOW: lambda rules: min(rules.slow_ratio, rules.stall_seconds),
    ConditionKind.LAGGING: lambda rules: rules.lag_seconds,
    ConditionKind.FROZEN: lambda rules: rules.frozen_seconds,
}
# after the switchover nothing depends on how fast the old direction is
LEFT_BEHIND = ONGOING_AFTER_SWITCHOVER - {StepKind.REVERSE}


def changes_at(snapshot: Snapshot, watch: Watch, rules: Rules, *, now: int) -> Iterator[int]:
    """The moments after now at which a condition may begin to hold although the figures stay as they are."""
    for key, step in snapshot.keyed():
        memory = watch.steps.get(key)
        if memory is None or step.status not in FOLLOWS:
            continue
        sight = Sight(step, memory, rules, now, key)
        yield from (at for at in _moments(sight) if at > now)


def _moments(sight: Sight) -> Iterator[int]:
    stall, frozen = _stall_ms(sight), sight.rules.frozen_ms
    stands = _stands_since(sight)
    if stall is not None and _shows_figures(sight.step):
        yield sight.memory.moved_at + stall
    if stall is not None and sight.memory.slow_since is not None:
        yield sight.memory.slow_since + stall
    if stands is not None and frozen is not None:
        yield stands + frozen
    if stands is not None and (sight.step.lag_s or 0) >= sight.rules.lag_seconds > 0:
        yield _hopeless_at(sight)
