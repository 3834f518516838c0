"""Socket Mode against a server whose addresses are good for one attempt, as Slack's are."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from omsbot.bot.listeners import bolt_app
from omsbot.runtime.connection import SlackConnection
from tests.waiting import PATIENCE_S

PING_S = 1.0


@dataclass(slots=True)
class Sockets:
    """Gives out addresses; refuses the first `refusing` sockets, and every address that was tried before."""

    refusing: int = 0
    given: int = 0
    tried: list[str] = field(default_factory=list)
    open_failures: int = 0
    deaf: bool = False  # reads nothing, not even that the other end goes

    async def open(self, request: web.Request) -> web.Response:
        if self.open_failures:
            self.open_failures -= 1
            return web.Response(status=503, text="<html>down</html>", content_type="text/html")
        self.given += 1
        return web.json_response({"ok": True, "url": f"ws://{request.host}/socket/{self.given}"})

    async def socket(self, request: web.Request) -> web.StreamResponse:
        ticket = request.match_info["ticket"]
        used = ticket in self.tried
        self.tried.append(ticket)
        if used or len(self.tried) <= self.refusing:
            return web.Response(status=503)
        connected = web.WebSocketResponse()
        await connected.prepare(request)
        await connected.send_json({"type": "hello"})
        if self.deaf:
            await asyncio.sleep(PATIENCE_S)
        async for _ in connected:
            pass
        return connected


@pytest.fixture
async def sockets() -> Sockets:
    return Sockets()


@pytest.fixture
async def connection(sockets: Sockets) -> AsyncIterator[SlackConnection]:
    app = web.Application()
    app.add_routes(
        [web.post("/api/apps.connections.open", sockets.open), web.get("/socket/{ticket}", sockets.socket)]
    )
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    connection = SlackConnection(bolt_app("xoxb-1", f"http://{host}:{port}/api/"), "xapp-1", ping_s=PING_S)
    yield connection
    await connection.stop()
    await runner.cleanup()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if condition():
                return
            await asyncio.sleep(0.05)


async def test_a_refused_socket_is_tried_again_under_a_new_address(
    connection: SlackConnection, sockets: Sockets
) -> None:
    sockets.refusing = 1
    connection.start()
    await until(lambda: connection.connected)
    assert sockets.given >= 2


async def test_each_failed_attempt_is_one_line_without_a_traceback(
    connection: SlackConnection, sockets: Sockets, caplog: pytest.LogCaptureFixture
) -> None:
    sockets.open_failures = 1
    with caplog.at_level(logging.INFO):
        connection.start()
        await until(lambda: connection.connected)
    failed = [record for record in caplog.records if record.getMessage().startswith("Failed to connect")]
    assert len(failed) == 1
    assert failed[0].exc_info is None


async def test_a_stop_closes_all_also_when_slack_does_not_answer_it(
    connection: SlackConnection, sockets: Sockets
) -> None:
    sockets.deaf = True
    connection.start()
    await until(lambda: connection.connected)

    await connection.stop()

    assert connection._handler.client.aiohttp_client_session.closed
