from dataclasses import replace

from omsbot.domain.events import EventKind
from omsbot.domain.notify.delivery import DeliveryState, Reason
from omsbot.domain.project.project import ProjectRef, ProjectSummary
from omsbot.domain.views import HistoryEntry, Page
from omsbot.slack.kit.actions import Target, decode
from omsbot.slack.kit.blocks import Message
from omsbot.slack.messages.answers import help_text, history, notice, project_list, subscription_list
from tests.slack_rules import action_ids, links, mentions, visible
from tests.unit.slack.samples import (
    FAILED,
    FULL,
    HOUR,
    INDEX,
    NOW,
    REF,
    RUNNING,
    checked,
    event,
    followed,
)


def values(message: Message) -> dict[str, Target]:
    buttons = [one for block in message.blocks if block["type"] == "actions" for one in block["elements"]]
    return {one["action_id"]: decode(one["value"]) for one in buttons}


def test_a_notice_says_what_to_do() -> None:
    message = checked(notice("No project np_y here.", hint="Did you mean `/oms steps np_x`?"))
    assert message.text == "No project np_y here.\nDid you mean /oms steps np_x?"
    assert visible(list(message.blocks)) == "No project np_y here.\nDid you mean /oms steps np_x?"


def test_help_groups_the_commands_and_says_what_to_type_first() -> None:
    text = checked(help_text({"Ask": [("/oms steps np_xxx", "show each step")], "Check": []})).text
    first, then = text.index("/oms projects"), text.index("/oms subscribe np_xxx")
    assert first < then < text.index("Ask\n• /oms steps np_xxx: show each step")


def test_the_list_tells_the_state_of_each_project_and_how_it_is_followed() -> None:
    blind = replace(RUNNING, problem="OMS cannot be reached", problem_since_at=NOW)
    ones = (
        followed(FAILED, mention="<@U0ANA>", card_link_ts="1700000000.000100"),
        followed(blind, muted_until=NOW + HOUR, paused_reason="not in the channel"),
    )
    message = checked(
        subscription_list(Page(ones, 1, 1, 2), now=NOW, channel_name="migrations", channel_id="C1")
    )
    head, first, second = message.text.split("\n")
    assert head == "#migrations follows 2 projects"
    assert "Full migration FAILED 43 %" in first
    assert mentions(message.text, list(message.blocks)) == {"U0ANA"}
    assert "https://slack.com/archives/C1/p1700000000000100" in links(message.text, list(message.blocks))
    for part in ("OMS cannot be reached", "running", "muted until", "paused: not in the channel"):
        assert part in second


def test_an_empty_list_says_how_to_follow_a_project() -> None:
    message = checked(subscription_list(Page((), 1, 1, 0), now=NOW))
    assert message.text.startswith("This channel follows no project.\n")
    assert "/oms subscribe" in message.text


def test_a_page_in_the_middle_leads_both_ways() -> None:
    message = checked(subscription_list(Page((followed(FAILED),), 2, 3, 21), now=NOW))
    assert "(page 2 of 3)" in message.text
    pages = {action: target.page for action, target in values(message).items()}
    assert pages == {"list_previous": 1, "list_next": 3}


def test_a_list_of_projects_offers_to_subscribe_to_each() -> None:
    found = (
        ProjectSummary(REF, "orders-to-ob", "MIGRATION", "RUNNING"),
        ProjectSummary(ProjectRef("default", "np_b"), None, None, None),
    )
    message = checked(project_list(Page(found, 1, 2, 11), search="or|ders", server="default"))
    assert action_ids(list(message.blocks)) == ["subscribe", "subscribe", "projects_next"]
    assert "orders-to-ob · np_4w3r8k2m9x1q · MIGRATION · RUNNING" in visible(list(message.blocks))
    assert 'whose name or id contains "or|ders" on OMS server default' in message.text
    assert values(message)["projects_next"] == Target("default", page=2, search="or|ders")


def test_no_project_found_says_how_to_see_all() -> None:
    message = checked(project_list(Page((), 1, 1, 0), search="nothing", server="default"))
    assert "lists all of them" in message.text


def test_history_tells_what_became_of_each_event() -> None:
    failed, started = (
        event(EventKind.STEP_FAILED, FULL),
        event(EventKind.STEP_STARTED, INDEX, happened_at=None),
    )
    entries = (
        HistoryEntry(failed, DeliveryState.TOLD, Reason.NEWS),
        HistoryEntry(started, DeliveryState.WITHHELD, Reason.BELOW_LEVEL),
        HistoryEntry(started),
        HistoryEntry(started, "odd"),
    )
    message = checked(history(REF, Page(entries, 1, 2, 14)))
    head, first, second, third, fourth = message.text.split("\n")
    assert head == "14 events of np_4w3r8k2m9x1q on default (page 1 of 2)"
    assert first.endswith("Full migration FAILED · posted")
    assert second.endswith("Index migration started · withheld (below this channel's level)")
    assert third.endswith("not for this channel")
    assert fourth.endswith("odd")
    assert values(message)["history_next"] == Target("default", REF.oms_id, page=2)


def test_why_names_the_rule_that_told() -> None:
    entries = (HistoryEntry(event(EventKind.STEP_FAILED, FULL), DeliveryState.TOLD, Reason.NEWS),)
    message = checked(history(REF, Page(entries, 1, 1, 1), why=True))
    assert message.text.endswith("Full migration FAILED · posted (this channel's level includes it)")


def test_no_history_says_so() -> None:
    assert "Nothing has happened to np_4w3r8k2m9x1q" in checked(history(REF, Page((), 1, 1, 0))).text
