"""Files in the Slack stand-in: a URL, the bytes, and the message that shows them."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from omsbot.sandbox.slack import ANA, DEFAULT_SCOPES, SlackStandIn

PNG = b"\x89PNG and so on"


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandIn]:
    stand_in = SlackStandIn(limits=False, scopes=(*DEFAULT_SCOPES, "chat:write.public", "users:read"))
    await stand_in.start()
    yield stand_in
    await stand_in.stop()


@pytest.fixture
def client(slack: SlackStandIn) -> AsyncWebClient:
    return AsyncWebClient(token="xoxb-sandbox", base_url=slack.api_url, retry_handlers=[], timeout=10)


async def send(url: str, content: bytes, *, multipart: bool = False) -> int:
    data = aiohttp.FormData() if multipart else content
    if isinstance(data, aiohttp.FormData):
        data.add_field("filename", content, filename="chart.png")
    async with aiohttp.ClientSession() as session, session.post(url, data=data) as response:
        return response.status


async def uploaded(client: AsyncWebClient, content: bytes = PNG, **how: Any) -> str:
    """A file whose bytes are there; returns its id."""
    asked = await client.files_getUploadURLExternal(filename="chart.png", length=len(content), **how)
    assert await send(asked["upload_url"], content) == 200
    return str(asked["file_id"])


async def refusal(call: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        await call
    return str(refused.value.response["error"])


async def share(client: AsyncWebClient, file_id: str, **where: Any) -> Any:
    return await client.files_completeUploadExternal(files=[{"id": file_id, "title": "Progress"}], **where)


async def test_a_file_appears_in_the_channel_with_its_comment_and_alt_text(
    slack: SlackStandIn, client: AsyncWebClient
) -> None:
    file_id = await uploaded(client, alt_txt="31 % copied since 10:00")
    await share(client, file_id, channel_id=slack.channel_id("general"), initial_comment="asked by Ana")
    (message,) = slack.messages("general")
    (file,) = message["files"]
    assert (message["text"], message["is_reply"], message["bot_id"]) == ("asked by Ana", False, "B0OMSBOT01")
    assert (file["id"], file["title"], file["name"]) == (file_id, "Progress", "chart.png")
    assert (file["alt_txt"], file["mimetype"], file["size"]) == (
        "31 % copied since 10:00",
        "image/png",
        len(PNG),
    )
    async with aiohttp.ClientSession() as session, session.get(file["url_private"]) as response:
        assert await response.read() == PNG


async def test_a_file_appears_in_a_thread(slack: SlackStandIn, client: AsyncWebClient) -> None:
    general = slack.channel_id("general")
    card = await client.chat_postMessage(channel=general, text="card")
    await share(client, await uploaded(client), channel_id=general, thread_ts=card["ts"])
    _, reply = slack.messages("general")
    assert (reply["is_reply"], reply["thread_ts"], len(reply["files"])) == (True, card["ts"], 1)


async def test_a_file_without_a_channel_stays_private(slack: SlackStandIn, client: AsyncWebClient) -> None:
    answer = await share(client, await uploaded(client))
    assert answer["files"][0]["title"] == "Progress"
    assert slack.messages("general") == slack.messages("migrations") == []


async def test_bytes_come_raw_or_as_a_form_and_in_the_length_that_was_said(client: AsyncWebClient) -> None:
    asked = await client.files_getUploadURLExternal(filename="chart.png", length=len(PNG))
    assert await send(asked["upload_url"], PNG + b"more") == 400
    assert await refusal(share(client, asked["file_id"])) == "file_not_found"
    assert await send(asked["upload_url"], PNG, multipart=True) == 200
    assert await send(asked["upload_url"] + "x", PNG) == 404
    assert (await share(client, asked["file_id"]))["ok"]


UNASKABLE: dict[str, tuple[dict[str, Any], str]] = {
    "no length": ({"filename": "a.png"}, "missing_argument"),
    "nothing in it": ({"filename": "a.png", "length": 0}, "missing_argument"),
    "no name": ({"length": 1}, "invalid_arguments"),
    "length that is no number": ({"filename": "a.png", "length": "x"}, "invalid_arguments"),
    "too large": ({"filename": "a.png", "length": 2**31}, "file_upload_size_restricted"),
    "long alt text": ({"filename": "a.png", "length": 1, "alt_txt": "x" * 1001}, "alt_txt_too_large"),
}


@pytest.mark.parametrize(("args", "error"), UNASKABLE.values(), ids=UNASKABLE)
async def test_a_url_is_refused(args: dict[str, Any], error: str, client: AsyncWebClient) -> None:
    assert await refusal(client.api_call("files.getUploadURLExternal", params=args)) == error


UNSHARABLE: dict[str, tuple[str, str]] = {
    "a name": ("general", "invalid_arguments"),
    "a person": (ANA, "invalid_arguments"),
    "nowhere": ("C0NOWHERE99", "channel_not_found"),
    "a channel without the bot": ("random", "not_in_channel"),
    "a private channel without the bot": ("dba-private", "channel_not_found"),
    "an archived channel": ("migrations", "is_archived"),
}


@pytest.mark.parametrize(("where", "error"), UNSHARABLE.values(), ids=UNSHARABLE)
async def test_sharing_is_refused_and_the_file_can_be_shared_elsewhere(
    where: str, error: str, slack: SlackStandIn, client: AsyncWebClient
) -> None:
    slack.archive("migrations")
    file_id = await uploaded(client)
    channel = slack.channel_id(where) if where in ("random", "dba-private", "migrations") else where
    assert await refusal(share(client, file_id, channel_id=channel)) == error
    assert (await share(client, file_id, channel_id=slack.channel_id("general")))["ok"]


async def test_only_a_file_whose_bytes_came_is_shared_and_only_once(client: AsyncWebClient) -> None:
    assert await refusal(share(client, "F0NOTHING00")) == "file_not_found"
    asked = await client.files_getUploadURLExternal(filename="chart.png", length=3)
    assert await refusal(share(client, asked["file_id"])) == "file_not_found"
    file_id = await uploaded(client)
    await share(client, file_id)
    assert await refusal(share(client, file_id)) == "file_not_found"
    for files in ("[]", "{}", "[1]"):
        call = client.api_call("files.completeUploadExternal", params={"files": files})
        assert await refusal(call) == "invalid_arguments"


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
async def test_uploads_need_their_scope(method: str, slack: SlackStandIn, client: AsyncWebClient) -> None:
    slack.workspace.installation.scopes = ("chat:write",)
    with pytest.raises(SlackApiError) as refused:
        await client.api_call(method, params={"filename": "a.png", "length": 1, "files": "[]"})
    answer = refused.value.response
    assert (answer["error"], answer["needed"], answer["provided"]) == (
        "missing_scope",
        "files:write",
        "chat:write",
    )


async def test_each_of_the_three_calls_can_be_broken(slack: SlackStandIn, client: AsyncWebClient) -> None:
    slack.fault("files.getUploadURLExternal", "error", error="file_uploads_disabled")
    assert await refusal(uploaded(client)) == "file_uploads_disabled"
    asked = await client.files_getUploadURLExternal(filename="chart.png", length=len(PNG))
    slack.fault("upload", "500_before")
    assert await send(asked["upload_url"], PNG) == 500
    slack.fault("upload", "reset_before")
    with pytest.raises(aiohttp.ClientConnectionError):
        await send(asked["upload_url"], PNG)
    assert await send(asked["upload_url"], PNG) == 200
    slack.fault("files.completeUploadExternal", "error", channel="general", error="invalid_channel")
    general = slack.channel_id("general")
    assert await refusal(share(client, asked["file_id"], channel_id=general)) == "invalid_channel"
    assert (await share(client, asked["file_id"], channel_id=general))["ok"]


async def test_people_have_time_zones_of_their_own(client: AsyncWebClient) -> None:
    zones = {one["name"]: (one["tz"], one["tz_offset"]) for one in (await client.users_list())["members"]}
    assert (await client.users_info(user=ANA))["user"]["tz"] == "America/Sao_Paulo"
    assert zones["li wei"] == ("Asia/Shanghai", 8 * 3600)
    assert zones["omsbot"] == ("Etc/UTC", 0)
    assert await refusal(client.users_info(user="U0NOBODY00")) == "user_not_found"
