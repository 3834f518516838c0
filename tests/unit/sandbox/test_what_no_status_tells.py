"""The scenarios whose statuses look well: what their figures do, moment by moment, as OMS would give them."""

import json
from collections.abc import Iterable
from itertools import chain, pairwise
from typing import Any

import pytest

from omsbot.sandbox.oms.steps import steps_json
from omsbot.sandbox.scenarios import SCENARIOS
from omsbot.sandbox.scenarios.plan import Status
from tests.unit.sandbox.moments import START, lag_of, moment_of, step_of

HOUR = 3600


def shown(scenario: str, step: str, at: float) -> dict[str, Any]:
    """A step as OMS answers it, with its details unpacked."""
    steps = json.loads(steps_json(SCENARIOS[scenario], moment_of(scenario, at), {}))
    found: dict[str, Any] = next(one for one in steps if one["name"] == step)
    info = found["stepInfo"]
    return {**found, "stepInfo": json.loads(info) if isinstance(info, str) else info}


def figures(scenario: str, at: float) -> tuple[str, int, int, int]:
    """Status, progress, rows and rows a second of the full copy."""
    copy = shown(scenario, "FULL_TRANSFER", at)
    info = copy["stepInfo"]
    return copy["status"], copy["progress"], info["processedRecords"], info["dstRps"]


def statuses(scenario: str, step: str, moments: Iterable[int]) -> list[str]:
    """The statuses that a step shows, without repetitions."""
    seen = [str(step_of(step, scenario, at).status) for at in moments]
    return [status for before, status in pairwise(["", *seen]) if status != before]


def test_a_stall_runs_with_the_same_rows_and_no_rate_until_it_goes_on() -> None:
    assert figures("stalled", 79)[3] > 1000
    stalled = ("RUNNING", 31, 334_800, 0)
    assert [figures("stalled", at) for at in (80, 300, HOUR, 2 * HOUR)] == [stalled] * 4
    status, progress, rows, rate = figures("stalled", 2 * HOUR + 140)
    assert (status, progress > 31, rows > 334_800, rate > 1000) == ("RUNNING", True, True, True)
    info = shown("stalled", "FULL_TRANSFER", 300)["stepInfo"]
    assert {info[name] for name in ("srcRps", "dstRps", "srcIops", "dstIops", "srcRt", "dstRt")} == {0}
    assert statuses("stalled", "FULL_TRANSFER", range(35, 2 * HOUR + 300, 5)) == ["RUNNING", "FINISHED"]


def test_a_slow_copy_moves_all_the_time_at_a_hundredth_of_its_reference() -> None:
    seen = [figures("slow", at) for at in range(600, 6 * HOUR, 600)]
    assert all(after[2] - before[2] == pytest.approx(50 * 600, rel=0.01) for before, after in pairwise(seen))
    assert all(status == "RUNNING" and 40 < rate < 60 for status, _, _, rate in seen)
    info = shown("slow", "FULL_TRANSFER", 600)["stepInfo"]
    assert (info["srcRpsRef"], info["dstRpsRef"]) == (8000, 8000)


def test_a_steady_copy_adds_the_same_number_of_rows_in_every_ten_seconds_of_two_hours() -> None:
    rows = [figures("steady", at)[2] for at in range(45, 35 + 2 * HOUR, 10)]
    assert len(rows) > 700
    assert all(after - before == pytest.approx(60_000, abs=1) for before, after in pairwise(rows))
    assert shown("steady", "FULL_TRANSFER", 36 + 2 * HOUR)["status"] == "FINISHED"


def test_lag_grows_beyond_every_minute_and_is_caught_up_while_monitoring() -> None:
    lags = [lag_of(step_of("INCR_TRANSFER", "lagging", at)) for at in range(210, 1300, 10)]
    top = lags.index(max(lags))
    assert max(lags) == 402
    assert lags[: top + 1] == sorted(lags[: top + 1])
    assert lags[top:] == sorted(lags[top:], reverse=True)
    assert lags[-1] == 2
    assert statuses("lagging", "INCR_TRANSFER", range(150, 1300, 5)) == ["MONITORING"]


def test_a_frozen_checkpoint_stands_for_an_hour_while_its_samples_go_on() -> None:
    seen = [step_of("INCR_TRANSFER", "frozen", at) for at in range(210, 200 + HOUR, 60)]
    assert len({step.checkpoint for step in seen}) == 1
    assert len({step.sampled_at for step in seen}) == len(seen)
    assert {step.status for step in seen} == {Status.MONITORING}
    assert lag_of(step_of("INCR_TRANSFER", "frozen", 300 + HOUR)) < 10


def test_a_frozen_sample_stands_for_an_hour_with_its_checkpoint_and_the_lag_looks_small() -> None:
    seen = [step_of("INCR_TRANSFER", "frozen_sample", at) for at in range(210, 200 + HOUR, 60)]
    assert len({(step.sampled_at, step.checkpoint) for step in seen}) == 1
    assert {step.status for step in seen} == {Status.MONITORING}
    assert lag_of(seen[-1]) == 1
    sampled_at = step_of("INCR_TRANSFER", "frozen_sample", 300 + HOUR).sampled_at
    assert sampled_at is not None
    assert START + 290 + HOUR < sampled_at <= START + 300 + HOUR


def test_an_idle_source_lags_by_the_clock_alone_until_it_is_written_to() -> None:
    quiet = [step_of("INCR_TRANSFER", "idle", at) for at in range(210, 3800, 10)]
    assert all(after == before + 10 for before, after in pairwise(lag_of(step) for step in quiet))
    assert lag_of(quiet[-1]) > 3500
    busy = [lag_of(step_of("INCR_TRANSFER", "idle", at)) for at in range(3815, 3860, 10)]
    assert set(busy) == {1}
    assert lag_of(step_of("INCR_TRANSFER", "idle", 4500)) > 600


def test_a_pause_lasts_thirteen_hours_and_ends_in_a_failure() -> None:
    end = 75 + 13 * HOUR
    moments = chain(range(35, 100), range(100, end, 300), range(end - 5, end + 5), range(end, end + HOUR, 60))
    assert statuses("paused", "FULL_TRANSFER", sorted(moments)) == [
        "RUNNING",
        "SUSPEND",
        "RUNNING",
        "FAILED",
    ]
    assert figures("paused", 76) == figures("paused", 13 * HOUR)
    assert step_of("FULL_TRANSFER", "paused", end - 1).status is Status.SUSPEND


def test_a_flapping_copy_fails_and_recovers_sixty_times_and_then_ends() -> None:
    turns = statuses("flapping", "FULL_TRANSFER", range(35, 2800))
    assert turns == ["RUNNING", "FAILED"] * 60 + ["RUNNING", "FINISHED"]


def test_a_verification_finds_more_and_more_rows_that_differ_and_then_waits_for_a_person() -> None:
    def found(at: float) -> tuple[int, str]:
        step = shown("inconsistent", "FULL_VALIDATION", at)
        return step["stepInfo"]["inconsistencies"], step["status"]

    assert found(200) == (0, "RUNNING")
    assert 0 < found(220)[0] < 17
    assert found(245) == (17, "RUNNING")
    assert found(365) == (17, "FINISHED")
    assert shown("cloud", "FULL_VALIDATION", 400)["stepInfo"]["inconsistencies"] == 0
