"""What a simulated project is at one moment: a pure function of scenario, control state and time.

All times here are simulated epoch seconds.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from omsbot.sandbox.scenarios.controls import ACTIVE, Controls
from omsbot.sandbox.scenarios.failures import OmsFailure
from omsbot.sandbox.scenarios.plan import Scenario, Status, StepPlan, Window

SAMPLE_EVERY_S = 10
RELEASING_S = 10
FOREVER = math.inf


@dataclass(frozen=True, slots=True)
class StepMoment:
    """One step now; `records_per_s` is per simulated second; nothing is sampled before a step began."""

    plan: StepPlan
    status: Status
    progress: float
    records_per_s: float
    started_at: float | None
    finished_at: float | None
    failed_at: float | None
    failure: OmsFailure | None
    sampled_at: int | None = None
    checkpoint: int | None = None


@dataclass(frozen=True, slots=True)
class ProjectMoment:
    """A whole project now; the same until `fresh_until`, unless somebody interferes."""

    status: str
    steps: tuple[StepMoment, ...]
    fresh_until: float

    @property
    def gone(self) -> bool:
        return self.status == "RELEASED"


def project_moment(scenario: Scenario, controls: Controls, now: float) -> ProjectMoment:
    steps = tuple(step_moment(plan, controls, now) for plan in scenario.steps)
    return ProjectMoment(
        status=_project_status(scenario, controls, steps, now),
        steps=steps,
        fresh_until=_fresh_until(scenario, controls, steps, now),
    )


def step_moment(plan: StepPlan, controls: Controls, now: float) -> StepMoment:
    timeline = controls.timeline
    position = timeline.position_at(now)
    status = _status(plan, controls, position)
    failed_at, failure = _last_failure(plan, controls, position)
    done = next((key for key in plan.keys if key.progress >= 100), None)
    began = plan.index_at(position) >= 0
    sampled_at = _sampled_at(plan, controls, status, now) if began else None
    return StepMoment(
        plan=plan,
        status=status,
        progress=plan.progress_at(position),
        records_per_s=_records_per_s(plan, controls, status, position),
        started_at=timeline.moment_of(plan.keys[0].at) if began else None,
        finished_at=timeline.moment_of(done.at) if done and done.at <= position else None,
        failed_at=failed_at,
        failure=failure if status is Status.FAILED or plan.keeps_error else None,
        sampled_at=sampled_at,
        checkpoint=None if sampled_at is None else _checkpoint(plan, controls, sampled_at),
    )


def _status(plan: StepPlan, controls: Controls, position: float) -> Status:
    if controls.open_failure(plan.name):
        return Status.FAILED
    status = plan.status_at(position)
    return Status.SUSPEND if controls.paused_at is not None and status in ACTIVE else status


def _last_failure(
    plan: StepPlan, controls: Controls, position: float
) -> tuple[float | None, OmsFailure | None]:
    scripted = [key for key in plan.keys if key.at <= position and key.status is Status.FAILED]
    met = [(controls.timeline.moment_of(key.at), plan.failure) for key in scripted[-1:]]
    met += [(f.failed_at, f.failure) for f in controls.failures if f.step == plan.name]
    return max(met, key=lambda pair: pair[0], default=(None, None))


def _records_per_s(plan: StepPlan, controls: Controls, status: Status, position: float) -> float:
    if not plan.records:
        return 0.0
    if status is Status.FINISHED:
        return plan.records / max(1.0, plan.keys[-1].at - plan.keys[0].at)
    if status is not Status.RUNNING:
        return 0.0
    wave = 1 + 0.06 * math.sin(position / 7) + 0.03 * math.sin(position / 2.3)
    return plan.records * plan.slope_at(position) / 100 * controls.timeline.pace * wave


def _sampled_at(plan: StepPlan, controls: Controls, status: Status, now: float) -> int:
    """OMS samples every ten seconds, and not at all while a step stands still."""
    timeline = controls.timeline
    if status not in ACTIVE:
        held = controls.open_failure(plan.name)
        since = timeline.moment_of(plan.keys[plan.index_at(timeline.position_at(now))].at)
        now = held.failed_at if held else max(since, controls.paused_at or since)
    if (window := _window_at(plan.unsampled, timeline.position_at(now))) is not None:
        now = timeline.moment_of(window[0])
    phase = timeline.legs[0].since
    return math.floor(now - (now - phase) % SAMPLE_EVERY_S)


def _checkpoint(plan: StepPlan, controls: Controls, sampled_at: int) -> int:
    position = controls.timeline.position_at(sampled_at)
    stands_at = sampled_at
    if (window := _window_at(plan.frozen, position)) is not None:
        stands_at = math.floor(controls.timeline.moment_of(window[0]))
        position = window[0]
    return stands_at - round(plan.lag_at(position) + controls.extra_lag)


def _window_at(windows: Sequence[Window], position: float) -> Window | None:
    return next((window for window in windows if window[0] <= position < window[1]), None)


def _project_status(scenario: Scenario, controls: Controls, steps: tuple[StepMoment, ...], now: float) -> str:
    position = controls.timeline.position_at(now)
    if controls.released_at is not None or (scenario.released is not None and position >= scenario.released):
        return "RELEASED"
    if scenario.released is not None and position >= scenario.released - RELEASING_S:
        return "RELEASING"
    statuses = {step.status for step in steps}
    for decisive in (Status.FAILED, Status.SUSPEND):
        if decisive in statuses:
            return decisive
    if len(statuses) == 1 and statuses <= {Status.INIT, Status.FINISHED}:
        return statuses.pop()
    return Status.RUNNING


def _fresh_until(scenario: Scenario, controls: Controls, steps: tuple[StepMoment, ...], now: float) -> float:
    """When the answer may differ: the next second of a copy, the next sample, the next key of the script."""
    position, pace = controls.timeline.position_at(now), controls.timeline.pace
    ends = [FOREVER]
    if pace:
        keys = [key.at for step in scenario.steps if (key := step.next_key(position))]
        marks = [scenario.released - RELEASING_S, scenario.released] if scenario.released else []
        ends += [now + (at - position) / pace for at in (*keys, *marks) if at > position]
    if any(step.status is Status.RUNNING and step.plan.slope_at(position) for step in steps):
        ends.append(math.floor(now) + 1)
    if any(step.status in ACTIVE for step in steps):
        ends.append(now + SAMPLE_EVERY_S - (now - controls.timeline.legs[0].since) % SAMPLE_EVERY_S)
    return min(ends)
