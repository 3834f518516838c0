"""What people do to a simulated project bends its script."""

import pytest

from omsbot.sandbox.scenarios import SCENARIOS
from omsbot.sandbox.scenarios import controls as controls_of
from omsbot.sandbox.scenarios.controls import ControlError, Controls
from omsbot.sandbox.scenarios.failures import INJECTED
from omsbot.sandbox.scenarios.plan import Status
from omsbot.sandbox.scenarios.timeline import Leg, Timeline
from tests.unit.sandbox.moments import START, step_of


def test_pausing_holds_the_script_and_resuming_goes_on_from_there() -> None:
    scenario = SCENARIOS["healthy"]
    paused = controls_of.pause(Controls.starting(START), START + 100)
    full = step_of("FULL_TRANSFER", "healthy", 5000, paused)
    assert (full.status, full.records_per_s) == (Status.SUSPEND, 0)
    resumed = controls_of.resume(scenario, paused, START + 5000)
    assert step_of("FULL_TRANSFER", "healthy", 5000, resumed).progress == full.progress
    assert step_of("FULL_TRANSFER", "healthy", 5010, resumed).started_at == START + 35
    assert step_of("FULL_TRANSFER", "healthy", 5200, resumed).finished_at == START + 5000 + 115


def test_a_failure_by_hand_holds_the_project_until_it_is_recovered() -> None:
    scenario = SCENARIOS["healthy"]
    failed = controls_of.fail(scenario, Controls.starting(START), START + 100, None, INJECTED)
    full = step_of("FULL_TRANSFER", "healthy", 900, failed)
    assert (full.status, full.failed_at, full.failure) == (Status.FAILED, START + 100, INJECTED)
    recovered = controls_of.recover(scenario, failed, START + 900)
    full = step_of("FULL_TRANSFER", "healthy", 901, recovered)
    assert (full.status, full.failed_at, full.failure) == (Status.RUNNING, START + 100, None)


def test_failing_a_step_that_did_not_begin_begins_it() -> None:
    failed = controls_of.fail(
        SCENARIOS["healthy"], Controls.starting(START), START + 5, "INCR_TRANSFER", INJECTED
    )
    step = step_of("INCR_TRANSFER", "healthy", 6, failed)
    assert (step.status, step.started_at, step.failed_at) == (Status.FAILED, START + 5, START + 5)


def test_finishing_a_step_that_waits_acts_as_the_person() -> None:
    scenario = SCENARIOS["healthy"]
    controls = controls_of.finish_step(scenario, Controls.starting(START), START + 400, None)
    assert step_of("FULL_VERIFIER", "healthy", 400, controls).status == Status.FINISHED
    assert step_of("FULL_VERIFIER", "healthy", 400, controls).finished_at == START + 390


def test_a_jump_leaves_earlier_times_alone_and_dates_what_it_skips_to_now() -> None:
    jumped = controls_of.jump(Controls.starting(START), START + 50, 300)
    assert step_of("FULL_TRANSFER", "healthy", 50, jumped).started_at == START + 35
    assert step_of("FULL_TRANSFER", "healthy", 50, jumped).finished_at == START + 50
    assert step_of("INCR_TRANSFER", "healthy", 50, jumped).started_at == START + 50


def test_jumping_back_runs_steps_again() -> None:
    back = controls_of.jump(Controls.starting(START), START + 250, 30)
    full = step_of("FULL_TRANSFER", "healthy", 250, back)
    assert (full.status, full.started_at) == (Status.INIT, None)
    assert step_of("FULL_TRANSFER", "healthy", 260, back).started_at == START + 255
    assert step_of("STRUCT_TRANSFER", "healthy", 260, back).started_at == START + 8


def test_a_slowed_copy_shows_the_lower_rate() -> None:
    slowed = controls_of.slow(Controls.starting(START), START + 100, 0.1)
    assert step_of("FULL_TRANSFER", "healthy", 101, slowed).records_per_s == pytest.approx(600, rel=0.1)


@pytest.mark.parametrize("factor", [0, -1, 5000])
def test_a_pace_out_of_bounds_is_refused(factor: float) -> None:
    with pytest.raises(ControlError):
        controls_of.slow(Controls.starting(START), START, factor)


def test_every_position_is_dated_by_the_leg_that_last_came_to_it() -> None:
    timeline = Timeline((Leg(0, 0),))
    timeline = timeline.bent(50, pace=0.0).bent(80, pace=1.0)  # stood still at 50 for 30 s
    timeline = timeline.bent(100, position=200.0)  # jumped over 70 to 200
    timeline = timeline.bent(110, position=40.0)  # and back to 40
    assert [timeline.moment_of(at) for at in (10, 40, 45)] == [10, 110, 115]
    assert timeline.position_at(60) == 50
    assert timeline.position_at(105) == 205
    ahead = timeline.bent(120, position=300.0)
    assert [ahead.moment_of(at) for at in (47, 60, 300)] == [117, 120, 120]
