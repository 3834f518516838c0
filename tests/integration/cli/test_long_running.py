"""`omsbot run`, `demo` and `sandbox`: they start, say where they are, and end when told."""

import asyncio
import json
import signal
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from omsbot.sandbox.slack import SlackStandIn
from tests.integration.cli.program import exports, omsbot, started
from tests.waiting import PATIENCE_S

PAUSE_S = 0.1
CHINESE = "np_6h1y9c4z7s5f"  # fails soon, for an hour; then it goes on to its end


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def taken_port() -> Any:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        yield holder.getsockname()[1]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        return int(holder.getsockname()[1])


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    """Ask another process again and again until it is so."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if await condition():
                return
            await asyncio.sleep(PAUSE_S)


async def answers_200(http: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with http.get(url) as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False


async def shows(http: aiohttp.ClientSession, page: str, text: str) -> bool:
    async with http.get(f"{page}control/messages", params={"channel": "migrations"}) as response:
        return text in await response.text()


async def test_run_becomes_ready_and_ends_on_sigterm(
    env: dict[str, str], tmp_path: Path, slack: SlackStandIn, http: aiohttp.ClientSession
) -> None:
    port = free_port()
    async with started("run", env={**env, "OMSBOT_HTTP_PORT": str(port)}, cwd=tmp_path) as program:
        await eventually(lambda: answers_200(http, f"http://127.0.0.1:{port}/readyz"))
        answer = await slack.command("help")
        assert answer.acked
        ended = await program.end(signal.SIGTERM)
    assert ended.status == 0
    lines = [json.loads(line) for line in ended.err.splitlines()]
    assert all({"time", "level", "logger", "event"} <= set(line) for line in lines)


async def test_run_names_the_setting_when_its_port_is_taken(
    env: dict[str, str], tmp_path: Path, taken_port: int
) -> None:
    ended = await omsbot("run", env={**env, "OMSBOT_HTTP_PORT": str(taken_port)}, cwd=tmp_path)
    assert ended.status == 1
    assert ended.err.splitlines()[-1].startswith("omsbot: OMSBOT_HTTP_PORT: ")


async def test_the_demo_shows_a_failure_on_its_page(
    tmp_path: Path, http: aiohttp.ClientSession, taken_port: int
) -> None:
    async with started("demo", "--port", str(taken_port), "--fast", "6", env={}, cwd=tmp_path) as program:
        page = (await program.printed(r"http://\S+/"))[0]
        assert f"Port {taken_port} is taken" in program.out
        await program.printed("Ctrl-C ends everything")
        async with http.get(page) as response:
            assert "text/html" in response.headers["Content-Type"]
        await eventually(lambda: shows(http, page, "Full migration FAILED"))
        ended = await program.end(signal.SIGINT)
    assert (ended.status, ended.err) == (0, "")


async def test_a_fast_demo_tells_of_an_hour_within_seconds_and_nothing_twice(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    over, began = "Project completed", time.time()

    async def told() -> list[dict[str, Any]]:
        async with http.get(f"{page}control/messages", params={"channel": "migrations"}) as response:
            said: list[dict[str, Any]] = (await response.json())["messages"]
        return [message for message in said if CHINESE in message["text"]]

    async def told_to_the_end() -> bool:
        return any(over in message["text"] for message in await told())

    async with started("demo", "--port", "0", "--fast", "600", env={}, cwd=tmp_path) as program:
        page = (await program.printed(r"http://\S+/"))[0]
        await program.printed("600 times faster: the pause of 13 hours takes 78 seconds")
        await eventually(told_to_the_end)
        news = await told()
        async with http.get(f"{page}control/calls", params={"method": "chat.postMessage"}) as response:
            posts = (await response.json())["calls"]
        ended = await program.end(signal.SIGINT)
    assert (ended.status, ended.err) == (0, "")
    assert {post["error"] for post in posts} == {""}
    assert not [message for message in news if "Sent again" in str(message)]
    done = next(message for message in news if over in message["text"])
    assert float(done["ts"]) - began > 3600


@pytest.mark.parametrize("pace", ["601", "0.5", "fast"])
async def test_a_demo_names_the_paces_that_it_can_keep(tmp_path: Path, pace: str) -> None:
    ended = await omsbot("demo", "--fast", pace, env={}, cwd=tmp_path)
    assert ended.status == 2
    assert ended.err.splitlines()[-1].endswith("is not a pace from 1 to 600")


async def test_a_fast_demo_keeps_no_database_whose_times_are_yet_to_come(tmp_path: Path) -> None:
    database = tmp_path / "kept.db"
    kept = ("--database", f"sqlite:///{database}")
    ended = await omsbot("demo", "--fast", "60", *kept, env={}, cwd=tmp_path)
    assert ended.status == 1
    assert ended.err.startswith("omsbot: --fast and --database do not go together")
    assert not database.exists()


async def test_the_demo_ends_by_itself_and_keeps_a_named_database(tmp_path: Path) -> None:
    database = tmp_path / "kept.db"
    ended = await omsbot(
        "demo", "--port", "0", "--seconds", "1", "--database", f"sqlite:///{database}", env={}, cwd=tmp_path
    )
    assert ended.status == 0
    assert database.exists()


async def test_the_sandboxes_print_what_the_bot_needs_to_find_them(tmp_path: Path) -> None:
    async with (
        started("sandbox", "oms", "--port", "0", env={}, cwd=tmp_path) as oms,
        started("sandbox", "slack", "--port", "0", env={}, cwd=tmp_path) as slack,
    ):
        await oms.printed("Ctrl-C ends it")
        await slack.printed("Ctrl-C ends it")
        env = {**exports(oms.out), **exports(slack.out)}
        ended = await omsbot("doctor", env=env, cwd=tmp_path)
        assert ended.status == 0, ended.out
        assert (await oms.end()).status == 0
        assert (await slack.end()).status == 0


@pytest.mark.parametrize("kind", ["oms", "slack"])
async def test_a_sandbox_says_when_its_port_is_taken(tmp_path: Path, taken_port: int, kind: str) -> None:
    ended = await omsbot("sandbox", kind, "--port", str(taken_port), env={}, cwd=tmp_path)
    (line,) = ended.err.splitlines()
    assert ended.status == 1
    assert "give another --port" in line
