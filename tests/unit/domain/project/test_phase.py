import pytest

from omsbot.domain.project.phase import ProjectPhase, completed, project_state
from omsbot.domain.project.project import Step
from tests.builders import NOW, snapshot, step

FAILED = step("INDEX_TRANSFER", "FAILED")
WAITING = step("FULL_VERIFIER", progress=100, finished_at=NOW)
PAUSED = step("FULL_TRANSFER", "SUSPEND")
STRANGE = step("NEW", "STOPPING")
RUNNING = step("STRUCT_TRANSFER")
COPYING, INDEXING = step("FULL_TRANSFER"), step("INDEX_TRANSFER")
SYNCED = step("INCR_TRANSFER", "MONITORING")
PULLING = step("TRANSFER_INCR_LOG_PULL")
DONE = step("PRE_CHECK", "FINISHED")
AHEAD = step("FULL_TRANSFER", "INIT")
SWITCHED = step("APP_SWITCH", "FINISHED")


@pytest.mark.parametrize(
    ("steps", "phase", "about"),
    [
        pytest.param([RUNNING, PAUSED, WAITING, FAILED], ProjectPhase.FAILED, FAILED, id="failed first"),
        pytest.param([RUNNING, STRANGE, PAUSED, WAITING], ProjectPhase.WAITING, WAITING, id="then waiting"),
        pytest.param([RUNNING, STRANGE, PAUSED], ProjectPhase.PAUSED, PAUSED, id="then paused"),
        pytest.param([RUNNING, STRANGE], ProjectPhase.UNKNOWN, STRANGE, id="then unknown"),
        pytest.param([SYNCED, PULLING, RUNNING], ProjectPhase.RUNNING, RUNNING, id="then running"),
        pytest.param([RUNNING, step("NEW")], ProjectPhase.RUNNING, step("NEW"), id="the last that runs"),
        pytest.param(
            [COPYING, INDEXING], ProjectPhase.RUNNING, COPYING, id="the copy before what runs beside it"
        ),
        pytest.param([DONE, SYNCED, PULLING], ProjectPhase.IN_SYNC, SYNCED, id="then in sync"),
        pytest.param([DONE, PULLING, AHEAD], ProjectPhase.RUNNING, PULLING, id="only the log is pulled"),
        pytest.param([DONE, SWITCHED], ProjectPhase.COMPLETED, None, id="completed"),
        pytest.param(
            [SWITCHED, step("REVERSE_INCR_TRANSFER")], ProjectPhase.COMPLETED, None, id="reverse sync goes on"
        ),
        pytest.param(
            [SWITCHED, step("REVERSE_INCR_TRANSFER", "FAILED")],
            ProjectPhase.FAILED,
            step("REVERSE_INCR_TRANSFER", "FAILED"),
            id="reverse sync failed",
        ),
        pytest.param(
            [SWITCHED, step("REVERSE_INCR_TRANSFER", "SUSPEND")],
            ProjectPhase.PAUSED,
            step("REVERSE_INCR_TRANSFER", "SUSPEND"),
            id="reverse sync paused",
        ),
        pytest.param([AHEAD], ProjectPhase.NOT_STARTED, None, id="not started"),
        pytest.param([], ProjectPhase.NOT_STARTED, None, id="no steps"),
        pytest.param([DONE, AHEAD], ProjectPhase.IDLE, None, id="between two steps"),
    ],
)
def test_a_project_is_in_the_most_urgent_phase_that_holds(
    steps: list[Step], phase: ProjectPhase, about: Step | None
) -> None:
    state = project_state(snapshot(*steps))
    assert (state.phase, state.step) == (phase, about)


def test_a_project_that_was_never_read_is_unseen() -> None:
    assert project_state(None).phase is ProjectPhase.UNSEEN


@pytest.mark.parametrize(
    ("steps", "done"),
    [
        pytest.param([], False, id="no steps"),
        pytest.param([DONE], True, id="all finished, without a switchover"),
        pytest.param([DONE, SYNCED], False, id="in sync, without a switchover"),
        pytest.param([DONE, SYNCED, step("APP_SWITCH", progress=0)], False, id="in sync, switchover waits"),
        pytest.param([DONE, SYNCED, SWITCHED], True, id="switched, forward sync still there"),
        pytest.param([DONE, PULLING, SWITCHED], True, id="switched, log pull still there"),
        pytest.param([SWITCHED, step("REVERSE_INCR_SYNC")], True, id="switched, reverse sync runs"),
        pytest.param(
            [SWITCHED, step("REVERSE_INCR_SYNC", "MONITORING")], True, id="switched, in reverse sync"
        ),
        pytest.param(
            [SWITCHED, step("REVERSE_INCR_SYNC", "FAILED")], True, id="switched, reverse sync failed"
        ),
        pytest.param(
            [SWITCHED, step("REVERSE_INCR_SYNC", "INIT")], False, id="switched, reverse sync to come"
        ),
        pytest.param([SWITCHED, step("INCR_VERIFIER")], False, id="switched, verification runs"),
        pytest.param([SWITCHED, step("NEW", "MONITORING")], False, id="switched, an unknown step goes on"),
        pytest.param([DONE, FAILED], False, id="a step failed"),
    ],
)
def test_a_project_is_complete_when_nothing_is_left_to_do(steps: list[Step], done: bool) -> None:
    assert completed(snapshot(*steps)) is done
