import pytest

from omsbot.domain.detection.conditions import ConditionKind, began_at
from omsbot.domain.detection.judgements import Held, holding
from omsbot.domain.memory.step_memory import Watch
from omsbot.domain.project.project import Step
from omsbot.domain.thresholds import Rules
from tests.builders import HOUR, NOW, condition, snapshot, step

FAILING, PAUSED, WAITING = ConditionKind.FAILING, ConditionKind.PAUSED, ConditionKind.WAITING


@pytest.mark.parametrize(
    ("one", "kind"),
    [
        pytest.param(step("A", "FAILED"), FAILING, id="failed"),
        pytest.param(step("A", "SUSPEND"), PAUSED, id="paused"),
        pytest.param(step("FULL_VERIFIER", progress=100, finished_at=NOW), WAITING, id="verified"),
        pytest.param(step("APP_SWITCH", progress=0), WAITING, id="ready to switch over"),
        pytest.param(step("APP_SWITCH", "FINISHED", progress=0), None, id="switched over"),
        pytest.param(step("A"), None, id="running"),
        pytest.param(step("A", "STOPPING"), None, id="unknown status"),
    ],
)
def test_at_most_one_condition_of_a_step_holds(one: Step, kind: ConditionKind | None) -> None:
    assert holding(snapshot(one), Watch(), (), Rules(), now=NOW) == (
        {(kind, one.name): Held(one)} if kind else {}
    )


def test_twins_have_a_condition_each() -> None:
    twins = snapshot(step("A", "FAILED"), step("A", "FAILED"))
    assert set(holding(twins, Watch(), (), Rules(), now=NOW)) == {(FAILING, "A"), (FAILING, "A#2")}


def test_a_condition_is_known_by_its_kind_and_step() -> None:
    assert condition(PAUSED, "A").key == (PAUSED, "A")


@pytest.mark.parametrize(
    ("kind", "one", "before", "began"),
    [
        pytest.param(FAILING, step("A", "FAILED", failed_at=NOW), None, NOW, id="failed"),
        pytest.param(FAILING, step("A", "FAILED"), step("A"), None, id="failed, no time"),
        pytest.param(
            FAILING,
            step("A", "FAILED", failed_at=NOW),
            step("A", failed_at=NOW),
            None,
            id="an earlier failure's time",
        ),
        pytest.param(
            FAILING,
            step("A", "FAILED", failed_at=NOW),
            step("A", "FAILED", failed_at=NOW),
            NOW,
            id="still that failure",
        ),
        pytest.param(PAUSED, step("A", "SUSPEND", started_at=NOW), None, None, id="paused"),
        pytest.param(WAITING, step("A", started_at=NOW - HOUR, finished_at=NOW), None, NOW, id="verified"),
        pytest.param(WAITING, step("A", started_at=NOW, finished_at=NOW - HOUR), None, NOW, id="run again"),
        pytest.param(WAITING, step("A"), None, None, id="waiting, no time"),
    ],
)
def test_a_condition_began_when_oms_says(
    kind: ConditionKind, one: Step, before: Step | None, began: int | None
) -> None:
    assert began_at(kind, one, before) == began
