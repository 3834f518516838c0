"""What a person presses under the bot's messages, and what they and the channel then see."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from omsbot.sandbox.slack import ANA
from omsbot.sandbox.slack.people import LI_WEI
from omsbot.slack.kit.actions import Target, encode
from tests.acceptance.stage import Stage, shown, staged
from tests.waiting import PATIENCE_S


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as playing:
        yield playing


def shown_button(stage: Stage, action_id: str, value: str) -> dict[str, Any]:
    """A message of the bot for Ana alone, with one button, as a bot of another version may have left it."""
    element = {
        "type": "button",
        "action_id": action_id,
        "value": value,
        "text": {"type": "plain_text", "text": "?"},
    }
    blocks = [{"type": "actions", "block_id": "b", "elements": [element]}]
    workspace = stage.slack.workspace
    body = workspace.by_bot({"text": "from before", "blocks": blocks})
    return workspace.whisper(workspace.channel("migrations"), ANA, body).to_json()


async def test_refresh_replaces_the_answer_with_what_oms_says_now(stage: Stage) -> None:
    seen = await stage.ask("steps np_running01")
    stage.oms.jump("np_running01", step="FULL_VERIFIER")

    await stage.press(seen, "refresh_steps")

    news = await stage.after(seen)
    assert news["ts"] == seen["ts"]
    assert "Full verification running" in shown(news)


async def test_subscribe_under_an_answer_follows_the_project(stage: Stage) -> None:
    seen = await stage.ask("steps np_failed01")

    result = await stage.press(seen, "subscribe")

    assert "This channel now follows np_failed01" in shown(await result.next_response(PATIENCE_S))
    await stage.until_said("np_failed01")
    again = await stage.ask("steps np_failed01")
    assert "subscribe" not in [element["action_id"] for element in again["blocks"][-1]["elements"]]


async def test_post_to_channel_names_who_had_it_posted(stage: Stage) -> None:
    seen = await stage.ask("steps np_running01", user=LI_WEI)

    await stage.press(seen, "post_steps", user=LI_WEI)

    posted = await stage.until_said(f"Posted by <@{LI_WEI}>")
    assert "Full migration running" in shown(posted)


async def test_refresh_of_a_posted_answer_leaves_it_as_it_was_posted(stage: Stage) -> None:
    await stage.press(await stage.ask("steps np_running01"), "post_steps")
    posted = await stage.until_said("Posted by")
    stage.oms.jump("np_running01", step="FULL_VERIFIER")

    result = await stage.press(posted, "refresh_steps", user=LI_WEI)

    answer = await result.next_response(PATIENCE_S)
    assert answer["response_type"] == "ephemeral"
    assert "Full verification running" in shown(answer)
    assert shown(await stage.until_said("Posted by")) == shown(posted)


async def test_the_full_error_is_shown_to_the_one_who_asks(stage: Stage) -> None:
    await stage.say("subscribe np_failed01")
    seen = await stage.ask("steps np_failed01")

    result = await stage.press(seen, "full_error")

    answer = await result.next_response(PATIENCE_S)
    assert answer["response_type"] == "ephemeral"
    assert "Full error" in shown(answer)


async def test_mute_under_an_alert_is_told_in_its_thread(stage: Stage) -> None:
    await stage.say("subscribe np_running01")
    card = await stage.until_said("np_running01")
    stage.oms.fail("np_running01", step="FULL_TRANSFER")
    alert = await stage.until_said("Full migration FAILED", reply=True)

    await stage.press(alert, "mute_hour", user=LI_WEI)

    told = await stage.until_said(f"<@{LI_WEI}> muted np_running01 until")
    assert told["thread_ts"] == card["ts"]
    assert "muted until" in await stage.say("list")


async def test_unmute_on_the_card_ends_the_silence(stage: Stage) -> None:
    await stage.say("subscribe np_running01")
    await stage.until_said("np_running01")
    await stage.say("mute np_running01 1h")
    card = await stage.slack.wait_for(
        lambda: next((m for m in stage.slack.messages("migrations") if "Unmute" in shown(m)), None),
        timeout=PATIENCE_S,
    )

    await stage.press(card, "unmute")

    await stage.until_said(f"<@{ANA}> unmuted np_running01.")


async def test_show_steps_on_a_card_answers_the_one_who_pressed(stage: Stage) -> None:
    await stage.say("subscribe np_running01")
    card = await stage.until_said("np_running01")

    result = await stage.press(card, "show_steps", user=LI_WEI)

    answer = await result.next_response(PATIENCE_S)
    assert answer["response_type"] == "ephemeral"
    assert "started" in shown(answer)


@pytest.mark.parametrize(
    ("action_id", "value"),
    [
        ("dance", "default:np_a1"),
        ("show_steps", "::|x|y"),
        ("show_steps", "default:"),
        ("list_next", "x|y|z"),
    ],
    ids=["an unknown action", "a broken value", "no project", "a page that is no number"],
)
async def test_a_button_of_another_version_says_that_it_is_out_of_date(
    stage: Stage, action_id: str, value: str
) -> None:
    result = await stage.press(shown_button(stage, action_id, value), action_id)

    assert "out of date" in shown(await result.next_response(PATIENCE_S))


async def test_the_pages_of_a_history_turn(stage: Stage) -> None:
    await stage.say("subscribe np_failed01")
    old = shown_button(stage, "history_next", encode(Target("default", "np_failed01", page=2)))

    await stage.press(old, "history_next")

    assert "np_failed01" in shown(await stage.after(old))


async def test_a_button_that_only_opens_a_link_is_acknowledged(stage: Stage) -> None:
    link = {
        "type": "button",
        "action_id": "open",
        "url": "https://oms.example/",
        "text": {"type": "plain_text", "text": "?"},
    }
    workspace = stage.slack.workspace
    body = workspace.by_bot(
        {"text": "x", "blocks": [{"type": "actions", "block_id": "b", "elements": [link]}]}
    )
    message = workspace.whisper(workspace.channel("migrations"), ANA, body).to_json()

    result = await stage.press(message, "open")

    assert not result.responses
