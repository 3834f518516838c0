"""The ping that stops when the bot does."""

import logging
from collections.abc import AsyncIterator, Mapping

import pytest
from aiohttp import web

from omsbot.runtime.heartbeat import Heartbeat


class Switch:
    """A dead-man switch: counts its pings, and answers with a status."""

    def __init__(self) -> None:
        self.pings, self.status, self.url = 0, 200, ""

    async def ping(self, _request: web.Request) -> web.Response:
        self.pings += 1
        return web.Response(status=self.status)


@pytest.fixture
async def switch() -> AsyncIterator[Switch]:
    one, app = Switch(), web.Application()
    app.add_routes([web.get("/ping/secret", one.ping)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    one.url = f"http://127.0.0.1:{runner.addresses[0][1]}/ping/secret"
    yield one
    await runner.cleanup()


async def pinged(url: str, missing: Mapping[str, str | None]) -> None:
    heartbeat = Heartbeat(url, ready=lambda: missing)
    await heartbeat.ping()
    await heartbeat.close()


async def test_a_bot_that_is_ready_pings(switch: Switch) -> None:
    await pinged(switch.url, {"slack": None, "passes": None})

    assert switch.pings == 1


async def test_a_bot_that_is_not_ready_is_silent(switch: Switch) -> None:
    await pinged(switch.url, {"slack": "Socket Mode is not connected", "passes": None})

    assert switch.pings == 0


@pytest.mark.parametrize("status", [404, 302, 500])
async def test_a_ping_that_is_refused_is_logged_without_its_secret_address(
    switch: Switch, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    switch.status = status
    with caplog.at_level(logging.WARNING, logger="omsbot"):
        await pinged(switch.url, {})

    assert switch.pings == 1
    assert ("refused" in caplog.text) == (status >= 400)
    assert "secret" not in caplog.text


async def test_a_ping_that_does_not_get_through_is_logged_and_no_more(
    caplog: pytest.LogCaptureFixture,
) -> None:
    await pinged("http://127.0.0.1:9/ping", {})

    assert "did not go through" in caplog.text
