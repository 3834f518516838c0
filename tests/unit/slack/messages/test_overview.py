"""Many projects in one message: a line each, all of them readable, each leading to its card."""

import pytest

from omsbot.domain.events import EventKind
from omsbot.domain.notify.compose import Pending, compose
from omsbot.domain.project.project import ProjectRef
from omsbot.slack.messages.overview import Told, fitting, overview
from tests.builders import event
from tests.slack_rules import faults

URL = "https://slack.com/archives/C0123456789/p1699999999000100"


def told(number: int, *kinds: EventKind, name: str | None = None, url: str | None = URL) -> Told:
    ref = ProjectRef("default", f"np_{number:012d}")
    pending = [Pending(i, event(kind, "FULL_TRANSFER")) for i, kind in enumerate(kinds)]
    return Told(compose(pending), ref.server, ref, name or f"orders-{number}-to-ob", url)


FAILURES = [told(number, EventKind.STEP_FAILED) for number in range(1_000)]


def test_thousand_failures_fit_into_few_messages() -> None:
    left, messages = FAILURES, 0
    while left:
        fit = fitting(left)
        left, messages = left[fit:], messages + 1
    assert messages <= 30


def test_each_project_has_a_line_that_leads_to_its_card() -> None:
    fit = FAILURES[: fitting(FAILURES)]
    message = overview(fit, waiting=1_000 - len(fit))

    assert faults(message.text, list(message.blocks)) == []
    links = [one for one in message.blocks[1]["elements"][0]["elements"] if one["type"] == "link"]
    assert len(links) == len(fit)
    assert all(one["url"] == URL for one in links)
    for number in range(len(fit)):
        assert f"np_{number:012d}" in message.text
        assert f"np_{number:012d}" in links[number]["text"]
    assert f"{1_000 - len(fit)} more to come" in message.text.splitlines()[0]


def test_a_project_with_more_news_says_how_much_more() -> None:
    one = told(7, EventKind.STEP_STARTED, EventKind.STEP_FAILED, EventKind.STEP_FINISHED)
    text = overview([one], waiting=0).text
    assert "Full migration FAILED" in text
    assert "(+2)" in text


def test_a_project_without_a_card_has_a_line_without_a_link() -> None:
    message = overview([told(1, EventKind.STEP_FAILED, url=None)], waiting=0)
    assert faults(message.text, list(message.blocks)) == []
    assert "link" not in str(message.blocks)


@pytest.mark.parametrize("name", ["<!channel>", "*bold* `code`", "x" * 500, "会员中心迁移" * 40], ids=str)
def test_a_name_can_neither_format_nor_notify_nor_fill_the_message(name: str) -> None:
    many = [told(number, EventKind.STEP_FAILED, name=name) for number in range(60)]
    fit = fitting(many)
    message = overview(many[:fit], waiting=0)

    assert fit >= 15
    assert faults(message.text, list(message.blocks)) == []
    assert "<!channel>" not in message.text
