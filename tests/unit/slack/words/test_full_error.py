from dataclasses import replace

import pytest

from omsbot.domain.project.project import ErrorDetail, StepError
from omsbot.domain.views import ProjectView
from omsbot.slack.kit.blocks import Message
from omsbot.slack.words.failure import full_error
from tests.slack_rules import visible
from tests.unit.slack.samples import FULL, INDEX, all_checked, view


def shown(message: Message) -> str:
    return visible(list(message.blocks))


def test_the_full_error_shows_every_error_and_parameter() -> None:
    inner = ErrorDetail(message="inner", extra_context={"host": "db1"})
    error = replace(
        FULL.error or StepError(), details=(ErrorDetail(code="A", upstream=inner), ErrorDetail(code="B"))
    )
    (message,) = all_checked(full_error(view(replace(FULL, error=error)), "FULL_TRANSFER"))
    for part in ("error 1 of 2", "Code: A", "caused by:", "inner", "host = db1", "Code: B", "table = orders"):
        assert part in shown(message)
    assert "Step error code: CONNECTOR-FULL0007" in shown(message)


def test_the_short_form_of_an_error_is_not_lost_beside_a_longer_one() -> None:
    error = StepError(code="A", message="short", details=(ErrorDetail(code="B", message="long"),))
    (message,) = full_error(view(replace(FULL, error=error)), "FULL_TRANSFER")
    assert "Step error code: A" in shown(message)
    assert "Step error message: short" in shown(message)


@pytest.mark.parametrize(
    ("text", "most"), [("漢" * 9_000, 7_000), ("line of a trace\n" * 6_000, 40_000)], ids=["wide", "lines"]
)
def test_a_long_error_is_split_and_what_is_left_out_is_said(text: str, most: int) -> None:
    error = StepError(details=(ErrorDetail(message=text),))
    messages = all_checked(full_error(view(replace(FULL, error=error)), "FULL_TRANSFER"))
    assert len(messages) == 5
    assert "part 1 of 5" in messages[0].text
    assert "more characters; the OMS console shows them" in shown(messages[-1])
    assert sum(len(shown(message)) for message in messages) > most


def test_an_error_without_a_text_says_so() -> None:
    (message,) = all_checked(full_error(view(replace(FULL, error=StepError())), "FULL_TRANSFER"))
    assert "OMS gave no error text" in shown(message)


@pytest.mark.parametrize("project", [view(INDEX), view()], ids=["no error", "never read"])
def test_an_error_that_is_gone_is_said_to_be_gone(project: ProjectView) -> None:
    (message,) = all_checked(full_error(project, "INDEX_TRANSFER"))
    assert "OMS no longer reports an error for Index migration" in message.text
