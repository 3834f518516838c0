"""The Slack stand-in against the real Bolt app and the real Slack client."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from omsbot.sandbox.slack import ANA, SlackStandIn

BUTTON = {
    "type": "button",
    "text": {"type": "plain_text", "text": "Mute 1 h"},
    "action_id": "mute",
    "value": "np_1",
}
BLOCKS: list[dict[str, Any]] = [
    {"type": "header", "text": {"type": "plain_text", "text": "Full migration failed"}},
    {"type": "section", "text": {"type": "mrkdwn", "text": "*np_1* stopped"}},
    {"type": "actions", "elements": [BUTTON]},
]


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandIn]:
    stand_in = SlackStandIn(limits=False)
    await stand_in.start()
    yield stand_in
    await stand_in.stop()


@pytest.fixture
def client(slack: SlackStandIn) -> AsyncWebClient:
    return AsyncWebClient(token="xoxb-sandbox", base_url=slack.api_url, retry_handlers=[], timeout=10)


@asynccontextmanager
async def bolt(slack: SlackStandIn) -> AsyncIterator[AsyncApp]:
    """A Bolt app, connected; listeners may be added inside the block."""
    app = AsyncApp(client=AsyncWebClient(token="xoxb-sandbox", base_url=slack.api_url, retry_handlers=[]))
    handler = AsyncSocketModeHandler(app, "xapp-sandbox")
    await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt has no annotation here
    try:
        await slack.wait_for(lambda: slack.sockets.count)
        yield app
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]  # nor here


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        await call
    return str(refused.value.response["error"])


class TestBolt:
    async def test_a_command_is_acknowledged_and_answered_with_blocks_whose_button_works(
        self, slack: SlackStandIn
    ) -> None:
        async with bolt(slack) as app:

            @app.command("/oms")
            async def oms(ack: Any, command: Any, respond: Any, client: AsyncWebClient) -> None:
                await ack()
                await client.chat_postMessage(channel=command["channel_id"], text="failed", blocks=BLOCKS)
                await respond(f"done: {command['text']}")

            @app.action("mute")
            async def mute(ack: Any, body: Any, respond: Any) -> None:
                await ack()
                await respond(text=f"muted {body['actions'][0]['value']}", replace_original=True)

            result = await slack.command("steps np_1")
            assert result.acked
            assert (await result.next_response())["text"] == "done: steps np_1"
            (posted,) = slack.messages("migrations")
            clicked = await slack.click(posted, "mute")
            await clicked.next_response()
            (replaced,) = slack.messages("migrations")
            assert replaced["text"] == "muted np_1"
            assert "blocks" not in replaced
            assert [one["text"] for one in slack.ephemerals("migrations")] == ["done: steps np_1"]

    async def test_an_answer_in_the_acknowledgement_is_shown_to_the_one_who_asked(
        self, slack: SlackStandIn
    ) -> None:
        async with bolt(slack) as app:

            @app.command("/oms")
            async def oms(ack: Any) -> None:
                await ack(text="at once")

            result = await slack.command("help", user="li wei")
            assert result.ack_payload["text"] == "at once"
            (shown,) = slack.ephemerals("migrations")
            assert (shown["text"], shown["to_user"]) == ("at once", slack.workspace.user("li wei").id)

    async def test_a_button_of_an_ephemeral_message_replaces_it(self, slack: SlackStandIn) -> None:
        async with bolt(slack) as app:

            @app.command("/oms")
            async def oms(ack: Any) -> None:
                await ack(text="ask", blocks=BLOCKS)

            @app.action("mute")
            async def mute(ack: Any, body: Any, respond: Any) -> None:
                await ack()
                assert "message" not in body
                await respond(text="muted", replace_original=True)

            await slack.command("steps")
            (asked,) = slack.ephemerals("migrations")
            await (await slack.click(asked, "mute")).next_response()
            (answered,) = slack.ephemerals("migrations")
            assert (answered["ts"], answered["text"]) == (asked["ts"], "muted")

    async def test_a_bot_that_is_asked_to_leave_comes_back_and_misses_nothing(
        self, slack: SlackStandIn
    ) -> None:
        async with bolt(slack) as app:

            @app.command("/oms")
            async def oms(ack: Any) -> None:
                await ack("here")

            for reason in ("warning", "refresh_requested"):
                await slack.close_sockets(reason)
                await slack.wait_for(lambda: (slack.sockets.count, slack.sockets.fresh) == (1, 1))
                assert (await slack.command("help")).acked

    async def test_the_bot_hears_that_it_was_kicked_and_invited(self, slack: SlackStandIn) -> None:
        heard: list[str] = []
        async with bolt(slack) as app:

            @app.event("member_left_channel")
            async def left(event: Any) -> None:
                heard.append(f"left {event['channel']}")

            @app.event("member_joined_channel")
            async def joined(event: Any) -> None:
                heard.append(f"joined {event['channel']}")

            @app.event("channel_left")
            async def ignored() -> None:
                return

            slack.kick("migrations")
            await slack.wait_for(lambda: heard)
            slack.invite("migrations")
            await slack.wait_for(lambda: len(heard) == 2)
        channel = slack.channel_id("migrations")
        assert heard == [f"left {channel}", f"joined {channel}"]

    async def test_a_modal_opens_once_per_trigger_and_its_submission_carries_what_was_typed(
        self, slack: SlackStandIn
    ) -> None:
        values: list[Any] = []
        view = {
            "type": "modal",
            "callback_id": "mute_for",
            "title": {"type": "plain_text", "text": "Mute"},
            "submit": {"type": "plain_text", "text": "Mute"},
            "blocks": [
                {
                    "type": "input",
                    "block_id": "hours",
                    "label": {"type": "plain_text", "text": "Hours"},
                    "element": {"type": "plain_text_input", "action_id": "n"},
                }
            ],
        }
        async with bolt(slack) as app:

            @app.command("/oms")
            async def oms(ack: Any, command: Any, client: AsyncWebClient, respond: Any) -> None:
                await ack()
                await client.views_open(trigger_id=command["trigger_id"], view=view)
                second = await error_of(client.views_open(trigger_id=command["trigger_id"], view=view))
                await respond(second)

            @app.view("mute_for")
            async def submitted(ack: Any, view: Any) -> None:
                values.append(view["state"]["values"]["hours"]["n"]["value"])
                await ack()

            result = await slack.command("mute")
            assert (await result.next_response())["text"] == "exchanged_trigger_id"
            (opened,) = slack.workspace.views.modals[ANA]
            await slack.interactions.submit(opened, {"n": "2"}, timeout=10)
            assert values == ["2"]
            assert slack.workspace.views.modals[ANA] == []


async def test_a_command_that_nobody_acknowledges_tells_the_person_so() -> None:
    slack = SlackStandIn(ack_seconds=0.05)
    await slack.start()
    try:
        nobody = await slack.command("help")
        assert (nobody.acked, nobody.error) == (False, "dispatch_failed")
        async with bolt(slack):  # no listener: Bolt answers 404 to itself and acknowledges nothing
            silent = await slack.command("help", timeout=0.1)
        assert (silent.acked, silent.error) == (False, "operation_timeout")
        assert ["failed with the error" in one["text"] for one in slack.ephemerals("migrations")] == [
            True,
            True,
        ]
    finally:
        await slack.stop()
