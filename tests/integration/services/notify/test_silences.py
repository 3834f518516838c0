"""Mute and unmute: what waits, and until when."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from omsbot.db.engine.engine import Database
from omsbot.db.schema import deliveries
from omsbot.domain.project.project import ProjectRef
from omsbot.services.refusal import Refusal
from tests.builders import HOUR, MINUTE
from tests.integration.services.rig import ALPHA, BETA, FULL, INTERVAL, Bot, rigged


@pytest.fixture
async def bot(sqlite_database: Database) -> AsyncIterator[Bot]:
    async with rigged(sqlite_database) as one:
        yield one


async def failing(bot: Bot, ref: ProjectRef = ALPHA) -> None:
    bot.world.oms.fail(ref.oms_id, FULL)
    await bot.poll(INTERVAL)


async def waits_until(bot: Bot) -> list[int]:
    """When what waits may be told: minutes from now, in order."""
    async with bot.database.read() as conn:
        rows = await conn.execute(
            select(deliveries.c.not_before).where(deliveries.c.state == "pending").order_by(deliveries.c.id)
        )
        return [max(0, at - bot.clock()) // MINUTE for at in rows.scalars()]


async def test_a_silence_postpones_what_waits_and_what_comes(database: Database) -> None:
    async with rigged(database) as bot:
        await bot.subscribe()
        await bot.subscribe(channel="C2")
        await failing(bot)

        await bot.mute(for_ms=HOUR)
        bot.world.oms.recover(ALPHA.oms_id)
        await bot.poll(INTERVAL)

        assert await waits_until(bot) == [59, 0, 59, 0]
        assert await bot.deliveries() == [
            ("step_failed", "pending", "muted"), ("step_failed", "pending", "news"),
            ("step_recovered", "pending", "muted"), ("step_recovered", "pending", "news"),
        ]  # fmt: skip


async def test_the_end_of_a_silence_lets_everything_go_at_once(bot: Bot) -> None:
    await bot.subscribe()
    await bot.mute(for_ms=HOUR)
    await failing(bot)
    woken = bot.woken

    await bot.unmute()

    assert await waits_until(bot) == [0]
    assert bot.woken == woken + 1
    with pytest.raises(Refusal, match="is not muted"):
        await bot.unmute()
    with pytest.raises(Refusal, match="This channel is not muted"):
        await bot.unmute(None)


async def test_a_silence_over_a_channel_covers_its_servers_too(bot: Bot) -> None:
    await bot.subscribe()
    await bot.mute(None, for_ms=HOUR)
    bot.world.oms.break_with("401")

    await bot.poll()

    assert await bot.deliveries() == [("server_rejects_login", "pending", "muted")]


async def test_the_end_of_one_silence_leaves_another_as_it_is(bot: Bot) -> None:
    await bot.subscribe(ALPHA)
    await bot.subscribe(BETA)
    await bot.mute(ALPHA, for_ms=HOUR)
    await bot.mute(None, for_ms=8 * HOUR)
    await failing(bot, ALPHA)
    await failing(bot, BETA)

    await bot.unmute(ALPHA)
    assert min(await waits_until(bot)) > 7 * 60, "the channel is muted still"

    await bot.mute(ALPHA, for_ms=HOUR)
    assert min(await waits_until(bot)) > 7 * 60, "the longer silence holds"
    await bot.unmute(None)
    assert await waits_until(bot) == [60, 0]


async def test_a_new_silence_takes_the_place_of_an_older_one(bot: Bot) -> None:
    await bot.subscribe()
    await bot.mute(for_ms=8 * HOUR)
    await failing(bot)

    await bot.mute(for_ms=HOUR)

    assert await waits_until(bot) == [60]


async def test_a_silence_ends_with_the_subscription(bot: Bot) -> None:
    await bot.subscribe()
    await bot.mute(for_ms=HOUR)
    await bot.unsubscribe()
    await bot.subscribe()

    await failing(bot)

    assert await waits_until(bot) == [0]


async def test_the_card_shows_a_silence(bot: Bot) -> None:
    await bot.follow()

    await bot.mute(for_ms=HOUR)
    await bot.edit()
    assert "muted until" in str(bot.slack.said()[0].message.blocks)

    await bot.unmute()
    await bot.edit()
    assert "muted until" not in str(bot.slack.said()[0].message.blocks)


async def test_a_channel_that_follows_nothing_cannot_be_muted(bot: Bot) -> None:
    with pytest.raises(Refusal, match="follows nothing"):
        await bot.mute(None, for_ms=HOUR)
