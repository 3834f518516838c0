"""Slack's limits, kept where every replica and every restart finds them."""

import asyncio

import pytest

from omsbot.db.engine.engine import Database, transact
from omsbot.db.stores import limits
from omsbot.domain.notify.slack_limits import APP_WIDE, DOWN_AFTER, EDIT, LIMITS, POST, PROBE_LEASE_MS, Limit
from tests.builders import MINUTE, NOW, SECOND
from tests.integration.db.stored import two_replicas

TO_CHANNEL, OF_APP, AT_ONCE = LIMITS[POST]


async def reserve(
    database: Database, channel_id: str = "C1", *, now: int = NOW, method: str = POST
) -> int | None:
    return await transact(database, lambda conn: limits.reserve(conn, method, channel_id, now=now))


async def test_a_channel_takes_one_post_at_a_time(database: Database) -> None:
    assert await reserve(database) is None
    assert await reserve(database, now=NOW + OF_APP) == NOW + TO_CHANNEL
    assert await reserve(database, now=NOW + TO_CHANNEL) is None


async def test_other_channels_wait_only_for_the_pace_of_the_whole_app(database: Database) -> None:
    for number in range(AT_ONCE):
        assert await reserve(database, f"C{number}") is None
    assert await reserve(database, "C99") == NOW + OF_APP
    assert await reserve(database, "C99", now=NOW + OF_APP) is None
    assert await reserve(database, "C98", now=NOW + OF_APP) == NOW + 2 * OF_APP


async def test_edits_are_paced_for_the_app_alone_and_apart_from_posts(database: Database) -> None:
    assert await reserve(database) is None
    assert await reserve(database, APP_WIDE, method=EDIT) is None
    assert await reserve(database, APP_WIDE, method=EDIT) == NOW + LIMITS[EDIT].app_ms
    assert LIMITS[EDIT] == Limit(channel_ms=0, app_ms=LIMITS[EDIT].app_ms)


@pytest.mark.parametrize("known", [pytest.param(False, id="new rows"), pytest.param(True, id="known rows")])
async def test_of_two_replicas_one_gets_the_slot(database: Database, known: bool) -> None:
    if known:
        await reserve(database, now=NOW - MINUTE)

    async with two_replicas(database) as replicas:
        free_at = await asyncio.gather(*(reserve(one) for one in replicas * 2))

    assert sorted(free_at, key=str) == [*[NOW + TO_CHANNEL] * 3, None]


async def test_replicas_that_post_to_different_channels_do_not_pass_the_pace_of_the_app(
    database: Database,
) -> None:
    async with two_replicas(database) as replicas:
        for number in range(AT_ONCE - 1):
            await reserve(replicas[0], f"D{number}")
        free_at = await asyncio.gather(*(reserve(one, f"C{n}") for n, one in enumerate(replicas * 2)))

    assert sorted(free_at, key=str) == [*[NOW + OF_APP] * 3, None]


async def test_a_429_holds_its_channel_alone(database: Database) -> None:
    async with database.write() as conn:
        await limits.block(conn, POST, "C1", until=NOW + MINUTE, now=NOW)

    assert await reserve(database) == NOW + MINUTE
    assert await reserve(database, "C2") is None
    assert await reserve(database, now=NOW + MINUTE) is None


async def test_a_second_channel_that_is_limited_at_once_widens_it_to_all(database: Database) -> None:
    async with database.write() as conn:
        await limits.block(conn, POST, "C1", until=NOW + SECOND, now=NOW)
        await limits.block(conn, POST, "C2", until=NOW + MINUTE, now=NOW)

    assert await reserve(database, "C3") == NOW + MINUTE
    assert await reserve(database, APP_WIDE, method=EDIT) is None


async def test_a_429_of_long_ago_widens_nothing(database: Database) -> None:
    async with database.write() as conn:
        await limits.block(conn, POST, "C1", until=NOW, now=NOW - MINUTE)
        await limits.block(conn, POST, "C2", until=NOW + MINUTE, now=NOW)

    assert await reserve(database, "C3") is None


async def test_while_slack_refuses_the_installation_nobody_posts(database: Database) -> None:
    async with database.write() as conn:
        await limits.block_all(conn, POST, until=NOW + MINUTE)

    assert await reserve(database, "C3") == NOW + MINUTE


async def test_after_failures_in_a_row_one_probe_at_a_time_is_let_through(database: Database) -> None:
    async with database.write() as conn:
        counted = [await limits.failed(conn, POST, now=NOW) for _ in range(DOWN_AFTER)]
    assert counted == list(range(1, DOWN_AFTER + 1))
    resumes = await reserve(database)
    assert resumes is not None

    assert await reserve(database, now=resumes) is None
    assert await reserve(database, "C2", now=resumes) == resumes + PROBE_LEASE_MS


async def test_an_answer_ends_an_outage_at_once(database: Database) -> None:
    async with database.write() as conn:
        for _ in range(DOWN_AFTER + 3):
            await limits.failed(conn, POST, now=NOW)
        await limits.answered(conn, POST)

    assert await reserve(database) is None


async def test_an_answer_ends_no_pause_that_slack_asked_for(database: Database) -> None:
    async with database.write() as conn:
        await limits.failed(conn, POST, now=NOW)
        await limits.block_all(conn, POST, until=NOW + MINUTE)
        await limits.answered(conn, POST)

    assert await reserve(database) == NOW + MINUTE
