import time

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from omsbot.db.engine import Database
from omsbot.db.schema import audit, job_runs, limits, snapshots
from omsbot.db.statements import insert_ignore, insert_once, insert_returning_id, now_ms, upsert
from tests.integration.databases import row_for

RUN = {"job": "digest", "period": "2026-01-01", "done_at": 1}


async def test_each_inserted_row_gets_an_id_that_finds_it(database: Database) -> None:
    async with database.write() as conn:
        ids = [await insert_returning_id(conn, audit, row_for(audit, actor=f"U{n}")) for n in range(3)]
        found = await conn.execute(select(audit.c.actor).where(audit.c.id == ids[1]))
        assert found.scalar_one() == "U1"
    assert len(set(ids)) == 3


async def test_rows_that_are_there_already_are_left_as_they_are(database: Database) -> None:
    async with database.write() as conn:
        await insert_ignore(conn, job_runs, [RUN])
        await insert_ignore(conn, job_runs, [{**RUN, "done_at": 2}, {**RUN, "period": "next", "done_at": 3}])
        await insert_ignore(conn, job_runs, [])
        rows = await conn.execute(select(job_runs.c.done_at).order_by(job_runs.c.done_at))
        assert rows.scalars().all() == [1, 3]


async def test_ignoring_duplicates_lets_no_other_mistake_through(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.write() as conn:
            await insert_ignore(conn, snapshots, [row_for(snapshots, project_id=404)])


async def test_inserting_once_says_who_was_first(database: Database) -> None:
    async with database.write() as conn:
        assert await insert_once(conn, job_runs, RUN)
        assert not await insert_once(conn, job_runs, RUN)
        assert await insert_once(conn, job_runs, {**RUN, "period": "next"})
        assert (await conn.execute(select(func.count()).select_from(job_runs))).scalar_one() == 2


async def test_inserting_once_lets_no_other_mistake_through(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.write() as conn:
            await insert_once(conn, snapshots, row_for(snapshots, project_id=404))


async def test_an_upsert_sets_only_the_named_columns_of_a_row_that_is_there(database: Database) -> None:
    key = {"method": "chat.postMessage", "channel_id": "C1"}
    async with database.write() as conn:
        await upsert(conn, limits, [row_for(limits, **key, next_at=1, blocked_until=5)], ["next_at"])
        await upsert(conn, limits, [row_for(limits, **key, next_at=2, blocked_until=6)], ["next_at"])
        await upsert(conn, limits, [], ["next_at"])
        rows = await conn.execute(select(limits.c.next_at, limits.c.blocked_until))
        assert [tuple(row) for row in rows] == [(2, 5)]


async def test_a_server_tells_its_time_and_a_file_has_none(database: Database) -> None:
    before = int(time.time() * 1000)
    async with database.read() as conn:
        told = await now_ms(conn)
    if database.dialect == "sqlite":
        assert told is None
    else:
        assert told is not None
        assert abs(told - before) < 60_000
