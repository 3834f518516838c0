from itertools import pairwise

import pytest

from omsbot.domain.poll_pace import INCREMENTAL_FACTOR, RESTING_FACTOR, pause_ms
from omsbot.domain.project.project import Step
from tests.builders import NOW, snapshot, step

RESTING = step("TRANSFER_APP_SWITCH", progress=0)
VERIFIED = step("FULL_VERIFIER", progress=100, finished_at=NOW)
SYNCED = step("INCR_TRANSFER", "MONITORING")
PULLING = step("TRANSFER_INCR_LOG_PULL")


@pytest.mark.parametrize(
    ("steps", "factor"),
    [
        pytest.param([step("FULL_TRANSFER")], 1, id="a step runs"),
        pytest.param([step("FULL_TRANSFER", "FAILED")], 1, id="a step failed"),
        pytest.param([step("FULL_TRANSFER", "STOPPING")], 1, id="unknown status"),
        pytest.param([step("INCR_TRANSFER")], 1, id="incremental sync catches up"),
        pytest.param([PULLING], 1, id="only the log is pulled"),
        pytest.param([SYNCED, PULLING], INCREMENTAL_FACTOR, id="in sync"),
        pytest.param([SYNCED, PULLING, RESTING], INCREMENTAL_FACTOR, id="in sync, the switchover waits"),
        pytest.param([SYNCED, step("FULL_VERIFIER", progress=3)], 1, id="in sync and verifying"),
        pytest.param([VERIFIED, step("FULL_TRANSFER")], 1, id="one waits, another runs"),
        pytest.param(
            [step("FULL_TRANSFER", "SUSPEND"), step("INDEX_TRANSFER")], 1, id="one paused, one runs"
        ),
        pytest.param([VERIFIED], RESTING_FACTOR, id="waits for a person"),
        pytest.param([RESTING, PULLING], RESTING_FACTOR, id="waits, the log is pulled"),
        pytest.param([step("FULL_TRANSFER", "SUSPEND")], RESTING_FACTOR, id="paused"),
        pytest.param([step("FULL_TRANSFER", "FINISHED")], RESTING_FACTOR, id="completed"),
        pytest.param(
            [step("TRANSFER_APP_SWITCH", "FINISHED"), step("REVERSE_INCR_TRANSFER")],
            RESTING_FACTOR,
            id="completed, reverse sync goes on",
        ),
        pytest.param([step("PRE_CHECK", "INIT")], RESTING_FACTOR, id="not started"),
        pytest.param(
            [step("PRE_CHECK", "FINISHED"), step("FULL_TRANSFER", "INIT")],
            RESTING_FACTOR,
            id="between two steps",
        ),
        pytest.param([], RESTING_FACTOR, id="no steps"),
    ],
)
def test_the_pace_follows_what_the_project_does(steps: list[Step], factor: float) -> None:
    assert pause_ms(snapshot(*steps), interval_ms=10_000, chance=0.5) == factor * 10_000


def test_chance_spreads_the_polls_by_ten_percent_at_most() -> None:
    running = snapshot(step("FULL_TRANSFER"))
    pauses = [pause_ms(running, interval_ms=10_000, chance=chance / 10) for chance in range(11)]
    assert (pauses[0], pauses[-1]) == (9_000, 11_000)
    assert all(earlier < later for earlier, later in pairwise(pauses))
