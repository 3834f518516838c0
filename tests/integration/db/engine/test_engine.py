"""Transactions, on each kind of database."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.engine import Database
from omsbot.db.schema import latest, limits
from tests.integration.databases import SERVERS, row_for

LONG_STATEMENTS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n",
    "postgresql": "SELECT 1 FROM pg_sleep(60)",
    "mysql": "SELECT SLEEP(2)",
}

LIMIT = "INSERT INTO limits (method, channel_id, next_at, blocked_until, failures)"
LONG_INSERTS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
    f" {LIMIT} SELECT 'n', i, 0, 0, 0 FROM n",
    "postgresql": f"{LIMIT} SELECT 'n', 'C', 0, 0, 0 FROM pg_sleep(60)",
    "mysql": f"{LIMIT} SELECT 'n', 'C', SLEEP(2), 0, 0",
}


class Broken(Exception):  # noqa: N818  # not an error: the test's own signal
    pass


async def add(conn: Connection, channel: str) -> None:
    await conn.execute(limits.insert().values(row_for(limits, method="m", channel_id=channel)))


async def channels(database: Database) -> list[str]:
    async with database.read() as conn:
        rows = await conn.execute(select(limits.c.channel_id).order_by(limits.c.channel_id))
        return list(rows.scalars())


async def test_a_write_is_there_when_its_block_ends(database: Database) -> None:
    async with database.write() as conn:
        await add(conn, "C1")
    assert await channels(database) == ["C1"]


async def test_a_write_that_raises_leaves_nothing(database: Database) -> None:
    async def write() -> None:
        async with database.write() as conn:
            await add(conn, "C1")
            raise Broken

    with pytest.raises(Broken):
        await write()
    assert await channels(database) == []


async def test_a_statement_that_fails_takes_the_whole_transaction_with_it(database: Database) -> None:
    async def write() -> None:
        async with database.write() as conn:
            await add(conn, "C1")
            await add(conn, "C1")

    with pytest.raises(DBAPIError):
        await write()
    async with database.write() as conn:
        await add(conn, "C2")
    assert await channels(database) == ["C2"]


async def test_a_write_cancelled_between_statements_leaves_nothing(database: Database) -> None:
    written = asyncio.Event()

    async def write() -> None:
        async with database.write() as conn:
            await add(conn, "C1")
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write())
    await written.wait()
    await cancel(task)
    async with database.write() as conn:
        await add(conn, "C2")
    assert await channels(database) == ["C2"]


async def test_a_write_cancelled_in_mid_statement_leaves_nothing(database: Database) -> None:
    written = asyncio.Event()

    async def write() -> None:
        async with database.write(slow=True) as conn:
            await add(conn, "C1")
            written.set()
            await conn.execute(text(LONG_STATEMENTS[database.dialect]))

    task = asyncio.create_task(write())
    await written.wait()
    await asyncio.sleep(0.05)  # into the statement; cancelled before it, the test is the one above
    await cancel(task)
    async with database.write() as conn:
        await add(conn, "C2")
    assert await channels(database) == ["C2"]


async def test_a_savepoint_cancelled_in_mid_statement_leaves_nothing(database: Database) -> None:
    written = asyncio.Event()

    async def write() -> None:
        async with database.write(slow=True) as conn, conn.begin_nested():
            await add(conn, "C1")
            written.set()
            await conn.execute(text(LONG_INSERTS[database.dialect]))

    task = asyncio.create_task(write())
    await written.wait()
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert await channels(database) == []


async def test_a_slow_write_leaves_the_loop_free(database: Database) -> None:
    moments = 0

    async def write() -> None:
        async with database.write(slow=True) as conn:
            await conn.execute(text(LONG_STATEMENTS[database.dialect]))

    task = asyncio.create_task(write())
    while moments < 20 and not task.done():
        await asyncio.sleep(0.005)
        moments += 1
    await cancel(task)
    assert moments == 20
    async with database.write() as conn:  # the next is not slow
        await add(conn, "C1")
    assert await channels(database) == ["C1"]


async def test_writes_cancelled_at_any_moment_leave_all_or_nothing(database: Database) -> None:
    async def write(pair: str) -> None:
        async with database.write() as conn:
            await add(conn, f"{pair}-1")
            await add(conn, f"{pair}-2")

    for step in range(40):
        task = asyncio.create_task(write(f"{step:02}"))
        for _ in range(step):
            await asyncio.sleep(0)
        await asyncio.sleep(step * 0.0002)
        await cancel(task)
    async with database.write() as conn:
        await add(conn, "last")
    found = await channels(database)
    assert len(found) % 2 == 1
    assert found[0:-1:2] == [name.replace("-2", "-1") for name in found[1:-1:2]]


async def test_a_commit_that_has_begun_is_finished_before_a_cancellation_is_raised(
    database: Database,
) -> None:
    tasks: list[asyncio.Task[None]] = []
    loop = asyncio.get_running_loop()

    def cancel_now(_: Any) -> None:
        loop.call_soon_threadsafe(tasks[0].cancel)

    async def write() -> None:
        async with database.write() as conn:
            await add(conn, "C1")

    event.listen(database._writer.sync_engine, "commit", cancel_now)
    tasks.append(asyncio.create_task(write()))
    with pytest.raises(asyncio.CancelledError):
        await tasks[0]
    assert await channels(database) == ["C1"]


async def test_a_commit_that_the_database_refuses_leaves_nothing(sqlite_database: Database) -> None:
    async def write() -> None:
        async with sqlite_database.write() as conn:
            await add(conn, "C1")
            await conn.execute(text("PRAGMA defer_foreign_keys = ON"))  # looked at by the commit
            await conn.execute(latest.insert().values(row_for(latest, project_id=404)))

    with pytest.raises(DBAPIError, match="FOREIGN KEY"):
        await write()
    async with sqlite_database.write() as conn:
        await add(conn, "C2")
    assert await channels(sqlite_database) == ["C2"]


async def test_writers_that_lock_their_row_lose_no_update(database: Database) -> None:
    async with database.write() as conn:
        await add(conn, "C1")

    async def increment() -> None:
        async with database.write() as conn:
            seen = (await conn.execute(select(limits.c.next_at).with_for_update())).scalar_one()
            await asyncio.sleep(0)
            await conn.execute(limits.update().values(next_at=seen + 1))

    await asyncio.gather(*(increment() for _ in range(20)))
    async with database.read() as conn:
        assert (await conn.execute(select(limits.c.next_at))).scalar_one() == 20


async def test_a_reader_sees_one_state_while_a_writer_changes_it(database: Database) -> None:
    async with database.read() as reader:
        before = (await reader.execute(select(limits.c.channel_id))).all()
        async with database.write() as writer:
            await add(writer, "C1")
            during = (await reader.execute(select(limits.c.channel_id))).all()
        after = (await reader.execute(select(limits.c.channel_id))).all()
    assert before == during == after == []
    assert await channels(database) == ["C1"]


async def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    async with database.write() as writer:
        await add(writer, "C1")
        assert await channels(database) == []


async def test_a_read_cancelled_in_mid_statement_stops_it_and_leaves_the_connection_to_others(
    database: Database,
) -> None:
    async def read() -> None:
        async with database.read() as conn:
            await conn.execute(text(LONG_STATEMENTS[database.dialect]))

    for _ in range(10):  # more than there are connections
        task = asyncio.create_task(read())
        await asyncio.sleep(0.02)
        await cancel(task)
    assert await channels(database) == []


async def test_many_readers_at_once_all_get_their_turn(database: Database) -> None:
    found = await asyncio.gather(*(channels(database) for _ in range(50)))
    assert found == [[]] * 50


async def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError):
        async with database.read() as conn:
            await add(conn, "C1")
    assert await channels(database) == []


async def test_a_writer_that_waits_for_its_turn_can_be_cancelled(sqlite_database: Database) -> None:
    async with sqlite_database.write() as conn:
        waiting = asyncio.create_task(channels_through_writer(sqlite_database))
        await asyncio.sleep(0)
        await cancel(waiting)
        await add(conn, "C1")
    assert await channels_through_writer(sqlite_database) == 1


async def test_texts_of_every_plane_come_back_as_they_were(database: Database) -> None:
    async with database.write() as conn:
        await add(conn, "数据😀")
    assert await channels(database) == ["数据😀"]


@pytest.mark.parametrize("backend", SERVERS, indirect=True)  # SQLite has no lengths
async def test_a_text_that_does_not_fit_is_an_error_and_never_cut(database: Database) -> None:
    with pytest.raises(DBAPIError):
        async with database.write() as conn:
            await add(conn, "C" * 33)


async def channels_through_writer(database: Database) -> int:
    async with database.write() as conn:
        return len((await conn.execute(select(limits.c.channel_id))).all())


async def cancel(task: "asyncio.Task[Any]") -> None:
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()
