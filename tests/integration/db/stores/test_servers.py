"""What is kept of each OMS server, and who may probe one that does not answer."""

import asyncio

from omsbot.db.engine.engine import Database, transact
from omsbot.db.stores import servers
from omsbot.domain.detection.outages import ServerHealth, ServerState
from tests.builders import MINUTE, NOW
from tests.integration.db.stored import two_replicas

AWAY = ServerState(ServerHealth.UNREACHABLE, since_at=NOW, failures=3, probe_at=NOW + MINUTE)
ERROR = ("unreachable", "OMS cannot be reached: 连接被拒绝")


async def away(database: Database) -> None:
    async with database.write() as conn:
        await servers.ensure(conn, "default", now=NOW)
        _, version = await servers.lock(conn, "default")
        await servers.store(conn, "default", AWAY, version + 1, ERROR)


async def test_a_new_server_is_well_and_is_made_once(database: Database) -> None:
    async with database.write() as conn:
        await servers.ensure(conn, "default", now=NOW)
        await servers.ensure(conn, "default", now=NOW + 1)
        assert await servers.lock(conn, "default") == (ServerState(since_at=NOW), 0)
        assert await servers.problem(conn, "default") is None
        assert await servers.problem(conn, "nobody's") is None


async def test_a_judged_state_is_kept_with_its_error(database: Database) -> None:
    await away(database)

    async with database.read() as conn:
        assert await servers.states(conn) == {"default": AWAY}
        assert await servers.problem(conn, "default") == (ERROR[1], NOW)


async def test_a_server_that_is_back_has_no_problem(database: Database) -> None:
    await away(database)

    async with database.write() as conn:
        await servers.store(conn, "default", ServerState(since_at=NOW), 2, None)
        assert await servers.problem(conn, "default") is None


async def test_of_two_replicas_one_gets_the_probe(database: Database) -> None:
    await away(database)
    due = NOW + MINUTE

    async with two_replicas(database) as replicas:
        won = await asyncio.gather(
            *(
                transact(one, lambda conn: servers.claim_probe(conn, "default", now=due, until=due + MINUTE))
                for one in replicas
            )
        )

    assert sorted(won) == [False, True]


async def test_a_server_is_not_probed_before_its_time_nor_while_it_is_well(database: Database) -> None:
    await away(database)

    async with database.write() as conn:
        await servers.ensure(conn, "well", now=NOW)
        assert not await servers.claim_probe(conn, "default", now=NOW + MINUTE - 1, until=NOW + 2 * MINUTE)
        assert not await servers.claim_probe(conn, "well", now=NOW + MINUTE, until=NOW + 2 * MINUTE)


async def test_after_a_restart_a_server_that_was_away_may_be_probed_at_once(database: Database) -> None:
    await away(database)

    async with database.write() as conn:
        await servers.recover(conn, now=NOW + 1)
        assert await servers.claim_probe(conn, "default", now=NOW + 1, until=NOW + MINUTE)
