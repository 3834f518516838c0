import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from omsbot.db.engine.engine import Database
from omsbot.db.engine.statements import insert_ignore, insert_returning_id
from omsbot.db.schema import audit, job_runs, latest
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
            await insert_ignore(conn, latest, [row_for(latest, project_id=404)])
