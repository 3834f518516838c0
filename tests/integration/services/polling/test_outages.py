"""Servers that do not answer: told once, probed by one poll, and no stampede when they are back."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import update

from omsbot.db.engine.engine import Database
from omsbot.db.schema import projects
from omsbot.db.stores.projects import LEASE_MS
from omsbot.domain.events import EventKind
from omsbot.domain.project.project import ProjectRef
from omsbot.sandbox.oms import SimulatedProject
from omsbot.services.polling.poller import PER_SERVER
from tests.builders import MINUTE, SECOND
from tests.integration.services.rig import ALPHA, BETA, INTERVAL, Bot, rigged


@pytest.fixture
async def bot(sqlite_database: Database) -> AsyncIterator[Bot]:
    async with rigged(sqlite_database) as one:
        yield one


async def blind(bot: Bot) -> None:
    """Poll until the server is believed to be away."""
    bot.world.oms.break_with("500")
    for _ in range(3):
        await bot.poll(INTERVAL)
    assert await bot.kinds("default") == [EventKind.SERVER_UNREACHABLE]


async def test_a_server_that_is_away_is_told_once_a_channel_and_not_by_project(bot: Bot) -> None:
    for ref in (ALPHA, BETA):
        await bot.subscribe(ref)
        await bot.subscribe(ref, channel="C2")

    await blind(bot)

    assert await bot.kinds(ALPHA) == await bot.kinds(BETA) == []
    assert await bot.deliveries() == [("server_unreachable", "pending", "news")] * 2


async def test_one_poll_at_a_time_probes_a_server_that_is_away_ever_more_seldom(bot: Bot) -> None:
    for ref in (ALPHA, BETA):
        await bot.subscribe(ref)
    await blind(bot)
    asked = bot.world.oms.asked.total()

    probes = [await bot.poll(2 * SECOND) for _ in range(5 * 60)]

    assert max(probes) == 1
    assert 3 <= sum(probes) <= 15
    assert bot.world.oms.asked.total() == asked + sum(probes)


async def test_the_return_of_a_server_is_told_once_and_is_no_stampede(sqlite_database: Database) -> None:
    refs = [ProjectRef("default", f"np_{number:04}") for number in range(20)]
    fleet = [SimulatedProject(ref.oms_id, "slow", ref.oms_id, 600) for ref in refs]
    async with rigged(sqlite_database, projects=fleet) as bot:
        for ref in refs:
            await bot.subscribe(ref)
        await blind(bot)
        bot.world.oms.break_with("none")

        assert await bot.poll(10 * MINUTE) == 1
        assert await bot.kinds("default") == [EventKind.SERVER_UNREACHABLE, EventKind.SERVER_BACK]
        polled = [await bot.poll(SECOND) for _ in range(10)]

        assert sum(polled) == 19 + 1, "each once in an interval, and the first one again at its end"
        assert max(polled) <= 3


async def test_a_rejected_login_is_told_at_once_and_stops_all_polls_but_the_probe(bot: Bot) -> None:
    for ref in (ALPHA, BETA):
        await bot.subscribe(ref)
    bot.world.oms.break_with("401")

    await bot.poll()

    assert await bot.kinds("default") == [EventKind.SERVER_REJECTS_LOGIN]
    assert await bot.poll(INTERVAL) == 1


async def test_one_lost_answer_proves_nothing(bot: Bot) -> None:
    await bot.subscribe()
    for _ in range(4):
        bot.world.oms.break_with("reset", count=2)
        await bot.poll(INTERVAL)
        await bot.poll(INTERVAL)

    assert await bot.kinds("default") == []
    assert await bot.kinds() == []


async def test_a_server_is_probed_although_nothing_is_due(bot: Bot) -> None:
    await bot.subscribe()
    await blind(bot)
    async with bot.database.write() as conn:
        await conn.execute(update(projects).values(next_poll_at=bot.clock() + 4 * MINUTE))
    bot.world.oms.break_with("none")

    await bot.poll(MINUTE)

    assert (await bot.kinds("default"))[-1] is EventKind.SERVER_BACK


async def test_a_probe_that_was_lost_is_made_up_for_when_its_lease_is_over(bot: Bot) -> None:
    await bot.subscribe()
    await blind(bot)
    bot.clock.forward(MINUTE)
    await bot.claim_polls()
    bot.world.oms.break_with("none")

    assert await bot.poll(LEASE_MS) == 1
    assert (await bot.kinds("default"))[-1] is EventKind.SERVER_BACK


async def test_servers_are_judged_one_by_one(sqlite_database: Database) -> None:
    async with rigged(sqlite_database, servers=("default", "other")) as bot:
        await bot.subscribe(ALPHA)
        await bot.subscribe(ProjectRef("other", BETA.oms_id))
        bot.world.oms.break_with("500", project=ALPHA.oms_id)

        for _ in range(4):
            await bot.poll(INTERVAL)

        assert await bot.kinds("default") == [EventKind.SERVER_UNREACHABLE]
        assert await bot.kinds("other") == []


async def test_a_server_that_hangs_has_so_many_polls_in_flight_and_no_more(bot: Bot) -> None:
    await bot.subscribe(ALPHA)
    await bot.subscribe(BETA)
    bot.poller._under_way._ids["default"] |= set(range(-PER_SERVER, -1))

    assert await bot.poll() == 1
    assert await bot.poll() == 1


async def test_a_server_whose_answers_cannot_be_read_is_told_once_and_not_by_project(
    database: Database,
) -> None:
    async with rigged(database) as bot:
        for ref in (ALPHA, BETA):
            await bot.subscribe(ref)
        await bot.poll()
        bot.world.oms.break_with("html")
        for _ in range(6):
            await bot.poll(INTERVAL)

        assert await bot.kinds("default") == [EventKind.SERVER_GARBLED]
        assert await bot.kinds(ALPHA) == await bot.kinds(BETA) == []
        assert await bot.deliveries() == [("server_garbled", "pending", "news")]
        asked = bot.world.oms.asked.total()
        await bot.poll(MINUTE)
        assert bot.world.oms.asked.total() == asked + 1, "one poll probes the whole server"

        bot.world.oms.break_with("none")
        await bot.poll(10 * MINUTE)
        assert await bot.kinds("default") == [EventKind.SERVER_GARBLED, EventKind.SERVER_BACK]


async def test_one_project_whose_answers_cannot_be_read_is_no_fault_of_the_server(bot: Bot) -> None:
    for ref in (ALPHA, BETA):
        await bot.subscribe(ref)
    bot.world.oms.break_with("html", project=ALPHA.oms_id)
    for _ in range(6):
        await bot.poll(INTERVAL)

    assert await bot.kinds("default") == []
    assert await bot.kinds(ALPHA) == [EventKind.PROJECT_UNREADABLE]
    assert await bot.kinds(BETA) == []
