"""The first look at a project: what is wrong is told as already so, and nothing else."""

import pytest

from omsbot.domain.events import EventKind
from omsbot.domain.project.project import Step
from tests.builders import HOUR, NOW, SECOND, Watch, kinds, step

FIRST = NOW + 10 * SECOND


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        pytest.param(step("FULL_TRANSFER", "INIT"), [], id="not started"),
        pytest.param(step("FULL_TRANSFER", "RUNNING"), [], id="running"),
        pytest.param(step("FULL_TRANSFER", "FINISHED"), [], id="finished, and with it the project"),
        pytest.param(step("INCR_TRANSFER", "MONITORING"), [], id="monitoring"),
        pytest.param(step("FULL_TRANSFER", "STOPPING"), [], id="unknown status"),
        pytest.param(step("FULL_TRANSFER", failed_at=NOW, code="CM-1"), [], id="recovered long ago"),
        pytest.param(step("FULL_TRANSFER", "FAILED"), [EventKind.STEP_FAILED], id="failed"),
        pytest.param(step("FULL_TRANSFER", "SUSPEND"), [EventKind.STEP_PAUSED], id="paused"),
        pytest.param(step("APP_SWITCH", progress=0), [EventKind.STEP_WAITING], id="waiting"),
    ],
)
def test_the_first_look_tells_only_what_is_wrong_now(seen: Step, told: list[EventKind]) -> None:
    watch = Watch()
    events = watch.see(seen)
    assert kinds(events) == told
    assert all(event.already and not event.late for event in events)
    assert watch.see(seen) == ()


def test_a_failure_at_first_look_says_since_when() -> None:
    (told,) = Watch().see(step("FULL_TRANSFER", "FAILED", failed_at=NOW - HOUR))
    assert (told.happened_at, told.evidence.since_at) == (NOW - HOUR, NOW - HOUR)


def test_what_comes_after_the_first_look_is_news() -> None:
    watch = Watch()
    watch.see(step("FULL_TRANSFER"))
    (told,) = watch.see(step("FULL_TRANSFER", "FAILED"))
    assert not told.already


@pytest.mark.parametrize(
    ("seen", "since"),
    [
        pytest.param(step("FULL_TRANSFER", "FAILED", failed_at=NOW), NOW, id="failed, by OMS's clock"),
        pytest.param(step("FULL_TRANSFER", "FAILED"), FIRST, id="failed, without a time"),
        pytest.param(
            step("FULL_TRANSFER", "FAILED", failed_at=FIRST + HOUR), FIRST, id="failed in the future"
        ),
        pytest.param(step("FULL_TRANSFER", "SUSPEND", started_at=NOW), FIRST, id="paused: OMS gives no time"),
        pytest.param(
            step("APP_SWITCH", progress=0, started_at=NOW), NOW, id="switchover rests since it began"
        ),
        pytest.param(
            step("APP_SWITCH", progress=0, started_at=NOW, finished_at=NOW - HOUR),
            NOW,
            id="switchover, again",
        ),
        pytest.param(
            step("FULL_VERIFIER", progress=100, started_at=NOW - HOUR, finished_at=NOW), NOW, id="verified"
        ),
        pytest.param(step("APP_SWITCH", progress=0), FIRST, id="switchover, without a time"),
    ],
)
def test_a_condition_began_when_oms_says_so_if_that_can_be_true(seen: Step, since: int) -> None:
    watch = Watch()
    (told,) = watch.see(seen)
    (held,) = watch.live.values()
    assert told.evidence.since_at == held.since_at == since
    assert (held.pending_at, held.seen_at, held.opened_at, held.count) == (FIRST, FIRST, FIRST, 1)
