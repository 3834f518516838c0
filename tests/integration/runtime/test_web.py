"""The probes over real HTTP."""

from collections.abc import AsyncIterator, Mapping

import aiohttp
import pytest

from omsbot.config import ConfigProblem
from omsbot.metrics import Metrics
from omsbot.runtime.web import HealthServer


class Checks:
    """What the bot would say of itself."""

    def __init__(self) -> None:
        self.now: dict[str, str | None] = {"slack": None, "database": None}

    def __call__(self) -> Mapping[str, str | None]:
        return self.now


@pytest.fixture
def checks() -> Checks:
    return Checks()


@pytest.fixture
async def server(checks: Checks) -> AsyncIterator[HealthServer]:
    server = HealthServer("127.0.0.1", 0, ready=checks, metrics=Metrics(version="9").render)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def http(server: HealthServer) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(server.url) as session:
        yield session


async def test_healthz_says_ok(http: aiohttp.ClientSession) -> None:
    async with http.get("/healthz") as response:
        assert (response.status, await response.text()) == (200, "ok\n")


async def test_readyz_is_green_when_nothing_is_missing(http: aiohttp.ClientSession) -> None:
    async with http.get("/readyz") as response:
        assert (response.status, await response.json()) == (200, {"ready": True, "missing": {}})


async def test_readyz_says_what_is_missing(http: aiohttp.ClientSession, checks: Checks) -> None:
    checks.now["slack"] = "Slack is not connected yet."
    async with http.get("/readyz") as response:
        assert response.status == 503
        assert await response.json() == {"ready": False, "missing": {"slack": "Slack is not connected yet."}}


async def test_metrics_are_in_the_format_of_prometheus(http: aiohttp.ClientSession) -> None:
    async with http.get("/metrics") as response:
        assert response.status == 200
        assert response.headers["Content-Type"].startswith("text/plain; version=")
        assert 'omsbot_build_info{version="9"} 1.0' in await response.text()


async def test_anything_else_is_not_found(http: aiohttp.ClientSession) -> None:
    async with http.get("/") as response:
        assert response.status == 404
    async with http.post("/readyz") as response:
        assert response.status == 405


async def test_a_taken_port_is_told_with_the_setting_to_change(server: HealthServer, checks: Checks) -> None:
    port = int(server.url.rpartition(":")[2])
    second = HealthServer("127.0.0.1", port, ready=checks, metrics=lambda: b"")
    with pytest.raises(ConfigProblem, match=r"OMSBOT_HTTP_PORT: .*Address already in use"):
        await second.start()
    await second.stop()


async def test_a_second_stop_does_nothing(checks: Checks) -> None:
    server = HealthServer("127.0.0.1", 0, ready=checks, metrics=lambda: b"")
    await server.start()
    await server.stop()
    await server.stop()
    with pytest.raises(RuntimeError):
        _ = server.url
