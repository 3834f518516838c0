"""Listens to what is told of one project, and objects to whatever must not be said."""

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence

from omsbot.domain.detection.conditions import ConditionKind
from omsbot.domain.events import Event, EventKind
from omsbot.domain.project.project import Step, StepStatus
from omsbot.domain.thresholds import Rules
from tests.builders import HOUR, MINUTE

Key = tuple[ConditionKind, str | None]

BEGINS = {
    EventKind.STEP_FAILED: ConditionKind.FAILING,
    EventKind.STEP_PAUSED: ConditionKind.PAUSED,
    EventKind.STEP_WAITING: ConditionKind.WAITING,
    EventKind.STEP_STALLED: ConditionKind.STALLED,
    EventKind.STEP_SLOW: ConditionKind.SLOW,
    EventKind.STEP_LAGGING: ConditionKind.LAGGING,
    EventKind.STEP_FROZEN: ConditionKind.FROZEN,
    EventKind.STEP_FLAPPING: ConditionKind.FLAPPING,
}
ENDS = {
    EventKind.STEP_RECOVERED: ConditionKind.FAILING,
    EventKind.STEP_RESUMED: ConditionKind.PAUSED,
    EventKind.STEP_MOVING: ConditionKind.STALLED,
    EventKind.STEP_UP_TO_SPEED: ConditionKind.SLOW,
    EventKind.STEP_CAUGHT_UP: ConditionKind.LAGGING,
    EventKind.STEP_ADVANCING: ConditionKind.FROZEN,
}
COUNTDOWN = (HOUR, 6 * HOUR, 10 * HOUR, 11 * HOUR, 11 * HOUR + 45 * MINUTE)
INTERRUPTS = {StepStatus.INIT, StepStatus.SUSPEND, StepStatus.UNKNOWN}


class Witness:
    """Knows what the channel was told, and checks each event against that and against the steps as they are.

    `untold` holds the steps that failed since a failure of theirs was seen last, by the scenario itself.
    """

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.open: dict[Key, Event] = {}
        self.told_at: dict[Key, int] = {}
        self.began: dict[Key, Event] = {}
        self.reminders: dict[Key, int] = {}
        self.failed_once: set[str | None] = set()
        self.untold: set[str] = set()

    def hear(
        self, events: Sequence[Event], steps: Mapping[str, Step], live: Collection[Key], now: int
    ) -> None:
        """Check what one look told; `live` are the conditions that are live after it."""
        self._interrupted(steps)
        for event in events:
            if event.kind in BEGINS:
                self._begins(event, steps, (BEGINS[event.kind], event.step), now)
            elif event.brief:
                self._brief(event)
            elif event.kind in ENDS:
                key = ENDS[event.kind], event.step
                assert key in self.open, f"{event.kind} ends what was never told"
                del self.open[key]
            elif event.kind is EventKind.STEP_STEADY:
                assert event.step in self.failed_once, "steady, and never told that it failed"
        self.untold -= {key for key, step in steps.items() if step.failed}
        for key in [key for key in self.open if key not in live]:
            del self.open[key]  # another event of the step speaks for its end

    def _interrupted(self, steps: Mapping[str, Step]) -> None:
        """A person acted, or the step is another one: what comes next is no flapping."""
        for key in list(self.began):
            step = steps.get(key[1] or "")
            if step is None or step.status in INTERRUPTS or step.status is StepStatus.FINISHED:
                del self.began[key]

    def _begins(self, event: Event, steps: Mapping[str, Step], key: Key, now: int) -> None:
        if event.kind is EventKind.STEP_FAILED:
            assert steps[event.step or ""].failed, "a failedTime alone is no failure"
            self.failed_once.add(event.step)
        if event.reminder:
            self._reminds(key, now)
        else:
            another_failure = event.kind is EventKind.STEP_FAILED
            assert key not in self.open or another_failure, f"{event.kind} is told already"
            self._hysteresis(event, key, now)
            self.began[key] = event
            self.reminders[key] = 0
            self.open[key] = event
        self.told_at[key] = now

    def _reminds(self, key: Key, now: int) -> None:
        assert key in self.open, "a reminder of what was never told"
        self.reminders[key] += 1
        if key[0] is ConditionKind.PAUSED:
            assert self.reminders[key] <= bisect_right(COUNTDOWN, now - self.open[key].observed_at)
        else:
            assert now - self.told_at[key] >= self.rules.remind_seconds * 1000, "reminded too soon"

    def _hysteresis(self, event: Event, key: Key, now: int) -> None:
        last, after = self.began.get(key), event.evidence.after
        if last is None or after is None:
            return
        if event.kind is EventKind.STEP_FAILED and _code(last) != _code(event):
            return
        assert now - last.observed_at >= self._least_ms(key[0], after), f"{event.kind} flaps"

    def _least_ms(self, kind: ConditionKind, step: Step) -> float:
        stall = self.rules.stall_ms(step.kind) or 0
        return {
            ConditionKind.STALLED: stall,
            ConditionKind.SLOW: stall,
            ConditionKind.FROZEN: self.rules.frozen_seconds * 1000,
            ConditionKind.FAILING: self.rules.flap_ms,
            ConditionKind.FLAPPING: self.rules.flap_ms,
        }.get(kind, 0)

    def _brief(self, event: Event) -> None:
        assert event.step in self.untold, "a failure that was over long ago"
        self.untold.discard(event.step or "")
        self.failed_once.add(event.step)


def _code(event: Event) -> str | None:
    after = event.evidence.after
    return after.error.code if after and after.error else None
