"""Lost races are run again; nothing else is."""

import asyncio
import sqlite3

import pytest
from sqlalchemy import Update, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from omsbot.db.engine import sqlite
from omsbot.db.engine.connection import Connection
from omsbot.db.engine.engine import Database, transact
from omsbot.db.engine.url import sqlite_file
from omsbot.db.schema import limits
from tests.integration.databases import SERVERS, row_for


async def test_the_result_of_the_work_is_returned_and_its_writes_are_kept(database: Database) -> None:
    async def work(conn: Connection) -> str:
        await conn.execute(limits.insert().values(row_for(limits, method="m", channel_id="C1")))
        return "done"

    assert await transact(database, work) == "done"
    async with database.read() as conn:
        assert (await conn.execute(select(limits.c.channel_id))).scalar_one() == "C1"


@pytest.mark.parametrize("backend", SERVERS, indirect=True)  # SQLite's one writer cannot deadlock
async def test_a_deadlock_is_run_again_until_both_are_done(database: Database) -> None:
    async with database.write() as conn:
        await conn.execute(limits.insert(), [row_for(limits, method="m", channel_id=c) for c in ("A", "B")])
    both = asyncio.Barrier(2)
    runs: list[str] = []

    async def touch(first: str, second: str) -> None:
        async def work(conn: Connection) -> None:
            runs.append(first)
            await conn.execute(increment(first))
            if len(runs) <= 2:
                await both.wait()
            await conn.execute(increment(second))

        await transact(database, work)

    await asyncio.gather(touch("A", "B"), touch("B", "A"))
    async with database.read() as conn:
        assert (await conn.execute(select(limits.c.next_at))).scalars().all() == [2, 2]
    assert len(runs) == 3


async def test_a_file_locked_by_another_program_is_waited_for_while_the_loop_goes_on(
    sqlite_database: Database,
) -> None:
    other = held_by_another_program(sqlite_database)
    waiting = asyncio.create_task(transact(sqlite_database, one_of))
    moments = 0
    while moments < 20 and not waiting.done():
        await asyncio.sleep(0.005)
        moments += 1
    other.close()
    assert (await waiting, moments) == (1, 20)


async def test_who_waits_for_another_program_can_be_cancelled(sqlite_database: Database) -> None:
    other = held_by_another_program(sqlite_database)
    waiting = asyncio.create_task(transact(sqlite_database, one_of))
    await asyncio.sleep(0.05)
    waiting.cancel()
    await asyncio.wait([waiting])
    other.close()
    assert waiting.cancelled()
    assert await transact(sqlite_database, one_of) == 1


async def test_a_file_locked_by_another_program_is_tried_again(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_S", 0.05)
    other = held_by_another_program(sqlite_database)

    def let_go() -> float:
        other.close()
        return 0.0

    sqlite_database.chance = let_go
    assert await transact(sqlite_database, one_of) == 1


async def test_after_the_last_attempt_the_error_passes(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_S", 0.05)
    other = held_by_another_program(sqlite_database)
    waits: list[str] = []

    def wait() -> float:
        waits.append("waited")
        return 0.0

    async def work(conn: Connection) -> None:
        raise AssertionError("never begun")

    sqlite_database.chance = wait
    with pytest.raises(DBAPIError, match="locked"):
        await transact(sqlite_database, work, attempts=3)
    other.close()
    assert len(waits) == 2


async def test_any_other_error_passes_at_once(database: Database) -> None:
    runs: list[int] = []

    async def work(conn: Connection) -> None:
        runs.append(1)
        for _ in range(2):
            await conn.execute(limits.insert().values(row_for(limits, method="m", channel_id="C1")))

    with pytest.raises(IntegrityError):
        await transact(database, work)
    assert runs == [1]


def increment(channel: str) -> Update:
    return limits.update().where(limits.c.channel_id == channel).values(next_at=limits.c.next_at + 1)


async def one_of(conn: Connection) -> int:
    return int((await conn.execute(text("SELECT 1"))).scalar_one())


def held_by_another_program(database: Database) -> sqlite3.Connection:
    other = sqlite3.connect(sqlite_file(database.url), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other
