"""The whole bot starts, stops and starts again; what keeps it from starting is said in one line."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from omsbot.app import App
from omsbot.config import ConfigProblem, Settings
from omsbot.config.settings import Secret, ServerSettings
from omsbot.db.engine import file_lock
from omsbot.db.engine.engine import Database, DatabaseProblem
from omsbot.sandbox.slack import SlackStandIn
from tests.waiting import PATIENCE_S


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandIn]:
    one = SlackStandIn(limits=False)
    await one.start()
    yield one
    await one.stop()


@pytest.fixture
def settings(tmp_path: Path, slack: SlackStandIn) -> Settings:
    return Settings(
        slack_bot_token=Secret("xoxb-sandbox"),
        slack_app_token=Secret("xapp-sandbox"),
        slack_api_url=slack.api_url,
        servers={"default": ServerSettings("default", "http://127.0.0.1:9", "demo", Secret("p"))},
        database_url=f"sqlite:///{tmp_path / 'omsbot.db'}",
        http_port=0,
    )


async def until_ready(app: App, *, ready: bool = True) -> dict[str, str]:
    """Ask until the bot says that it is ready (or not); returns what it then misses."""
    async with asyncio.timeout(PATIENCE_S), aiohttp.ClientSession(app.http_url) as http:
        while True:
            async with http.get("/readyz") as answer:
                if (answer.status == 200) is ready:
                    missing: dict[str, str] = (await answer.json())["missing"]
                    return missing
            await asyncio.sleep(0.02)


async def test_the_bot_is_ready_once_slack_is_connected_and_may_start_again_after_a_stop(
    settings: Settings,
) -> None:
    for _ in range(2):
        app = App(settings)
        await app.start()
        try:
            assert await until_ready(app) == {}
        finally:
            await app.stop()


async def test_while_slack_is_away_the_bot_runs_and_says_so(settings: Settings, slack: SlackStandIn) -> None:
    await slack.stop()
    app = App(settings)
    await app.start()
    try:
        missing = await until_ready(app, ready=False)
    finally:
        await app.stop()

    assert list(missing) == ["slack"]


async def test_the_bot_serves_until_it_is_told_to_stop(settings: Settings) -> None:
    app, stop = App(settings), asyncio.Event()
    serving = asyncio.create_task(app.serve(stop))
    await asyncio.sleep(0)
    stop.set()
    await serving

    assert not _listens(app)


async def test_a_second_bot_on_the_same_file_does_not_start_and_leaves_nothing_open(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_lock, "PATIENCE_S", 0.1)
    first, second = App(settings), App(settings)
    await first.start()
    try:
        with pytest.raises(DatabaseProblem):
            await second.start()
        assert not _listens(second)
    finally:
        await first.stop()


async def test_a_taken_port_stops_the_start_before_the_database_is_touched(
    settings: Settings, tmp_path: Path
) -> None:
    first = App(settings)
    await first.start()
    port = int(first.http_url.rpartition(":")[2])
    other = replace(settings, http_port=port, database_url=f"sqlite:///{tmp_path / 'other.db'}")
    try:
        with pytest.raises(ConfigProblem, match="OMSBOT_HTTP_PORT"):
            await App(other).start()
    finally:
        await first.stop()

    assert not (tmp_path / "other.db").exists()


@pytest.mark.parametrize("backend", ["postgresql", "mysql"], indirect=True)
async def test_a_server_database_that_is_not_up_to_date_is_refused(
    settings: Settings, empty_url: str
) -> None:
    app = App(replace(settings, database_url=empty_url))

    with pytest.raises(DatabaseProblem, match="omsbot db upgrade"):
        await app.start()

    assert not _listens(app)


@pytest.mark.parametrize("backend", ["postgresql", "mysql"], indirect=True)
async def test_the_bot_runs_on_a_server_database(settings: Settings, database: Database) -> None:
    url = database.url.render_as_string(hide_password=False)
    app = App(replace(settings, database_url=url))
    await app.start()
    try:
        assert await until_ready(app) == {}
    finally:
        await app.stop()


def _listens(app: App) -> bool:
    try:
        return bool(app.http_url)
    except RuntimeError:
        return False
