import pytest
from hypothesis import given
from hypothesis import strategies as st

from omsbot.domain.project.project import ProjectRef
from omsbot.slack.kit.actions import VALUE_LIMIT, Target, decode, encode

some = st.none() | st.text(min_size=1, max_size=40)


@given(st.text(min_size=1, max_size=20), some, some, st.none() | st.integers(1, 999_999), some)
def test_a_target_comes_back_from_its_value(
    server: str, oms_id: str | None, step: str | None, page: int | None, search: str | None
) -> None:
    target = Target(server, oms_id, step, page, search)
    assert decode(encode(target)) == target


def test_a_value_is_short_and_readable() -> None:
    assert encode(Target("eu", "np_x", "FULL_TRANSFER#2")) == "eu:np_x|FULL_TRANSFER#2"


@pytest.mark.parametrize(
    ("value", "target"),
    [
        ("np_x", Target("default", "np_x")),
        ("eu:np_x|A|3|orders|of|yesterday", Target("eu", "np_x", "A", 3, "orders")),
        ("eu:", Target("eu")),
    ],
    ids=["bare id", "more parts than today", "no project"],
)
def test_a_value_of_another_version_is_read(value: str, target: Target) -> None:
    assert decode(value) == target


@pytest.mark.parametrize(
    "value", ["", ":np_x", "eu:np_x||0", "eu:np_x||-1", "eu:np_x||²", "eu:np_x||9999999999"]
)
def test_a_stale_value_is_refused_with_a_sentence(value: str) -> None:
    with pytest.raises(ValueError, match="run the command again"):
        decode(value)


def test_a_target_without_a_project_has_no_ref() -> None:
    assert Target("eu", "np_x").ref == ProjectRef("eu", "np_x")
    with pytest.raises(ValueError, match="run the command again"):
        _ = Target("eu").ref


def test_a_target_too_long_for_a_button_has_no_value() -> None:
    assert encode(Target("eu", "x" * VALUE_LIMIT)) == ""
