import pytest
from hypothesis import given
from hypothesis import strategies as st

from omsbot.domain.project.project import (
    STEP_NAMES,
    ErrorDetail,
    ProjectRef,
    Step,
    StepError,
    StepInfo,
    StepKind,
    StepStatus,
)
from tests.builders import NOW, snapshot, step
from tests.unit.domain.strategies import repeatable, step_lists


def syncing(*, checkpoint_s: int | None = None, sampled_s: int | None = None) -> Step:
    info = StepInfo(checkpoint_s=checkpoint_s, sampled_s=sampled_s)
    return Step("INCR_TRANSFER", StepStatus.MONITORING, "MONITORING", info=info)


@pytest.mark.parametrize(
    ("server", "shown"), [("default", "np_1"), ("east", "east:np_1")], ids=["default server", "named server"]
)
def test_a_project_is_called_by_its_server_unless_that_is_the_default(server: str, shown: str) -> None:
    assert str(ProjectRef(server, "np_1")) == shown


def test_every_documented_step_has_a_label_and_a_kind() -> None:
    assert len(STEP_NAMES) == 26
    for name, (label, kind) in STEP_NAMES.items():
        assert (step(name).label, step(name).kind) == (label, kind)
        assert kind is not StepKind.OTHER


def test_a_step_that_is_not_known_keeps_its_name() -> None:
    assert (step("DATA_WASHING").label, step("DATA_WASHING").kind) == ("DATA_WASHING", StepKind.OTHER)


def test_only_the_status_says_that_a_step_is_failed() -> None:
    recovered = step("FULL_TRANSFER", failed_at=NOW, code="CM-1")
    assert not recovered.failed
    assert recovered.failed_at == NOW
    assert step("FULL_TRANSFER", "FAILED").failed
    assert step("FULL_TRANSFER").failed_at is None


@pytest.mark.parametrize(
    ("one", "lag"),
    [
        pytest.param(syncing(checkpoint_s=100, sampled_s=107), 7, id="behind"),
        pytest.param(syncing(checkpoint_s=107, sampled_s=100), 0, id="checkpoint ahead"),
        pytest.param(syncing(sampled_s=107), None, id="no checkpoint"),
        pytest.param(syncing(checkpoint_s=100), None, id="no sample"),
        pytest.param(step("INCR_TRANSFER"), None, id="no step info"),
    ],
)
def test_lag_is_from_the_checkpoint_to_the_sample(one: Step, lag: int | None) -> None:
    assert one.lag_s == lag


def test_the_chief_error_is_the_first_detail_filled_from_the_short_form() -> None:
    first = ErrorDetail(level="ERROR", reason="disk", proposal="add a disk", extra_context={"host": "a"})
    chief = StepError("CM-1", "no space", details=(first, ErrorDetail(code="CM-2"))).chief
    assert (chief.code, chief.message) == ("CM-1", "no space")
    assert (chief.level, chief.reason, chief.proposal) == ("ERROR", "disk", "add a disk")
    assert chief.extra_context == {"host": "a"}


def test_the_first_detail_goes_before_the_short_form() -> None:
    chief = StepError("CM-1", "short", details=(ErrorDetail("CM-2", message="long"),)).chief
    assert (chief.code, chief.message) == ("CM-2", "long")


def test_an_error_without_details_has_its_short_form() -> None:
    assert StepError("CM-1", "short").chief == ErrorDetail(code="CM-1", message="short")


@pytest.mark.parametrize(
    ("names", "keys"),
    [
        pytest.param(["A", "B"], ["A", "B"], id="all different"),
        pytest.param(["A", "B", "A", "A"], ["A", "B", "A#2", "A#3"], id="one name three times"),
        pytest.param(["A", "A", "A#2"], ["A", "A#3", "A#2"], id="a name like a key"),
        pytest.param(["A#2", "A", "A", "A#2", "A"], ["A#2", "A", "A#3", "A#2#2", "A#4"], id="both"),
        pytest.param([], [], id="none"),
    ],
)
def test_a_step_is_keyed_by_its_name_and_by_its_place_among_twins(names: list[str], keys: list[str]) -> None:
    assert [key for key, _ in snapshot(*map(step, names)).keyed()] == keys


@repeatable
@given(st.lists(st.sampled_from(["A", "A#2", "A#2#2", "A#3", "B"]), max_size=9))
def test_no_two_steps_share_a_key(names: list[str]) -> None:
    assert len(snapshot(*map(step, names)).by_key()) == len(names)


@repeatable
@given(step_lists())
def test_keys_hold_every_step_in_its_place(listed: list[Step]) -> None:
    assert list(snapshot(*listed).by_key().values()) == listed
