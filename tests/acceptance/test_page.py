"""The sandbox's page in a real browser, with a small Bolt app answering behind it."""

import os
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from omsbot.sandbox.slack import SlackStandIn
from tests.acceptance.browser import CHROMIUM, Browser, browser

pytestmark = [
    pytest.mark.page,
    pytest.mark.skipif(
        CHROMIUM is None and os.environ.get("OMSBOT_TEST_REQUIRE_BROWSER") != "1",
        reason="no chromium on PATH: install it to include the tests of the page",
    ),
    pytest.mark.xdist_group("browser"),
]
DESKTOP, PHONE = (1280, 800), (390, 844)


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def button(text: str, action_id: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(text), "action_id": action_id, **more}


CONFIRM = {
    "title": plain("Mute?"),
    "text": plain("For all of you"),
    "confirm": plain("Mute"),
    "deny": plain("No"),
}
MENU = {"type": "overflow", "action_id": "menu", "options": [{"text": plain("History"), "value": "history"}]}
ALERT: list[dict[str, Any]] = [
    {"type": "header", "text": plain("Full migration failed :red_circle:")},
    {
        "type": "section",
        "text": {"type": "mrkdwn", "text": "*np_1* said &lt;script&gt; <https://oms.example/np_1|Console>"},
        "accessory": MENU,
    },
    {"type": "actions", "elements": [button("Show steps", "steps"), button("Mute", "mute", confirm=CONFIRM)]},
]
MODAL = {
    "type": "modal",
    "callback_id": "note",
    "title": plain("Note"),
    "submit": plain("Save"),
    "blocks": [
        {"type": "input", "label": plain("Why"), "element": {"type": "plain_text_input", "action_id": "why"}},
    ],
}


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandIn]:
    stand_in = SlackStandIn(trigger_seconds=60)
    await stand_in.start()
    client = AsyncWebClient(token="xoxb-sandbox", base_url=stand_in.api_url, retry_handlers=[])
    handler = AsyncSocketModeHandler(_app(client), "xapp-sandbox")
    await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt has no annotation here
    yield stand_in
    await handler.close_async()  # type: ignore[no-untyped-call]  # nor here
    await stand_in.stop()


def _app(client: AsyncWebClient) -> AsyncApp:
    app = AsyncApp(client=client)

    @app.command("/oms")
    async def oms(ack: Any, command: Any, respond: Any) -> None:
        await ack()
        if command["text"] == "note":
            await client.views_open(trigger_id=command["trigger_id"], view=MODAL)
        else:
            await respond(
                text="np_1", blocks=[{"type": "section", "text": plain(f"You asked: {command['text']}")}]
            )

    @app.action("steps")
    async def steps(ack: Any, respond: Any) -> None:
        await ack()
        await respond("Here are the steps")

    @app.action("mute")
    async def mute(ack: Any, respond: Any, body: Any) -> None:
        await ack()
        await respond(text=f"Muted by {body['user']['name']}", response_type="in_channel")

    @app.action("menu")
    async def menu(ack: Any, respond: Any, body: Any) -> None:
        await ack()
        await respond(f"Chosen: {body['actions'][0]['selected_option']['value']}")

    @app.view("note")
    async def note(ack: Any, view: Any, body: Any) -> None:
        await ack()
        values = next(iter(view["state"]["values"].values()))
        await client.chat_postEphemeral(
            channel="migrations", user=body["user"]["id"], text=f"Noted: {values['why']['value']}"
        )

    return app


@pytest.fixture
async def page(slack: SlackStandIn, tmp_path: Path) -> AsyncIterator[Browser]:
    async with browser(tmp_path / "profile") as opened:
        await opened.size(*DESKTOP)
        await opened.goto(slack.url)
        await opened.see("# migrations", "#title")
        yield opened
        assert opened.mistakes == []


async def say(page: Browser, text: str) -> None:
    await page.click("#composer-input")
    await page.type(text)
    await page.press("Enter")


async def post_alert(slack: SlackStandIn) -> str:
    """A card, and an alert in its thread that is sent to the channel too; returns the card's ts."""
    client = AsyncWebClient(token="xoxb-sandbox", base_url=slack.api_url, retry_handlers=[])
    card = await client.chat_postMessage(channel="migrations", text="The card of np_1")
    await client.chat_postMessage(
        channel="migrations", text="failed", blocks=ALERT, thread_ts=str(card["ts"]), reply_broadcast=True
    )
    return str(card["ts"])


async def test_a_typed_command_is_answered_to_the_one_who_asked(slack: SlackStandIn, page: Browser) -> None:
    await say(page, "/oms steps np_1")
    await page.see("You asked: steps np_1", "#log .ephemeral")
    await page.see("Only visible to you", "#log .ephemeral")
    await page.evaluate(
        "(() => { const you = document.getElementById('you');"
        " you.selectedIndex = 1; you.dispatchEvent(new Event('change')); })()"
    )
    await page.wait("!document.querySelector('#log .ephemeral')")


async def test_an_alert_arrives_live_and_its_buttons_work(
    slack: SlackStandIn, page: Browser, tmp_path: Path
) -> None:
    card = await post_alert(slack)
    await page.see("Full migration failed 🔴", "#log .header")
    await page.see("np_1 said <script> Console", "#log .section-text")
    await page.see("replied to a thread: The card of np_1", "#log")
    await page.click("#log [data-action=steps]")
    await page.see("Here are the steps", "#log .ephemeral")
    await page.click("#log [data-action=mute]")
    await page.see("For all of you", "dialog")
    await page.click("[data-confirm]")
    await page.see("Muted by ana", "#log .message")
    await page.click("#log .overflow")
    await page.click("#log [role=menuitem]")
    await page.see("Chosen: history", "#log .ephemeral")
    await page.click(f'#log [data-ts="{card}"] .replies')
    await page.see("Also sent to the channel", "#thread")
    (tmp_path / "alert.png").write_bytes(await page.screenshot())


async def test_a_modal_asks_for_what_is_missing_and_hands_over_what_was_typed(page: Browser) -> None:
    await say(page, "/oms note")
    await page.click("[data-submit]")
    await page.see("Please complete this field.", "dialog")
    await page.click("dialog [data-action=why]")
    await page.type("disk full")
    await page.click("[data-submit]")
    await page.see("Noted: disk full", "#log .ephemeral")
    await page.wait("!document.querySelector('dialog')")


async def test_a_command_without_a_bot_shows_the_error_of_slack(slack: SlackStandIn, page: Browser) -> None:
    slack.fault("apps.connections.open", "error", error="internal_error", count=1000)
    await slack.close_sockets()
    await slack.wait_for(lambda: slack.sockets.count == 0)
    await say(page, "/oms help")
    await page.see("dispatch_failed", "#log .ephemeral")


async def test_another_channel_counts_its_unread_messages(slack: SlackStandIn, page: Browser) -> None:
    slack.say("look here", channel="general", user="sam")
    general = f'[data-channel="{slack.channel_id("general")}"]'
    await page.see("1", f"{general} .badge")
    await page.click(general)
    await page.see("look here", "#log")
    await page.wait(f"!document.querySelector('{general} .badge')")


async def test_a_message_that_slack_would_refuse_is_seen_to_be_refused(
    slack: SlackStandIn, page: Browser
) -> None:
    client = AsyncWebClient(token="xoxb-sandbox", base_url=slack.api_url, retry_handlers=[])
    with pytest.raises(SlackApiError):
        await client.chat_postMessage(channel="migrations", text="x", blocks=[{"type": "section"}])
    await page.see("chat.postMessage was refused: invalid_blocks, missing required field", ".banner")


async def test_an_uploaded_picture_is_shown_with_its_alt_text_in_the_channel_and_in_a_thread(
    slack: SlackStandIn, page: Browser
) -> None:
    card = await post_alert(slack)
    client = AsyncWebClient(token="xoxb-sandbox", base_url=slack.api_url, retry_handlers=[])
    channel, png = slack.channel_id("migrations"), picture(120, 60)
    for alt, thread in (("31 % at 10:00", None), ("done at 12:00", card)):
        await client.files_upload_v2(
            channel=channel, thread_ts=thread, content=png, filename="chart.png", alt_txt=alt, title="Chart"
        )
    shown = "document.querySelector('{} img.picture[alt=\"{}\"]')?.naturalWidth === 120"
    await page.wait(shown.format("#log", "31 % at 10:00"))
    await page.click(f'#log [data-ts="{card}"] .replies')
    await page.wait(shown.format("#thread", "done at 12:00"))


def picture(width: int, height: int) -> bytes:
    """A grey PNG."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = (b"\0" + b"\x99" * width) * height
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


async def test_nothing_of_a_message_becomes_markup(slack: SlackStandIn, page: Browser) -> None:
    evil = '<img src=x onerror="window.hacked=1"> <javascript:alert(1)|click> <b>bold</b>'
    client = AsyncWebClient(token="xoxb-sandbox", base_url=slack.api_url, retry_handlers=[])
    await client.chat_postMessage(channel="migrations", text=evil)
    await page.see("click", "#log .text")
    assert await page.evaluate("document.querySelectorAll('#log .text img, #log .text b').length") == 0
    assert await page.evaluate("[...document.links].every(a => !a.protocol.startsWith('javascript'))")
    assert await page.evaluate("window.hacked === undefined")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_nothing_is_wider_than_the_window(
    size: tuple[int, int], slack: SlackStandIn, page: Browser, tmp_path: Path
) -> None:
    await page.size(*size)
    card = await post_alert(slack)
    await page.see("Full migration failed", "#log")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.click(f'#log [data-ts="{card}"] .replies')
    await page.see("Thread", "#thread")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.press("Escape")
    await page.wait("document.getElementById('thread').hidden")
    (tmp_path / "page.png").write_bytes(await page.screenshot())
