"""What the client asks, and what it reads from a server that answers well."""

import asyncio
import base64
import gzip
import json
import logging
import zlib
from typing import Any

import httpx
import pytest
from aiohttp import web

from omsbot.domain.project.oms_error import OmsError
from omsbot.oms.request import Action, Question
from tests.integration.oms.asking import (
    BODY,
    NOW,
    PASSWORD,
    answering,
    asking,
    encoded,
)
from tests.integration.oms.servers import conversing, serving, stay_silent


async def test_steps_are_asked_for_as_documented() -> None:
    requests: list[tuple[web.Request, bytes]] = []

    async def respond(request: web.Request) -> web.StreamResponse:
        requests.append((request, await request.read()))
        return web.Response(body=BODY, headers={"Date": "Tue, 14 Nov 2023 22:13:21 GMT", "Set-Cookie": "S=1"})

    async with serving(respond) as url, asking(url) as client:
        snapshot = await client.steps('np_"x')
        await client.steps("np_y")

    request, question = requests[0]
    assert (request.method, request.path_qs) == ("POST", "/api/v2?Action=DescribeProjectSteps")
    assert request.headers["Content-Type"] == "application/json"
    credential = base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()
    assert credential == f"bot ünit:{PASSWORD}"
    assert json.loads(question) == {"id": 'np_"x'}
    assert (snapshot.observed_at, snapshot.server_at) == (NOW, NOW + 1000)
    assert [step.name for step in snapshot.steps] == ["TRANSFER_PRECHECK"]
    assert "Cookie" not in requests[1][0].headers


async def test_projects_are_asked_for_and_belong_to_the_server() -> None:
    questions: list[tuple[str, Any]] = []

    async def respond(request: web.Request) -> web.StreamResponse:
        questions.append((request.path_qs, await request.json()))
        return web.json_response(
            {"success": True, "totalCount": 7, "data": [{"id": "np_x", "name": "orders"}]}
        )

    async with serving(respond) as url, asking(f"{url}/behind/a/proxy/", name="prod") as client:
        page = await client.projects(search="ord", page=2, page_size=10)
    assert questions == [
        ("/behind/a/proxy/api/v2?Action=ListProjects", {"pageNumber": 2, "pageSize": 10, "searchKey": "ord"})
    ]
    assert page.total == 7
    assert [str(project.ref) for project in page.projects] == ["prod:np_x"]


async def test_questions_share_connections() -> None:
    peers = set()

    async def respond(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        peers.add(request.transport.get_extra_info("peername"))
        return web.Response(body=BODY)

    async with serving(respond) as url, asking(url) as client:
        for _ in range(5):
            await client.steps("np_x")
    assert len(peers) == 1


async def test_no_more_questions_are_under_way_than_the_pool_holds() -> None:
    under_way, most = 0, 0

    async def respond(request: web.Request) -> web.StreamResponse:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.01)
        under_way -= 1
        return web.Response(body=BODY)

    async with serving(respond) as url, asking(url, pool=3) as client:
        snapshots = await asyncio.gather(*(client.steps("np_x") for _ in range(12)))
    assert len(snapshots) == 12
    assert most == 3


async def test_a_kept_connection_that_the_server_dropped_is_replaced_without_a_failure() -> None:
    calls = 0

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:  # answers, keeps the connection, and drops it at the moment it is used again
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY))
            await reader.readuntil(b"\r\n\r\n")
        else:
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(BODY), BODY)
            )
            await writer.drain()

    async with conversing(converse) as url, asking(url) as client:
        assert (await client.steps("np_x")).steps
        assert (await client.steps("np_x")).steps
    assert calls == 2


@pytest.mark.parametrize(("kind", "sent"), [(Question, 2), (Action, 1)])
async def test_after_a_connection_drops_a_question_is_sent_again_and_an_action_never(
    kind: type[Question | Action], sent: int
) -> None:
    taken, kept = 0, True

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal taken, kept
        if kept:  # answers the first one and keeps its connection
            kept = False
            await reader.readuntil(b"}")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY))
            await reader.readuntil(b"POST ")
        await reader.readuntil(b"}")
        taken += 1

    async with conversing(converse) as url, asking(url) as client:
        await client.steps("np_x")
        with pytest.raises(OmsError):
            await client._answer(kind(httpx.URL(f"{url}/api/v2?Action=Any"), b"{}"))
    assert taken == sent


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_compressed_answer_is_read(encoding: str) -> None:
    body = gzip.compress(BODY) if encoding == "gzip" else zlib.compress(BODY)
    async with serving(encoded(body, encoding)) as url, asking(url) as client:
        assert (await client.steps("np_x")).steps


async def test_json_labelled_as_something_else_is_read() -> None:
    async with serving(answering(content_type="text/plain")) as url, asking(url) as client:
        assert (await client.steps("np_x")).steps


async def test_a_cancelled_question_is_cancelled() -> None:
    async with conversing(stay_silent) as url, asking(url) as client:
        question = asyncio.create_task(client.steps("np_x"))
        await asyncio.sleep(0.05)
        question.cancel()
        with pytest.raises(asyncio.CancelledError):
            await question


async def test_the_password_is_in_no_log_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with serving(answering()) as url, asking(url) as client:
        await client.steps("np_x")
    credential = base64.b64encode(f"bot ünit:{PASSWORD}".encode()).decode()
    assert PASSWORD not in caplog.text
    assert credential not in caplog.text
