"""A wall clock that is set back an hour: the bot goes on at once, and a silence ends when it was said to."""

from collections.abc import AsyncIterator

import pytest

from omsbot.db.engine.engine import Database, transact
from omsbot.db.upkeep.clock_set_back import pull_back
from tests.builders import HOUR, MINUTE, SECOND
from tests.integration.services.rig import ALPHA, INTERVAL, Bot, rigged


@pytest.fixture
async def bot(database: Database) -> AsyncIterator[Bot]:
    async with rigged(database) as one:
        yield one


async def set_back(bot: Bot, by_ms: int) -> None:
    bot.clock.forward(-by_ms)
    await transact(bot.database, lambda conn: pull_back(conn, now=bot.clock(), by_ms=by_ms))


async def test_a_failure_is_polled_and_told_within_seconds_after_the_step(bot: Bot) -> None:
    await bot.follow()
    await bot.poll(INTERVAL)

    await set_back(bot, HOUR)
    bot.world.oms.fail(ALPHA.oms_id, step="FULL_TRANSFER")
    await bot.poll(INTERVAL + 2 * SECOND)

    assert [said.text for said in await bot.tell(2 * SECOND) if "FAILED" in said.text]


async def test_a_silence_still_ends_when_it_was_said_to(bot: Bot) -> None:
    await bot.follow()
    await bot.mute(for_ms=2 * HOUR)
    bot.world.oms.fail(ALPHA.oms_id, step="FULL_TRANSFER")
    await bot.poll(INTERVAL)

    await set_back(bot, 30 * MINUTE)

    assert await bot.tell(HOUR) == []
