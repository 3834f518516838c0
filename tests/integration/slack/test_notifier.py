"""The notifier against a real HTTP server that plays each of Slack's answers, and misbehaves.

Each answer is counted: nothing here may ever be asked twice.
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from omsbot.domain.notify.delivery import NotSent, Outcome, Rejected, RejectionScope, Sent, Unknown
from omsbot.slack.api.facts import ChannelFacts, Login
from omsbot.slack.api.notifier import Notifier, posting_client, posting_session
from omsbot.slack.kit.blocks import Message, rich
from omsbot.slack.kit.spans import line
from tests.waiting import PATIENCE_S

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]

MESSAGE = Message.of([line("Full migration FAILED")], rich([line("Full migration FAILED <!channel>")]))
POSTED = {"ok": True, "channel": "C1", "ts": "1700000000.000100", "message": {"text": "x"}}


@dataclass
class Slack:
    """Answers every call in the one way that a test chose, and keeps what was asked."""

    answer: Answer
    url: str = ""
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        body = await request.text()
        is_json = request.content_type == "application/json"
        self.asked.append((request.path.removeprefix("/api/"), json.loads(body) if is_json else {}))
        self.arrived.set()
        return await self.answer(request)


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    played = Slack(says({"ok": False, "error": "unset"}))
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", played.serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    played.url = f"http://{host}:{port}/api/"
    yield played
    await runner.cleanup()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with posting_session() as shared:
        yield shared


def says(body: Any, *, status: int = 200, content_type: str = "application/json", **headers: str) -> Answer:
    text = body if isinstance(body, str) else json.dumps(body)

    async def answer(request: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(text=text, status=status, content_type=content_type, headers=named)

    return answer


async def drops(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def stops_in_the_middle(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000", "Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(b'{"ok": true, ')
    assert request.transport is not None
    request.transport.close()
    return response


async def hangs(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(3_600)
    return web.Response()


def refused(code: str, **more: Any) -> Answer:
    return says({"ok": False, "error": code, **more})


async def post(url: str, session: aiohttp.ClientSession | None, **more: Any) -> Outcome:
    notifier = Notifier(posting_client("xoxb-1", url, session=session))
    return await notifier.post(channel="C1", message=MESSAGE, uuid="u-1", **more)


ANSWERS: dict[str, tuple[Answer, Outcome]] = {
    "posted": (says(POSTED), Sent("1700000000.000100")),
    "posted in a thread": (
        says({**POSTED, "message": {"thread_ts": "1699999999.000100"}}),
        Sent("1700000000.000100", "1699999999.000100"),
    ),
    "429 with Retry-After": (
        says({"ok": False, "error": "ratelimited"}, status=429, Retry_After="30"),
        NotSent("ratelimited", retry_after_s=30.0, limited=True),
    ),
    "429 as plain text": (
        says("slow down", status=429, content_type="text/plain", Retry_After="7"),
        NotSent("ratelimited", retry_after_s=7.0, limited=True),
    ),
    "429 as broken JSON": (
        says("{", status=429, Retry_After="7"),
        NotSent("ratelimited", retry_after_s=7.0, limited=True),
    ),
    "429 without a time": (says({}, status=429), NotSent("ratelimited", limited=True)),
    "429 with a date": (
        says({}, status=429, Retry_After="Tue, 14 Nov 2023 22:13:20 GMT"),
        NotSent("ratelimited", limited=True),
    ),
    "429 for ever": (
        says({}, status=429, Retry_After="99999999"),
        NotSent("ratelimited", retry_after_s=3600.0, limited=True),
    ),
    "429 for no number": (says({}, status=429, Retry_After="nan"), NotSent("ratelimited", limited=True)),
    "500 as plain text": (says("oops", status=500, content_type="text/plain"), Unknown("http_500")),
    "502 as HTML": (says("<html>", status=502, content_type="text/html"), Unknown("http_502")),
    "503 with a code": (
        says({"ok": False, "error": "service_unavailable"}, status=503),
        Unknown("service_unavailable"),
    ),
    "408": (says("", status=408, content_type="text/plain"), Unknown("http_408")),
    "403 of a proxy": (says("<html>", status=403, content_type="text/html"), NotSent("http_403")),
    "404 as JSON": (says({"message": "no such path"}, status=404), NotSent("http_404")),
    "200 as broken JSON": (says('{"ok": tr'), Unknown("http_200")),
    "200 as HTML": (says("<html>", content_type="text/html"), Unknown("http_200")),
    "200 as plain text": (says("ok", content_type="text/plain"), Unknown("AttributeError")),
    "200 as a list": (says(["ok"]), Unknown("AttributeError")),
    "200 as null": (says("null"), Unknown("http_200")),
    "ok without ts": (says({"ok": True}), Unknown("unreadable_answer")),
    "ok with an odd message": (says({**POSTED, "message": "x"}), Sent("1700000000.000100")),
    "dropped": (drops, Unknown("ServerDisconnectedError")),
    "dropped in the answer": (stops_in_the_middle, Unknown("ClientPayloadError")),
    "internal_error": (refused("internal_error"), Unknown("internal_error")),
    "limited by code": (refused("ratelimited"), NotSent("ratelimited", limited=True)),
    "kicked": (refused("not_in_channel"), Rejected(RejectionScope.CHANNEL, "not_in_channel")),
    "signed out": (refused("token_revoked"), Rejected(RejectionScope.INSTALLATION, "token_revoked")),
    "bad blocks": (refused("invalid_blocks"), Rejected(RejectionScope.OURS, "invalid_blocks")),
    "unheard of": (refused("moon_is_full"), NotSent("moon_is_full")),
    "a code that is no text": (refused("", error=7), Unknown("http_200")),
}


@pytest.mark.parametrize("shared", [True, False], ids=["one session", "a session a call"])
@pytest.mark.parametrize("case", ANSWERS)
async def test_an_answer_is_classed_and_never_asked_for_twice(
    slack: Slack, session: aiohttp.ClientSession, case: str, shared: bool
) -> None:
    slack.answer, expected = ANSWERS[case]
    assert await post(slack.url, session if shared else None) == expected
    assert len(slack.asked) == 1


async def test_a_connection_that_slack_closed_after_an_answer_does_not_repeat_the_next_post(
    slack: Slack, session: aiohttp.ClientSession
) -> None:
    slack.answer = says(POSTED)
    assert await post(slack.url, session) == Sent("1700000000.000100")
    slack.answer = drops
    assert await post(slack.url, session) == Unknown("ServerDisconnectedError")
    assert len(slack.asked) == 2


async def test_a_refused_connection_is_surely_not_sent(session: aiohttp.ClientSession) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/api/"
        assert await post(url, session) == NotSent("ClientConnectorError")


async def test_a_failed_tls_handshake_is_surely_not_sent(
    slack: Slack, session: aiohttp.ClientSession
) -> None:
    outcome = await post(slack.url.replace("http:", "https:"), session)
    assert isinstance(outcome, NotSent)
    assert not slack.asked


async def test_a_hanging_answer_is_unknown_after_the_timeout(
    slack: Slack, session: aiohttp.ClientSession
) -> None:
    slack.answer = hangs
    notifier = Notifier(posting_client("xoxb-1", slack.url, session=session), timeout_s=0.2)
    outcome = await notifier.post(channel="C1", message=MESSAGE, uuid="u-1")
    assert outcome == Unknown("TimeoutError")
    assert len(slack.asked) == 1


async def test_a_cancellation_passes_through(slack: Slack, session: aiohttp.ClientSession) -> None:
    slack.answer = hangs
    task = asyncio.create_task(post(slack.url, session))
    await asyncio.wait_for(slack.arrived.wait(), PATIENCE_S)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_post_parses_and_unfurls_nothing_and_carries_its_uuid(
    slack: Slack, session: aiohttp.ClientSession
) -> None:
    slack.answer = says(POSTED)
    await post(slack.url, session, thread_ts="1699999999.000100", broadcast=True)
    method, sent = slack.asked[0]
    assert method == "chat.postMessage"
    assert sent == {
        "channel": "C1",
        "text": MESSAGE.text,
        "blocks": list(MESSAGE.blocks),
        "parse": "none",
        "thread_ts": "1699999999.000100",
        "reply_broadcast": True,
        "unfurl_links": False,
        "unfurl_media": False,
        "metadata": {"event_type": "omsbot_post", "event_payload": {"uuid": "u-1"}},
    }


async def test_a_broadcast_without_a_thread_is_an_ordinary_post(
    slack: Slack, session: aiohttp.ClientSession
) -> None:
    slack.answer = says(POSTED)
    await post(slack.url, session, broadcast=True)
    assert "reply_broadcast" not in slack.asked[0][1]


async def test_an_edit_keeps_the_metadata_and_parses_nothing(
    slack: Slack, session: aiohttp.ClientSession
) -> None:
    slack.answer = says({"ok": True, "ts": "1700000000.000100"})
    notifier = Notifier(posting_client("xoxb-1", slack.url, session=session))
    outcome = await notifier.edit(channel="C1", ts="1700000000.000100", message=MESSAGE)
    assert outcome == Sent("1700000000.000100")
    method, sent = slack.asked[0]
    assert method == "chat.update"
    assert sent["parse"] == "none"
    assert sent["blocks"] == list(MESSAGE.blocks)
    assert "metadata" not in sent


@pytest.mark.parametrize("code", ["message_not_found", "cant_update_message", "edit_window_closed"])
async def test_a_card_that_cannot_be_edited_is_rejected_as_a_message(
    slack: Slack, session: aiohttp.ClientSession, code: str
) -> None:
    slack.answer = refused(code)
    notifier = Notifier(posting_client("xoxb-1", slack.url, session=session))
    outcome = await notifier.edit(channel="C1", ts="1", message=MESSAGE)
    assert outcome == Rejected(RejectionScope.MESSAGE, code)


async def test_an_ephemeral_message_goes_to_one_person(slack: Slack, session: aiohttp.ClientSession) -> None:
    slack.answer = says({"ok": True, "message_ts": "1700000000.000200"})
    notifier = Notifier(posting_client("xoxb-1", slack.url, session=session))
    outcome = await notifier.ephemeral(channel="C1", user="U1", message=MESSAGE.plain())
    assert outcome == Sent("1700000000.000200")
    method, sent = slack.asked[0]
    assert method == "chat.postEphemeral"
    assert sent == {"channel": "C1", "user": "U1", "text": MESSAGE.text, "parse": "none"}


async def test_a_login_tells_who_the_bot_is_and_what_it_may_do(
    slack: Slack, session: aiohttp.ClientSession
) -> None:
    slack.answer = says(
        {"ok": True, "team_id": "T1", "user_id": "U1", "bot_id": "B1"}, X_OAuth_Scopes="chat:write, commands"
    )
    notifier = Notifier(posting_client("xoxb-1", slack.url, session=session))
    assert await notifier.login() == Login("T1", "U1", "B1", frozenset({"chat:write", "commands"}))


async def test_a_refused_login_is_a_rejection_of_the_installation(
    slack: Slack, session: aiohttp.ClientSession
) -> None:
    slack.answer = refused("invalid_auth")
    notifier = Notifier(posting_client("xoxb-1", slack.url, session=session))
    assert await notifier.login() == Rejected(RejectionScope.INSTALLATION, "invalid_auth")


async def test_the_facts_of_a_channel_are_read(slack: Slack, session: aiohttp.ClientSession) -> None:
    slack.answer = says(
        {"ok": True, "channel": {"name": "migrations", "is_member": True, "is_private": True}}
    )
    notifier = Notifier(posting_client("xoxb-1", slack.url, session=session))
    facts = await notifier.channel("C1")
    assert facts == ChannelFacts("migrations", True, True, False, False)


async def test_a_channel_that_slack_does_not_call_left_is_one_to_post_to(
    slack: Slack, session: aiohttp.ClientSession
) -> None:
    slack.answer = says({"ok": True, "channel": {"id": "C1", "name": "migrations"}})
    notifier = Notifier(posting_client("xoxb-1", slack.url, session=session))
    assert await notifier.channel("C1") == ChannelFacts("migrations", True, False, False, False)


async def test_a_login_without_a_team_is_unreadable(slack: Slack, session: aiohttp.ClientSession) -> None:
    slack.answer = says({"ok": True, "user_id": "U1"})
    notifier = Notifier(posting_client("xoxb-1", slack.url, session=session))
    assert await notifier.login() == Unknown("unreadable_answer")


async def test_an_unknown_channel_is_a_rejection_of_the_channel(
    slack: Slack, session: aiohttp.ClientSession
) -> None:
    slack.answer = refused("channel_not_found")
    notifier = Notifier(posting_client("xoxb-1", slack.url, session=session))
    assert await notifier.channel("C1") == Rejected(RejectionScope.CHANNEL, "channel_not_found")


async def test_a_client_that_would_retry_is_refused() -> None:
    from slack_sdk.web.async_client import AsyncWebClient

    with pytest.raises(ValueError, match="must not retry"):
        Notifier(AsyncWebClient(token="xoxb-1"))
