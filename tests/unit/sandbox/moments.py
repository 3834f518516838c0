"""Scenarios at chosen seconds after their start."""

from omsbot.sandbox.scenarios import SCENARIOS
from omsbot.sandbox.scenarios.controls import Controls
from omsbot.sandbox.scenarios.moment import ProjectMoment, StepMoment, project_moment

START = 1_800_000_000


def moment_of(scenario: str, at: float, controls: Controls | None = None) -> ProjectMoment:
    return project_moment(SCENARIOS[scenario], controls or Controls.starting(START), START + at)


def step_of(name: str, scenario: str, at: float, controls: Controls | None = None) -> StepMoment:
    steps = moment_of(scenario, at, controls).steps
    return next(step for step in steps if step.plan.name == name)


def lag_of(step: StepMoment) -> int:
    assert step.sampled_at is not None
    assert step.checkpoint is not None
    return step.sampled_at - step.checkpoint
