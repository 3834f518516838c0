"""Work that is done once a period, whoever does it."""

import asyncio

import pytest

from omsbot.db.engine.engine import Database, transact
from omsbot.db.stores import job_runs
from tests.builders import NOW
from tests.integration.db.stored import two_replicas


async def test_a_period_is_taken_once(database: Database) -> None:
    async with database.write() as conn:
        assert await job_runs.claim(conn, "thin", "2026-01-01", now=NOW)
        assert not await job_runs.claim(conn, "thin", "2026-01-01", now=NOW)
        assert await job_runs.claim(conn, "thin", "2026-01-02", now=NOW)
        assert await job_runs.claim(conn, "chart", "2026-01-01", now=NOW)
        assert await job_runs.done(conn, "thin", ["2026-01-01", "2026-01-02", "2026-01-03"]) == {
            "2026-01-01",
            "2026-01-02",
        }


async def test_of_two_replicas_one_takes_it_and_the_other_can_go_on(database: Database) -> None:
    async with two_replicas(database) as replicas:
        both_ask = asyncio.Barrier(2)

        async def claim(replica: Database) -> bool:
            await both_ask.wait()
            async with replica.write() as conn:
                won = await job_runs.claim(conn, "thin", "2026-01-01", now=NOW)
                assert await job_runs.done(conn, "thin", ["2026-01-01"]) == {"2026-01-01"}
                return won

        assert sorted(await asyncio.gather(*map(claim, replicas))) == [False, True]


async def test_work_that_fails_leaves_its_period_to_the_next_try(database: Database) -> None:
    async def work(conn: object) -> None:
        await job_runs.claim(conn, "thin", "2026-01-01", now=NOW)  # type: ignore[arg-type]
        raise OSError("killed")

    with pytest.raises(OSError, match="killed"):
        await transact(database, work)
    async with database.write() as conn:
        assert await job_runs.claim(conn, "thin", "2026-01-01", now=NOW)
        await job_runs.release(conn, "thin", "2026-01-01")
        assert await job_runs.done(conn, "thin", ["2026-01-01"]) == set()
