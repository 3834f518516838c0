"""The stand-in's Web API: what it refuses, what it limits, how it fails, and what it remembers."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from omsbot.sandbox.slack import ANA, SlackStandIn
from tests.waiting import PATIENCE_S

ID = {"event_type": "omsbot_post", "event_payload": {"id": "1"}}


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandIn]:
    stand_in = SlackStandIn(limits=False)
    await stand_in.start()
    yield stand_in
    await stand_in.stop()


def web_client(slack: SlackStandIn, token: str = "xoxb-sandbox", timeout: int = 10) -> AsyncWebClient:
    return AsyncWebClient(token=token, base_url=slack.api_url, retry_handlers=[], timeout=timeout)


@pytest.fixture
def client(slack: SlackStandIn) -> AsyncWebClient:
    return web_client(slack)


async def refusal(call: Any) -> Any:
    with pytest.raises(SlackApiError) as refused:
        await call
    return refused.value.response


def section(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def actions(*ids: str) -> dict[str, Any]:
    text = {"type": "plain_text", "text": "x"}
    return {
        "type": "actions",
        "elements": [{"type": "button", "text": text, "action_id": one} for one in ids],
    }


REFUSALS: dict[str, tuple[str, dict[str, Any], str]] = {
    "unknown channel": ("chat.postMessage", {"channel": "C0NONE", "text": "x"}, "channel_not_found"),
    "channel without the bot": ("chat.postMessage", {"channel": "random", "text": "x"}, "not_in_channel"),
    "private channel without the bot": (
        "chat.postMessage",
        {"channel": "dba-private", "text": "x"},
        "channel_not_found",
    ),
    "nothing to say": ("chat.postMessage", {"channel": "general"}, "no_text"),
    "blocks that are no list": (
        "chat.postMessage",
        {"channel": "general", "blocks": "{}x"},
        "invalid_blocks_format",
    ),
    "metadata without a type": (
        "chat.postMessage",
        {"channel": "general", "text": "x", "metadata": {"a": 1}},
        "invalid_metadata_format",
    ),
    "thread that is no time": (
        "chat.postMessage",
        {"channel": "general", "text": "x", "thread_ts": "1"},
        "invalid_thread_ts",
    ),
    "edit of nothing": (
        "chat.update",
        {"channel": "general", "ts": "1700000000.000000", "text": "x"},
        "message_not_found",
    ),
    "whisper to a stranger": (
        "chat.postEphemeral",
        {"channel": "general", "user": "U0NONE", "text": "x"},
        "user_not_in_channel",
    ),
    "scope that was not granted": ("users.info", {"user": ANA}, "missing_scope"),
    "replies to nothing": (
        "conversations.replies",
        {"channel": "general", "ts": "1700000000.000000"},
        "thread_not_found",
    ),
    "unknown method": ("chat.shout", {}, "unknown_method"),
    "view without a trigger": (
        "views.open",
        {"view": {"type": "modal", "title": {"type": "plain_text", "text": "t"}, "blocks": []}},
        "invalid_arguments",
    ),
}


@pytest.mark.parametrize(("method", "args", "error"), REFUSALS.values(), ids=REFUSALS)
@pytest.mark.parametrize("form", ["json", "form"])
async def test_it_refuses_in_the_words_of_slack(
    *, form: str, method: str, args: dict[str, Any], error: str, slack: SlackStandIn, client: AsyncWebClient
) -> None:
    if "channel" in args and args["channel"] in ("general", "random", "dba-private"):
        args = {**args, "channel": slack.channel_id(args["channel"])}
    if form == "json":
        answer = await refusal(client.api_call(method, json=args))
    else:
        fields = {key: value if isinstance(value, str) else json.dumps(value) for key, value in args.items()}
        answer = await refusal(client.api_call(method, data=fields))
    assert answer["error"] == error


WRONG_BLOCKS: dict[str, list[dict[str, Any]]] = {
    "51 blocks": [{"type": "divider"}] * 51,
    "unknown type": [{"type": "banner"}],
    "long section": [section("x" * 3001)],
    "empty text": [section("")],
    "section without text": [{"type": "section"}],
    "long header": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
    "header in mrkdwn": [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
    "11 fields": [section("x", fields=[{"type": "mrkdwn", "text": "x"}] * 11)],
    "11 context elements": [{"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11}],
    "26 buttons": [actions(*(str(n) for n in range(26)))],
    "same action_id twice": [actions("a", "a")],
    "same block_id twice": [section("x", block_id="b"), section("y", block_id="b")],
    "unknown property": [section("x", colour="red")],
    "two tables": [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}] * 2,
    "empty rich text": [
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": ""}]}],
        }
    ],
    "overflow with six options": [
        section(
            "x",
            accessory={
                "type": "overflow",
                "action_id": "o",
                "options": [{"text": {"type": "plain_text", "text": "x"}, "value": str(n)} for n in range(6)],
            },
        )
    ],
}


@pytest.mark.parametrize("blocks", WRONG_BLOCKS.values(), ids=WRONG_BLOCKS)
async def test_invalid_blocks_are_refused_with_their_place(
    blocks: list[dict[str, Any]], slack: SlackStandIn, client: AsyncWebClient
) -> None:
    answer = await refusal(
        client.chat_postMessage(channel=slack.channel_id("general"), text="x", blocks=blocks)
    )
    assert answer["error"] == "invalid_blocks"
    assert "[json-pointer:/blocks" in answer["response_metadata"]["messages"][0]
    assert slack.messages("general") == []


async def test_blocks_of_more_than_13000_characters_are_refused(
    slack: SlackStandIn, client: AsyncWebClient
) -> None:
    call = client.chat_postMessage(
        channel=slack.channel_id("general"), text="x", blocks=[section("x" * 2900)] * 5
    )
    assert (await refusal(call))["error"] == "msg_blocks_too_long"


async def test_tokens_are_told_apart(slack: SlackStandIn) -> None:
    assert (await refusal(web_client(slack, "xoxb-wrong").auth_test()))["error"] == "invalid_auth"
    assert (await refusal(web_client(slack, "xapp-sandbox").auth_test()))["error"] == "not_allowed_token_type"
    assert (await refusal(web_client(slack).apps_connections_open(app_token="xoxb-sandbox")))[
        "error"
    ] == "not_allowed_token_type"
    async with aiohttp.ClientSession() as session, session.post(f"{slack.api_url}auth.test") as response:
        assert await response.json() == {"ok": False, "error": "not_authed"}


async def test_auth_test_lists_the_granted_scopes(slack: SlackStandIn, client: AsyncWebClient) -> None:
    answer = await client.auth_test()
    assert "chat:write" in answer.headers["X-OAuth-Scopes"].split(",")
    slack.workspace.installation.scopes = ("commands",)
    refused = await refusal(client.chat_postMessage(channel=slack.channel_id("general"), text="x"))
    assert (refused["needed"], refused["provided"]) == ("chat:write", "commands")


async def test_metadata_is_read_back_only_when_asked_for(slack: SlackStandIn, client: AsyncWebClient) -> None:
    general = slack.channel_id("general")
    posted = await client.chat_postMessage(channel=general, text="x", metadata=ID)
    assert "metadata" not in (await client.conversations_history(channel=general))["messages"][0]
    (told,) = (await client.conversations_history(channel=general, include_all_metadata=True))["messages"]
    assert told["metadata"] == ID
    await client.chat_update(channel=general, ts=str(posted["ts"]), text="y")
    assert slack.messages("general")[0]["metadata"] == ID
    await client.chat_update(channel=general, ts=str(posted["ts"]), text="y", metadata={})
    assert "metadata" not in slack.messages("general")[0]


async def test_text_without_blocks_removes_the_blocks(slack: SlackStandIn, client: AsyncWebClient) -> None:
    general = slack.channel_id("general")
    posted = await client.chat_postMessage(channel=general, text="x", blocks=[section("y")])
    await client.chat_update(channel=general, ts=str(posted["ts"]), text="z")
    (message,) = slack.messages("general")
    assert "blocks" not in message
    assert message["edited"]["user"] == message["user"]
    long = client.chat_update(channel=general, ts=str(posted["ts"]), text="x" * 4001)
    assert (await refusal(long))["error"] == "msg_too_long"


async def test_the_channel_shows_broadcast_replies_and_the_thread_all(
    slack: SlackStandIn, client: AsyncWebClient
) -> None:
    general = slack.channel_id("general")
    parent = str((await client.chat_postMessage(channel=general, text="parent"))["ts"])
    await client.chat_postMessage(channel=general, text="quiet", thread_ts=parent)
    await client.chat_postMessage(channel=general, text="loud", thread_ts=parent, reply_broadcast=True)
    history = (await client.conversations_history(channel=general))["messages"]
    assert [one["text"] for one in history] == ["loud", "parent"]
    assert (history[0]["subtype"], history[0]["root"]["ts"]) == ("thread_broadcast", parent)
    assert history[1]["reply_count"] == 2
    thread = (await client.conversations_replies(channel=general, ts=parent))["messages"]
    assert [one["text"] for one in thread] == ["parent", "quiet", "loud"]
    assert [one["is_reply"] for one in slack.messages("general")] == [False, True, True]


async def test_a_reply_to_a_deleted_parent_lands_outside_the_thread(
    slack: SlackStandIn, client: AsyncWebClient
) -> None:
    general = slack.channel_id("general")
    parent = str((await client.chat_postMessage(channel=general, text="parent"))["ts"])
    slack.delete_message("general", parent)
    reply = await client.chat_postMessage(channel=general, text="reply", thread_ts=parent)
    assert "thread_ts" not in reply["message"]
    assert (await refusal(client.chat_update(channel=general, ts=parent, text="x")))[
        "error"
    ] == "message_not_found"


async def test_history_pages_and_respects_its_window(slack: SlackStandIn, client: AsyncWebClient) -> None:
    general = slack.channel_id("general")
    ts = [str((await client.chat_postMessage(channel=general, text=str(n)))["ts"]) for n in range(5)]
    assert ts == sorted(set(ts))
    first = await client.conversations_history(channel=general, limit=2)
    assert [one["text"] for one in first["messages"]] == ["4", "3"]
    assert first["has_more"]
    cursor = first["response_metadata"]["next_cursor"]
    second = await client.conversations_history(channel=general, limit=2, cursor=cursor)
    assert [one["text"] for one in second["messages"]] == ["2", "1"]
    inside = await client.conversations_history(channel=general, oldest=ts[1], latest=ts[3])
    assert [one["text"] for one in inside["messages"]] == ["2"]
    inclusive = await client.conversations_history(
        channel=general, oldest=ts[1], latest=ts[3], inclusive=True
    )
    assert [one["text"] for one in inclusive["messages"]] == ["3", "2", "1"]


async def test_channels_can_be_archived_and_left(slack: SlackStandIn, client: AsyncWebClient) -> None:
    general = slack.channel_id("general")
    listed = (await client.conversations_list(types="public_channel,private_channel"))["channels"]
    assert [one["name"] for one in listed] == ["general", "migrations", "random"]
    slack.archive("general")
    assert (await refusal(client.chat_postMessage(channel=general, text="x")))["error"] == "is_archived"
    slack.kick("migrations")
    info = (await client.conversations_info(channel=slack.channel_id("migrations")))["channel"]
    assert info["is_member"] is False
    slack.invite("dba-private")
    assert (await client.conversations_info(channel=slack.channel_id("dba-private")))["channel"]["is_private"]


async def test_direct_messages_can_be_opened_and_written(slack: SlackStandIn, client: AsyncWebClient) -> None:
    opened = (await client.conversations_open(users=[ANA]))["channel"]["id"]
    await client.chat_postMessage(channel=ANA, text="hello")
    assert [one["text"] for one in slack.messages(opened)] == ["hello"]


async def test_a_file_is_uploaded_in_two_steps(slack: SlackStandIn, client: AsyncWebClient) -> None:
    general = slack.channel_id("general")
    await client.files_upload_v2(
        channel=general, content=b"\x89PNG", filename="chart.png", alt_txt="a chart", initial_comment="here"
    )
    (message,) = slack.messages("general")
    (file,) = message["files"]
    assert (message["text"], file["alt_txt"], file["size"]) == ("here", "a chart", 4)
    async with aiohttp.ClientSession() as session, session.get(file["url_private"]) as response:
        assert (await response.read(), response.content_type) == (b"\x89PNG", "image/png")


class TestLimits:
    async def test_a_channel_takes_one_message_a_second_and_a_few_at_once(self) -> None:
        now = [1_700_000_000.0]
        slack = SlackStandIn(clock=lambda: now[0])
        await slack.start()
        client = web_client(slack)
        general, migrations = slack.channel_id("general"), slack.channel_id("migrations")
        for _ in range(5):
            await client.chat_postMessage(channel=general, text="x")
        limited = await refusal(client.chat_postMessage(channel=general, text="x"))
        assert (limited.status_code, limited["error"]) == (429, "ratelimited")
        await client.chat_postMessage(channel=migrations, text="another channel is free")
        await client.auth_test()
        now[0] += int(limited.headers["Retry-After"])
        await client.chat_postMessage(channel=general, text="x")
        await slack.stop()

    async def test_edits_are_limited_for_the_whole_app(self) -> None:
        slack = SlackStandIn(clock=lambda: 1_700_000_000.0)
        await slack.start()
        client = web_client(slack)
        places = [slack.channel_id(name) for name in ("general", "migrations")]
        posted = [str((await client.chat_postMessage(channel=place, text="x"))["ts"]) for place in places]
        for n in range(50):
            await client.chat_update(channel=places[n % 2], ts=posted[n % 2], text=str(n))
        limited = await refusal(client.chat_update(channel=places[0], ts=posted[0], text="x"))
        assert limited.headers["Retry-After"] == "60"
        await slack.stop()


class TestFaults:
    @pytest.mark.parametrize(
        ("kind", "posted"),
        [
            ("429", 0),
            ("500_before", 0),
            ("500_after", 1),
            ("reset_before", 0),
            ("reset_after", 1),
            ("timeout_before", 0),
            ("timeout_after", 1),
            ("html", 0),
            ("bad_json", 0),
            ("error", 0),
        ],
    )
    async def test_a_fault_strikes_once_and_only_some_commit(
        self, kind: str, posted: int, slack: SlackStandIn
    ) -> None:
        client = web_client(slack, timeout=1)
        slack.fault("chat.postMessage", kind, channel="general", error="fatal_error")
        await client.chat_postMessage(channel=slack.channel_id("migrations"), text="not meant")
        with pytest.raises((SlackApiError, aiohttp.ClientError, TimeoutError)):
            await client.chat_postMessage(channel=slack.channel_id("general"), text="x")
        assert len(slack.messages("general")) == posted
        await client.chat_postMessage(channel=slack.channel_id("general"), text="again")
        assert slack.messages("general")[-1]["text"] == "again"

    async def test_a_late_commit_appears_after_its_answer_was_lost(self, slack: SlackStandIn) -> None:
        slack.fault("chat.postMessage", "late_commit", seconds=0.2)
        with pytest.raises(aiohttp.ClientError):
            await web_client(slack).chat_postMessage(channel=slack.channel_id("general"), text="late")
        assert slack.messages("general") == []
        await slack.wait_for(lambda: slack.messages("general"))

    async def test_a_stop_does_not_wait_for_a_call_that_hangs(self, slack: SlackStandIn) -> None:
        slack.fault("chat.postMessage", "timeout_after")
        call = asyncio.create_task(
            web_client(slack).chat_postMessage(channel=slack.channel_id("general"), text="x")
        )
        await slack.wait_for(lambda: slack.messages("general"))
        await asyncio.wait_for(slack.stop(), PATIENCE_S)
        with pytest.raises(aiohttp.ClientError):
            await call

    async def test_a_restart_keeps_the_port_and_the_messages(
        self, slack: SlackStandIn, client: AsyncWebClient
    ) -> None:
        address = slack.api_url
        await client.chat_postMessage(channel=slack.channel_id("general"), text="x")
        await slack.stop()
        with pytest.raises(aiohttp.ClientError):
            await client.auth_test()
        await slack.start()
        assert slack.api_url == address
        assert len((await client.conversations_history(channel=slack.channel_id("general")))["messages"]) == 1


class TestResponseUrl:
    async def test_it_takes_five_posts_within_thirty_minutes(self) -> None:
        now = [1_700_000_000.0]
        slack = SlackStandIn(clock=lambda: now[0])
        await slack.start()
        general = slack.channel_id("general")
        key, entry = slack.workspace.response_urls.issue(general, ANA)
        old, _ = slack.workspace.response_urls.issue(general, ANA)
        async with aiohttp.ClientSession() as session:

            async def post(key: str, **body: Any) -> int:
                async with session.post(f"{slack.url}response/{key}", json=body) as response:
                    return response.status

            assert await post(key, text="one") == 200
            assert await post(key, text="two", replace_original=True) == 200
            assert await post(key, text="three", response_type="in_channel") == 200
            assert await post(key, blocks=[{"type": "nonsense"}]) == 400
            assert await post(key, delete_original=True) == 200
            assert await post(key, text="six") == 404
            now[0] += 31 * 60
            assert await post(old, text="late") == 404
        assert slack.ephemerals("general") == []
        assert [one["text"] for one in slack.messages("general")] == ["three"]
        assert len(entry.posts) == 5
        await slack.stop()


class TestControl:
    async def test_another_process_can_do_what_people_do(self, slack: SlackStandIn) -> None:
        async with aiohttp.ClientSession(slack.url) as session:

            async def act(name: str, **body: Any) -> dict[str, Any]:
                async with session.post(f"/control/{name}", json=body) as response:
                    answer: dict[str, Any] = await response.json()
                    return answer

            said = await act("command", channel="general", user="li wei", text="hello")
            assert said["message"]["text"] == "hello"
            nobody = await act("command", channel="general", text="/oms help")
            assert (nobody["acked"], nobody["error"]) == (False, "dispatch_failed")
            assert (await act("kick", channel="general"))["ok"]
            assert (await act("say", channel="nowhere"))["error"] == "channel_not_found"
            assert (await act("fault", method="auth.test", kind="nonsense"))["error"] == "invalid_arguments"
            async with session.get("/control/messages", params={"channel": "general"}) as response:
                shown = (await response.json())["messages"]
            async with session.get("/control/state") as response:
                assert (await response.json())["sockets"] == 0
            foreign = {"Origin": "https://evil.example"}
            async with session.post("/control/say", json={}, headers=foreign) as response:
                assert (await response.json())["error"] == "foreign_origin"
        assert [one.get("subtype") for one in shown] == [None, "channel_leave"]

    async def test_what_is_typed_reaches_the_bot_as_slack_escapes_it(self, slack: SlackStandIn) -> None:
        from omsbot.sandbox.slack.typing import escaped

        typed = "subscribe np_1 mention @ana @oncall in #general a<b & https://oms/np_1?x=1 <@U0SAM00003|sam>"
        general = slack.channel_id("general")
        assert escaped(slack.workspace, typed) == (
            f"subscribe np_1 mention <@{ANA}|ana> <!subteam^S0ONCALL01|@oncall> in <#{general}|general> "
            "a&lt;b &amp; <https://oms/np_1?x=1> <@U0SAM00003|sam>"
        )
