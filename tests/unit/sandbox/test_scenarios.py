"""The scripts that simulated projects play, computed for chosen moments."""

import json

import pytest

from omsbot.sandbox.oms.steps import steps_json, utc_text
from omsbot.sandbox.scenarios import SCENARIOS, demo_projects, many
from omsbot.sandbox.scenarios import controls as controls_of
from omsbot.sandbox.scenarios.controls import ControlError, Controls
from omsbot.sandbox.scenarios.plan import Status
from tests.unit.sandbox.moments import START, lag_of, moment_of, step_of


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_can_be_asked_at_any_moment(name: str) -> None:
    for at in [*range(0, 1400, 7), 50_000, 10**6]:
        moment = moment_of(name, at)
        assert moment.fresh_until > START + at
        steps = json.loads(steps_json(SCENARIOS[name], moment, {}))
        assert [step["name"] for step in steps] == [plan.name for plan in SCENARIOS[name].steps]
        assert all(0 <= float(step["progress"]) <= 100 for step in steps)


@pytest.mark.parametrize("name", SCENARIOS)
def test_an_answer_stays_the_same_for_as_long_as_it_is_called_fresh(name: str) -> None:
    for at in range(0, 1200, 13):
        moment = moment_of(name, at)
        later = moment_of(name, min(moment.fresh_until - START - 0.001, at + 3600))
        shown = [steps_json(SCENARIOS[name], m, {}) for m in (moment, later)]
        working = any(plan.slope_at(at) for plan in SCENARIOS[name].steps)
        assert working or shown[0] == shown[1]


@pytest.mark.parametrize("name", SCENARIOS)
def test_keys_of_every_step_follow_each_other(name: str) -> None:
    for plan in SCENARIOS[name].steps:
        times = [key.at for key in plan.keys]
        assert times == sorted(set(times))


HEALTHY: list[tuple[float, dict[str, str], str]] = [
    (0, {"TRANSFER_PRECHECK": "RUNNING", "STRUCT_TRANSFER": "INIT"}, "RUNNING"),
    (100, {"FULL_TRANSFER": "RUNNING", "INDEX_TRANSFER": "INIT"}, "RUNNING"),
    (200, {"FULL_TRANSFER": "RUNNING", "INDEX_TRANSFER": "RUNNING"}, "RUNNING"),
    (250, {"FULL_TRANSFER": "FINISHED", "INCR_TRANSFER": "RUNNING"}, "RUNNING"),
    (400, {"INCR_TRANSFER": "MONITORING", "FULL_VERIFIER": "RUNNING"}, "RUNNING"),
    (520, {"FULL_VERIFIER": "FINISHED", "TRANSFER_APP_SWITCH": "RUNNING"}, "RUNNING"),
    (640, {"TRANSFER_APP_SWITCH": "FINISHED", "REVERSE_INCR_TRANSFER": "RUNNING"}, "RUNNING"),
    (700, {"INCR_TRANSFER": "FINISHED", "REVERSE_INCR_TRANSFER": "MONITORING"}, "RUNNING"),
    (1000, {"REVERSE_INCR_TRANSFER": "FINISHED"}, "FINISHED"),
]


@pytest.mark.parametrize(("at", "statuses", "project"), HEALTHY, ids=[f"at {at}" for at, _, _ in HEALTHY])
def test_a_healthy_migration_overlaps_its_steps(at: float, statuses: dict[str, str], project: str) -> None:
    moment = moment_of("healthy", at)
    shown = {step.plan.name: step.status for step in moment.steps}
    assert {name: shown[name] for name in statuses} == statuses
    assert moment.status == project


def test_a_verified_project_shows_progress_100_and_an_end_while_it_waits_for_a_person() -> None:
    verifier = step_of("FULL_VERIFIER", "healthy", 420)
    assert (verifier.status, verifier.progress) == (Status.RUNNING, 100)
    assert verifier.finished_at == START + 390
    switch = step_of("TRANSFER_APP_SWITCH", "healthy", 600)
    assert (switch.status, switch.progress, switch.finished_at) == (Status.RUNNING, 0, None)


def test_copied_rows_grow_at_the_rate_that_is_shown() -> None:
    before, after = step_of("FULL_TRANSFER", "healthy", 100), step_of("FULL_TRANSFER", "healthy", 160)
    grown = (after.progress - before.progress) / 100 * before.plan.records / 60
    assert grown == pytest.approx(6000)
    assert before.records_per_s == pytest.approx(grown, rel=0.1)


def test_a_recovered_copy_keeps_the_time_of_its_failure() -> None:
    failed, recovered = (
        step_of("FULL_TRANSFER", "fails_full", 120),
        step_of("FULL_TRANSFER", "fails_full", 150),
    )
    assert (failed.status, recovered.status) == (Status.FAILED, Status.RUNNING)
    assert failed.failed_at == recovered.failed_at == START + 100
    assert failed.failure is not None
    assert recovered.failure is None
    assert failed.progress == 34


def test_a_failed_precheck_cannot_be_recovered() -> None:
    assert moment_of("failed_precheck", 10**6).status == Status.FAILED
    with pytest.raises(ControlError, match="stays FAILED"):
        controls_of.recover(SCENARIOS["failed_precheck"], Controls.starting(START), START + 60)


def test_lag_grows_while_monitoring_and_is_caught_up() -> None:
    lags = [lag_of(step_of("INCR_TRANSFER", "lagging", at)) for at in (205, 500, 800, 1200)]
    assert lags[0] < 10
    assert 200 < lags[1] < 400
    assert lags[2] == 402
    assert lags[3] == 2
    assert step_of("INCR_TRANSFER", "lagging", 800).status == Status.MONITORING


def test_a_checkpoint_never_moves_back() -> None:
    for name in ("healthy", "lagging", "frozen", "frozen_sample", "idle", "synced"):
        steps = [step_of("INCR_TRANSFER", name, at) for at in (*range(240, 1300), *range(3500, 4200, 10))]
        points = [step.checkpoint for step in steps if step.checkpoint is not None]
        assert points == sorted(points), name


def test_a_frozen_checkpoint_stands_while_samples_go_on() -> None:
    early, late = step_of("INCR_TRANSFER", "frozen", 300), step_of("INCR_TRANSFER", "frozen", 2300)
    assert early.checkpoint == late.checkpoint
    assert (early.sampled_at, late.sampled_at) == (START + 300, START + 2300)


def test_a_sample_is_never_older_than_ten_seconds_while_a_step_synchronizes() -> None:
    for at in range(240, 300):
        sampled_at = step_of("INCR_TRANSFER", "healthy", at).sampled_at
        assert sampled_at is not None
        assert 0 <= START + at - sampled_at < 10


def test_a_stalled_copy_runs_without_copying() -> None:
    early, late = step_of("FULL_TRANSFER", "stalled", 100), step_of("FULL_TRANSFER", "stalled", 6000)
    assert early.progress == late.progress == 31
    assert (late.status, late.records_per_s) == (Status.RUNNING, 0)


def test_a_slow_copy_is_far_below_its_reference() -> None:
    assert 20 < step_of("FULL_TRANSFER", "slow", 600).records_per_s < 100


def test_a_flapping_copy_fails_at_another_time_each_round() -> None:
    failures = {step_of("FULL_TRANSFER", "flapping", at).failed_at for at in range(70, 300)}
    assert len(failures) == 6
    recovered = step_of("FULL_TRANSFER", "flapping", 85)
    assert recovered.status == Status.RUNNING
    assert recovered.failure is not None


def test_a_long_pause_ends_beyond_rescue() -> None:
    assert moment_of("paused", 12 * 3600).status == Status.SUSPEND
    assert moment_of("paused", 14 * 3600).status == Status.FAILED


def test_a_released_project_is_gone_after_a_short_goodbye() -> None:
    assert [moment_of("released", at).status for at in (80, 95, 101)] == ["RUNNING", "RELEASING", "RELEASED"]


def test_the_worst_text_holds_every_trap() -> None:
    failure = step_of("FULL_TRANSFER", "chinese", 100).failure
    assert failure is not None
    text = failure.filled()
    assert len(text) > 2000
    for trap in (
        "`",
        "<br>",
        "&",
        "@@global",
        "<!channel>",
        "[%s]",
        "${db}",
        "jdbc:",
        "password=",
        "Struct{",
        "\tat ",
    ):
        assert trap in text


def test_demo_projects_have_something_to_tell_within_twenty_seconds() -> None:
    by_name = {project.name: project for project in demo_projects()}
    assert len({project.id for project in demo_projects()}) == len(by_name)

    def statuses(name: str, *moments: float) -> list[str]:
        project = by_name[name]
        return [moment_of(project.scenario, project.offset + at).status for at in moments]

    assert statuses("orders-to-ob", 10, 13, 50, 53) == ["RUNNING", "FAILED", "FAILED", "RUNNING"]
    assert statuses("会员中心迁移", 28, 31) == ["RUNNING", "FAILED"]
    billing = by_name["billing-to-ob"]
    assert step_of("FULL_VERIFIER", billing.scenario, billing.offset + 17).progress < 100
    assert step_of("FULL_VERIFIER", billing.scenario, billing.offset + 19).progress == 100
    lagging = by_name["inventory-sync"]
    assert lag_of(step_of("INCR_TRANSFER", lagging.scenario, lagging.offset + 90)) > 300


def test_a_fleet_has_different_ids_and_known_scenarios() -> None:
    fleet = many(1000)
    assert len({project.id for project in fleet}) == 1000
    assert {project.scenario for project in fleet} <= SCENARIOS.keys()


def test_times_are_written_in_utc_without_an_offset() -> None:
    assert utc_text(1689635000) == "2023-07-17T23:03:20"
    assert utc_text(None) is None
