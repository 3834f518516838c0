"""Answers that are stored together: what is quiet costs little, and what has news is not held up by it."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import update

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.engine import Database
from omsbot.db.schema import latest
from omsbot.domain.events import EventKind
from omsbot.domain.project.project import ProjectRef
from omsbot.sandbox.oms import SimulatedProject
from omsbot.services.polling import answer_batches
from omsbot.services.polling.observations import Told
from omsbot.services.polling.poll_transaction import Answered
from tests.builders import HOUR, SECOND
from tests.integration.services.rig import ALPHA, BETA, FULL, GAMMA, INTERVAL, rigged, running, world
from tests.waiting import PATIENCE_S

STANDING = tuple(SimulatedProject(ref.oms_id, "stalled", ref.oms_id, 200) for ref in (ALPHA, BETA, GAMMA))


async def test_an_answer_that_says_the_same_is_not_even_read(sqlite_database: Database) -> None:
    async with rigged(sqlite_database, projects=STANDING) as bot:
        await bot.subscribe()
        for _ in range(2):
            await bot.poll(INTERVAL)
        before = await bot.stored()
        assert before.latest
        async with sqlite_database.write() as conn:
            await conn.execute(update(latest).values(snapshot="{}"))  # who reads it must fail

        await bot.poll(INTERVAL)

        async with sqlite_database.write() as conn:
            await conn.execute(update(latest).values(snapshot=None))
        after = await bot.stored()
        assert after.observed_at == (before.observed_at or 0) + INTERVAL
        assert (after.claim, after.version) == (None, before.version)


async def test_figures_and_news_of_one_moment_are_all_stored(database: Database) -> None:
    async with rigged(database) as bot:
        for ref in (ALPHA, BETA, GAMMA):
            await bot.subscribe(ref)
        await bot.poll(INTERVAL)
        bot.world.oms.fail(BETA.oms_id, FULL)
        await bot.poll(INTERVAL)

        assert await bot.kinds(BETA) == [EventKind.STEP_FAILED]
        assert await bot.kinds(ALPHA) == await bot.kinds(GAMMA) == []
        for ref in (ALPHA, BETA, GAMMA):
            project = await bot.stored(ref)
            assert project.observed_at == bot.clock(), ref
            assert project.claim is None


async def test_a_failure_does_not_wait_until_the_others_are_gathered(sqlite_database: Database) -> None:
    async with rigged(sqlite_database) as bot:
        for ref in (ALPHA, BETA):
            await bot.subscribe(ref)
        await bot.poll(INTERVAL)
        bot.world.oms.fail(ALPHA.oms_id, FULL)
        bot.poller._intake._quiet._gather_s = HOUR
        polling = asyncio.create_task(bot.poll(INTERVAL))
        async with asyncio.timeout(PATIENCE_S):
            while True:
                if await bot.kinds(ALPHA):
                    break
                await asyncio.sleep(0.01)
        assert (await bot.stored(BETA)).observed_at != bot.clock()
        polling.cancel()


async def test_one_record_that_cannot_be_read_holds_up_nobody_else(database: Database) -> None:
    async with rigged(database) as bot:
        for ref in (ALPHA, BETA):
            await bot.subscribe(ref)
        broken = await bot.stored(ALPHA)
        async with database.write() as conn:
            await conn.execute(update(latest).where(latest.c.project_id == broken.id).values(watch="no JSON"))

        await bot.poll(INTERVAL)

        assert (await bot.stored(BETA)).observed_at == bot.clock()


async def test_news_is_stored_although_what_came_with_it_cannot_be(database: Database) -> None:
    async with rigged(database) as bot:
        for ref in (ALPHA, BETA, GAMMA):
            await bot.subscribe(ref)
        await bot.poll(INTERVAL)
        broken = await bot.stored(ALPHA)
        async with database.write() as conn:
            await conn.execute(update(latest).where(latest.c.project_id == broken.id).values(watch="no JSON"))
        for ref in (ALPHA, BETA, GAMMA):
            bot.world.oms.fail(ref.oms_id, FULL)

        await bot.poll(INTERVAL)

        assert await bot.kinds(BETA) == await bot.kinds(GAMMA) == [EventKind.STEP_FAILED]
        assert bot.poller._under_way.number("default") == 0, "the claims of all are let go"


async def test_news_that_came_meanwhile_shares_a_transaction_as_long_as_that_is_short(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rigged(sqlite_database) as bot:
        for ref in (ALPHA, BETA, GAMMA):
            await bot.subscribe(ref)
        await bot.poll(INTERVAL)
        taker = bot.poller._intake
        store_each, shared = taker._store_each, []

        async def counted(conn: Connection, *, some: Sequence[Answered]) -> Sequence[Told]:
            told = await store_each(conn, some=some)
            shared.append(len(told))
            return told

        monkeypatch.setattr(taker, "_store_each", counted)
        monkeypatch.setattr(answer_batches, "NEWS_S", HOUR)
        taker._news._most, taker._news._gather_s = 3, HOUR
        for ref in (ALPHA, BETA, GAMMA):
            bot.world.oms.fail(ref.oms_id, FULL)
        await bot.poll(INTERVAL)
        assert shared == [3]

        monkeypatch.setattr(answer_batches, "NEWS_S", -1)
        taker._news._gather_s = 0
        for ref in (ALPHA, BETA, GAMMA):
            bot.world.oms.recover(ref.oms_id)
        await bot.poll(INTERVAL)
        assert shared == [3, 1, 1, 1]
        for ref in (ALPHA, BETA, GAMMA):
            assert (await bot.kinds(ref))[:2] == [EventKind.STEP_FAILED, EventKind.STEP_RECOVERED]


async def test_what_another_replica_stored_meanwhile_is_not_taken_for_known(database: Database) -> None:
    async with (
        world(STANDING) as around,
        running(database, around) as one,
        running(database, around) as two,
    ):
        await one.subscribe()
        for bot in (one, one, two, one, two):
            await bot.poll(INTERVAL)
        around.oms.fail(ALPHA.oms_id, FULL)
        for bot in (two, one, two, one):
            await bot.poll(INTERVAL)
        assert await one.kinds() == [EventKind.STEP_FAILED]


async def test_many_answers_at_once_are_stored_in_batches(sqlite_database: Database) -> None:
    refs = [ProjectRef("default", f"np_{number:04}") for number in range(60)]
    fleet = [SimulatedProject(ref.oms_id, "stalled", ref.oms_id, 200) for ref in refs]
    async with rigged(sqlite_database, projects=fleet) as bot:
        for ref in refs:
            await bot.subscribe(ref)
        assert await bot.poll(INTERVAL) == 60
        assert await bot.poll(2 * INTERVAL) == 60
        for ref in refs:
            assert (await bot.stored(ref)).observed_at == bot.clock()
        bot.clock.forward(HOUR + SECOND)
        assert await bot.poll() == 60
        assert (await bot.kinds(refs[0]))[0] is EventKind.STEP_STALLED
