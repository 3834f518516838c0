"""Uploading a picture: three calls, each once, and what each failure of one means."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import pytest
from aiohttp import web

from omsbot.domain.notify.delivery import NotSent, Outcome, Rejected, RejectionScope, Sent, Unknown
from omsbot.sandbox.slack import SlackStandIn
from omsbot.slack.api.notifier import Notifier, posting_client, posting_session
from tests.integration.slack.test_notifier import Answer, drops, hangs, refused, says

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(1_000)
TICKET, BYTES, SHOW = "files.getUploadURLExternal", "upload", "files.completeUploadExternal"


@dataclass
class Slack:
    """Answers the three calls well, but for the one that a test makes fail; keeps what was asked."""

    url: str = ""
    fails: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    said: dict[str, dict[str, Any]] = field(default_factory=dict)
    got: bytes = b""
    authorization: str | None = None

    async def serve(self, request: web.Request) -> web.StreamResponse:
        call = request.path.rpartition("/")[2]
        self.asked.append(call)
        body = await request.read()
        if call == BYTES:
            self.got, self.authorization = body, request.headers.get("Authorization")
        else:
            self.said[call] = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            self.said[call] |= dict(request.query)
        if call in self.fails:
            return await self.fails[call](request)
        ticket = {"ok": True, "upload_url": f"{self.url}upload", "file_id": "F1"}
        good = {TICKET: ticket, BYTES: "OK - 1008", SHOW: {"ok": True, "files": [{"id": "F1"}]}}
        return await says(good[call])(request)


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    played = Slack()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", played.serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    played.url = f"http://{host}:{port}/api/"
    yield played
    await runner.cleanup()


async def upload(
    url: str, session: aiohttp.ClientSession | None, *, channel: str = "C1", timeout_s: float = 8.0
) -> Outcome:
    notifier = Notifier(posting_client("xoxb-1", url, session=session), timeout_s=timeout_s)
    return await notifier.upload(
        channel=channel,
        thread_ts="1700000000.000100",
        png=PICTURE,
        filename="np_a.png",
        title="Chart of np_a",
        alt_text="Full migration went from 3 % to 57 %.",
        comment="Chart of np_a",
    )


async def test_the_bytes_and_all_that_is_said_arrive(slack: Slack) -> None:
    async with posting_session() as session:
        assert await upload(slack.url, session) == Sent("F1", "1700000000.000100")
    assert slack.asked == [TICKET, BYTES, SHOW]
    assert slack.got == PICTURE
    assert slack.authorization is None, "the upload address gets no token"
    assert slack.said[TICKET]["filename"] == "np_a.png"
    assert slack.said[TICKET]["length"] == str(len(PICTURE))
    assert slack.said[TICKET]["alt_txt"] == "Full migration went from 3 % to 57 %."
    shown = slack.said[SHOW]
    assert json.loads(shown.pop("files")) == [{"id": "F1", "title": "Chart of np_a"}]
    assert (shown["channel_id"], shown["thread_ts"]) == ("C1", "1700000000.000100")
    assert shown["initial_comment"] == "Chart of np_a"


async def test_works_without_a_shared_session(slack: Slack) -> None:
    assert await upload(slack.url, None) == Sent("F1", "1700000000.000100")


FAILURES: dict[str, tuple[str, Answer, Outcome]] = {
    "the scope is missing": (
        TICKET,
        refused("missing_scope", needed="files:write"),
        Rejected(RejectionScope.INSTALLATION, "missing_scope"),
    ),
    "no address in time, so nobody saw it": (TICKET, drops, NotSent("ServerDisconnectedError")),
    "too many": (
        TICKET,
        says({"ok": False, "error": "ratelimited"}, status=429, Retry_After="30"),
        NotSent("ratelimited", retry_after_s=30.0, limited=True),
    ),
    "an answer without an address": (TICKET, says({"ok": True}), NotSent("unreadable_answer")),
    "an address that is none": (
        TICKET,
        says({"ok": True, "upload_url": "not an address", "file_id": "F1"}),
        NotSent("InvalidUrlClientError"),
    ),
    "the bytes are refused": (BYTES, says("no", status=500), NotSent("upload_http_500")),
    "the bytes are sent elsewhere": (
        BYTES,
        says("", status=302, Location="/api/other"),
        NotSent("upload_http_302"),
    ),
    "the bytes are dropped": (BYTES, drops, NotSent("ServerDisconnectedError")),
    "the channel is not ours": (
        SHOW,
        refused("not_in_channel"),
        Rejected(RejectionScope.CHANNEL, "not_in_channel"),
    ),
    "nobody knows whether it is shown": (SHOW, drops, Unknown("ServerDisconnectedError")),
    "an inner error of Slack": (SHOW, refused("internal_error"), Unknown("internal_error")),
}


@pytest.mark.parametrize(("call", "answer", "outcome"), FAILURES.values(), ids=FAILURES)
async def test_each_failure_is_an_outcome_and_nothing_is_tried_again(
    slack: Slack, call: str, answer: Answer, outcome: Outcome
) -> None:
    slack.fails[call] = answer
    async with posting_session() as session:
        assert await upload(slack.url, session) == outcome
    calls = [TICKET, BYTES, SHOW]
    assert slack.asked == calls[: calls.index(call) + 1]


@pytest.mark.parametrize(
    ("call", "outcome"),
    [
        (TICKET, NotSent("TimeoutError")),
        (BYTES, NotSent("TimeoutError")),
        (SHOW, Unknown("TimeoutError")),
    ],
)
async def test_a_slack_that_hangs_is_not_waited_for(slack: Slack, call: str, outcome: Outcome) -> None:
    slack.fails[call] = hangs
    async with posting_session() as session:
        assert await upload(slack.url, session, timeout_s=1.0) == outcome


async def test_the_stand_in_shows_the_picture_in_the_thread() -> None:
    slack = SlackStandIn(limits=False)
    await slack.start()
    try:
        channel = slack.channel_id("migrations")
        client = posting_client("xoxb-sandbox", slack.api_url)
        outcome = await Notifier(client).upload(
            channel=channel,
            thread_ts=None,
            png=PICTURE,
            filename="np_a.png",
            title="Chart of np_a",
            alt_text="Full migration went from 3 % to 57 %.",
            comment="Chart of np_a",
        )
        assert isinstance(outcome, Sent)
        (message,) = (one for one in slack.messages("migrations") if one.get("files"))
    finally:
        await slack.stop()
    assert message["text"] == "Chart of np_a"
    (file,) = message["files"]
    assert (file["title"], file["alt_txt"], file["size"]) == (
        "Chart of np_a",
        "Full migration went from 3 % to 57 %.",
        len(PICTURE),
    )
