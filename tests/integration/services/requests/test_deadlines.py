"""A deadline that a person sets: stored, audited, shown, removed."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from omsbot.db.engine.engine import Database
from omsbot.db.schema import audit, posts
from omsbot.db.subjects import key_of
from omsbot.domain.forecast.deadline import Moment, read_deadline
from omsbot.domain.notify.quiet_hours import read_quiet_hours
from omsbot.domain.project.project import ProjectRef
from omsbot.services.refusal import Refusal
from omsbot.services.requests.deadlines import Deadlines
from tests.builders import HOUR, NOW
from tests.integration.services.rig import ALPHA, BETA, CHANNEL, Bot, rigged


@pytest.fixture
async def bot(sqlite_database: Database) -> AsyncIterator[Bot]:
    async with rigged(sqlite_database) as one:
        yield one


def deadlines(bot: Bot) -> Deadlines:
    return Deadlines(bot.database, bot.access, wake=bot._wake)


async def put(bot: Bot, text: str, ref: ProjectRef = ALPHA, *, channel: str = CHANNEL) -> Moment:
    return await deadlines(bot).set(
        channel_id=channel, ref=ref, wanted=read_deadline(text), actor="U7", now=bot.clock()
    )


async def shown(bot: Bot, ref: ProjectRef = ALPHA) -> tuple[int, str | None]:
    found = await deadlines(bot).show(channel_id=CHANNEL, ref=ref)
    return found.at, found.by


async def noted(bot: Bot) -> list[tuple[str, str, str | None, str | None]]:
    async with bot.database.read() as conn:
        rows = await conn.execute(
            select(audit.c.action, audit.c.actor, audit.c.subject, audit.c.detail)
            .where(audit.c.action == "deadline")
            .order_by(audit.c.id)
        )
        return [tuple(row) for row in rows]


async def test_a_deadline_is_kept_and_who_set_it(database: Database) -> None:
    async with rigged(database) as bot:
        await bot.subscribe()
        await bot.subscribe(BETA)
        done = await put(bot, "in 6h")

        assert done.at == NOW + 6 * HOUR
        assert await shown(bot) == (done.at, "U7")
        assert await noted(bot) == [("deadline", "U7", key_of((await bot.stored()).subject), str(done.at))]
        with pytest.raises(Refusal, match="np_beta` has no deadline"):
            await shown(bot, BETA)


async def test_a_new_deadline_takes_the_place_of_the_old_one(bot: Bot) -> None:
    await bot.subscribe()
    await put(bot, "in 6h")
    await put(bot, "in 2h")
    assert await shown(bot) == (NOW + 2 * HOUR, "U7")


async def test_a_deadline_is_removed(bot: Bot) -> None:
    await bot.subscribe()
    await put(bot, "in 6h")
    await deadlines(bot).remove(channel_id=CHANNEL, ref=ALPHA, actor="U8", now=NOW)
    with pytest.raises(Refusal, match="has no deadline"):
        await shown(bot)
    with pytest.raises(Refusal, match="has no deadline"):
        await deadlines(bot).remove(channel_id=CHANNEL, ref=ALPHA, actor="U8", now=NOW)
    assert [(action, actor, detail) for action, actor, _, detail in await noted(bot)][1:] == [
        ("deadline", "U8", "off")
    ]


@pytest.mark.parametrize(
    ("zone", "hour"),
    [
        pytest.param("Asia/Shanghai", 18, id="a name"),
        pytest.param("UTC+05:30", 20.5, id="an offset"),
    ],
)
async def test_a_time_is_of_the_zone_of_the_channel(bot: Bot, zone: str, hour: float) -> None:
    await bot.subscribe()
    assert (await put(bot, "02:00")).assumed
    await bot.control.quiet(
        channel_id=CHANNEL,
        team_id="T1",
        hours=read_quiet_hours("22:00-07:00", zone),
        actor="U1",
        now=NOW,
    )
    there = await put(bot, "02:00")
    assert (there.zone, there.assumed) == (zone, False)
    assert there.at % (24 * HOUR) == hour * HOUR


async def test_the_cards_of_its_followers_are_looked_at_again(bot: Bot) -> None:
    await bot.follow()
    await bot.edit()
    await put(bot, "in 6h")
    async with bot.database.read() as conn:
        dirty = (await conn.execute(select(posts.c.dirty).where(posts.c.kind == "card"))).scalars().all()
    assert dirty
    assert all(dirty)


@pytest.mark.parametrize(
    ("ref", "text", "why"),
    [
        (BETA, "in 6h", "does not follow `np_beta`"),
        (ProjectRef("mars", "np_a1"), "in 6h", "no OMS server `mars`"),
        (ALPHA, "2020-01-01 02:00", "has passed"),
    ],
    ids=["not followed", "no such server", "passed"],
)
async def test_what_cannot_be_set_is_refused_and_leaves_nothing(
    bot: Bot, ref: ProjectRef, text: str, why: str
) -> None:
    await bot.subscribe()
    with pytest.raises(Refusal, match=why):
        await put(bot, text, ref)
    assert await noted(bot) == []


async def test_a_channel_that_stopped_following_sets_no_deadline(bot: Bot) -> None:
    await bot.subscribe()
    await bot.unsubscribe()
    with pytest.raises(Refusal, match="does not follow"):
        await put(bot, "in 6h")
