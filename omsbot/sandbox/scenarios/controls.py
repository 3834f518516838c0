"""What people did to a simulated project: pure changes of its control state.

Every change takes the state so far and `now` (simulated epoch seconds), and the scenario where it matters,
and gives the next state. A change that makes no sense raises ControlError with a sentence that says why.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from omsbot.sandbox.scenarios.failures import OmsFailure
from omsbot.sandbox.scenarios.plan import Key, Scenario, Status, StepPlan
from omsbot.sandbox.scenarios.timeline import Leg, Timeline

ACTIVE = frozenset({Status.RUNNING, Status.MONITORING})


class ControlError(Exception):
    """The wanted change is impossible in the project's present state."""


@dataclass(frozen=True, slots=True)
class InjectedFailure:
    """A step failed by hand; it recovered once `recovered_at` is set. Times in simulated epoch seconds."""

    step: str
    failure: OmsFailure
    failed_at: float
    recovered_at: float | None = None


@dataclass(frozen=True, slots=True)
class Controls:
    """The control state of one project; `pace` is what the script runs at when nothing holds it."""

    timeline: Timeline
    pace: float = 1.0
    failures: tuple[InjectedFailure, ...] = ()
    paused_at: float | None = None
    released_at: float | None = None
    extra_lag: float = 0.0
    fields: Mapping[str, Mapping[str, object]] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def starting(cls, since: float) -> "Controls":
        return cls(Timeline((Leg(since=since, position=0.0),)))

    def open_failure(self, step: str | None = None) -> InjectedFailure | None:
        """The failure that is not recovered yet, of that step or of any."""
        return next(
            (f for f in self.failures if f.recovered_at is None and step in {None, f.step}),
            None,
        )

    def held(self) -> bool:
        return self.paused_at is not None or self.open_failure() is not None


def current_step(scenario: Scenario, position: float) -> StepPlan:
    """The step that a person would call the current one: the first running, else the last that began."""
    running = [step for step in scenario.steps if step.status_at(position) is Status.RUNNING]
    begun = [step for step in scenario.steps if step.index_at(position) >= 0]
    return (running or begun[-1:] or list(scenario.steps))[0]


def jump(controls: Controls, now: float, position: float) -> Controls:
    """Stand at another place of the script; what lay between is taken as happened now."""
    return replace(controls, timeline=controls.timeline.bent(now, position=max(0.0, position)))


def jump_to_step(scenario: Scenario, controls: Controls, now: float, name: str) -> Controls:
    return jump(controls, now, _named(scenario, name).keys[0].at)


def fail(
    scenario: Scenario, controls: Controls, now: float, name: str | None, failure: OmsFailure
) -> Controls:
    """Fail a step (by default the current one) and hold the script; a step that did not begin begins now."""
    if controls.open_failure(name):
        raise ControlError("the step is failed already; recover it first")
    position = controls.timeline.position_at(now)
    step = _named(scenario, name) if name else current_step(scenario, position)
    if step.keys and step.keys[0].at > position:
        controls = jump(controls, now, step.keys[0].at)
    failed = InjectedFailure(step.name, failure, failed_at=now)
    return _paced(replace(controls, failures=(*controls.failures, failed)), now)


def recover(scenario: Scenario, controls: Controls, now: float) -> Controls:
    """Recover what was failed by hand, or else skip to the end of a failure that the script shows."""
    if controls.open_failure():
        failures = tuple(
            replace(failed, recovered_at=now) if failed.recovered_at is None else failed
            for failed in controls.failures
        )
        return _paced(replace(controls, failures=failures), now)
    return _past(scenario, controls, now, Status.FAILED)


def pause(controls: Controls, now: float) -> Controls:
    if controls.paused_at is not None:
        raise ControlError("the project is paused already")
    return _paced(replace(controls, paused_at=now), now)


def resume(scenario: Scenario, controls: Controls, now: float) -> Controls:
    """End a pause made by hand, or else skip to the end of one that the script shows."""
    if controls.paused_at is None:
        return _past(scenario, controls, now, Status.SUSPEND)
    return _paced(replace(controls, paused_at=None), now)


def slow(controls: Controls, now: float, factor: float) -> Controls:
    """Run the script at `factor` of its written speed (0.1 is a tenth, 1 as written)."""
    if not 0 < factor <= 1000:
        raise ControlError("factor must be above 0 and at most 1000")
    return _paced(replace(controls, pace=factor), now)


def finish_step(scenario: Scenario, controls: Controls, now: float, name: str | None) -> Controls:
    """Skip to where a step (by default the current one) is done, or the person it waits for has acted."""
    if controls.held():
        raise ControlError("the project is failed or paused; recover or resume it first")
    position = controls.timeline.position_at(now)
    step = _named(scenario, name) if name else current_step(scenario, position)
    done = next((key for key in step.keys if key.at > position and _is_done(key)), None)
    if done is None:
        raise ControlError(f"the script of {step.name} has no further end")
    return jump(controls, now, done.at)


def release(controls: Controls, now: float) -> Controls:
    return replace(controls, released_at=now)


def set_lag(controls: Controls, seconds: float) -> Controls:
    """Put the checkpoint of every synchronizing step this much further behind."""
    return replace(controls, extra_lag=seconds)


def set_fields(
    scenario: Scenario, controls: Controls, name: str, fields: Mapping[str, object] | None
) -> Controls:
    """Show these raw fields on a step, whatever the script says; None shows the script again."""
    _named(scenario, name)
    kept = {step: shown for step, shown in controls.fields.items() if step != name}
    if fields is not None:
        kept[name] = MappingProxyType(dict(fields))
    return replace(controls, fields=MappingProxyType(kept))


def _is_done(key: Key) -> bool:
    return key.progress >= 100 or key.status in {Status.FINISHED, Status.MONITORING}


def _paced(controls: Controls, now: float) -> Controls:
    pace = 0.0 if controls.held() else controls.pace
    return replace(controls, timeline=controls.timeline.bent(now, pace=pace))


def _past(scenario: Scenario, controls: Controls, now: float, status: Status) -> Controls:
    position = controls.timeline.position_at(now)
    step = next((step for step in scenario.steps if step.status_at(position) is status), None)
    if step is None:
        raise ControlError(f"no step is {status} now")
    after = next((key for key in step.keys if key.at > position and key.status is not status), None)
    if after is None:
        raise ControlError(f"{step.name} stays {status} in the scenario {scenario.name}")
    return jump(controls, now, after.at)


def _named(scenario: Scenario, name: str) -> StepPlan:
    step = next((step for step in scenario.steps if step.name == name), None)
    if step is None or not step.keys:
        known = ", ".join(step.name for step in scenario.steps if step.keys)
        raise ControlError(f"the scenario {scenario.name} never comes to a step {name}; it plays {known}")
    return step
