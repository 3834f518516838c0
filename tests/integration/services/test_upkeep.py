"""The work of the night: once a night, whichever replica does it, and made up for after an absence."""

import asyncio
from datetime import datetime

import pytest
from sqlalchemy import func, select

from omsbot.db.engine.engine import Database
from omsbot.db.schema import audit, job_runs
from omsbot.db.schema import samples as samples_table
from omsbot.db.stores import samples
from omsbot.domain.project.samples import DAY_MS, HOUR_MS, Sample
from omsbot.services import upkeep
from omsbot.services.upkeep import Upkeep, night_of
from tests.builders import MINUTE, NOW, SECOND
from tests.integration.db.stored import ALPHA, BETA, followed, two_replicas
from tests.integration.services.rig import Clock

NIGHT_BEGINS = NOW // DAY_MS * DAY_MS + 3 * HOUR_MS


def keeper(database: Database, clock: Clock) -> Upkeep:
    return Upkeep(database, retention_ms=30 * DAY_MS, clock=clock)


async def dirty(database: Database, now: int = NOW) -> None:
    """Two projects with ten samples in one minute two hours ago, and an old row of the audit."""
    async with database.write() as conn:
        for ref in (ALPHA, BETA):
            project = await followed(conn, ref)
            begin = (now - 2 * HOUR_MS) // MINUTE * MINUTE
            await samples.add(conn, project.id, [Sample("A", begin + n * SECOND, 1) for n in range(10)])
        await conn.execute(
            audit.insert().values(at=now - 31 * DAY_MS, actor="U1", action="mute", channel_id="C1")
        )


async def counts(database: Database) -> tuple[int, int]:
    """(samples, rows of the audit)"""
    async with database.read() as conn:
        tables = (samples_table, audit)
        found = [
            (await conn.execute(select(func.count()).select_from(table))).scalar_one() for table in tables
        ]
    return found[0], found[1]


async def test_thins_samples_and_deletes_what_is_old(database: Database) -> None:
    await dirty(database)
    assert await keeper(database, Clock()).run() == 19
    assert await counts(database) == (2, 0)


async def test_does_its_work_once_a_night(sqlite_database: Database) -> None:
    clock = Clock(NIGHT_BEGINS)
    bot = keeper(sqlite_database, clock)
    await bot.run()
    await dirty(sqlite_database, clock.now)
    clock.now = NIGHT_BEGINS + DAY_MS - 1
    assert await bot.run() == 0
    clock.forward(1)
    assert await bot.run() > 0


@pytest.mark.parametrize(
    ("time", "night"),
    [("2026-01-02T02:59:59", "2026-01-01"), ("2026-01-02T03:00:00", "2026-01-02")],
)
def test_a_night_begins_at_three(time: str, night: str) -> None:
    assert night_of(int(datetime.fromisoformat(f"{time}+00:00").timestamp() * 1000)) == night


async def test_a_bot_that_was_away_for_days_does_it_on_its_return(sqlite_database: Database) -> None:
    clock = Clock(NIGHT_BEGINS)
    await keeper(sqlite_database, clock).run()
    await dirty(sqlite_database, clock.forward(3 * DAY_MS + 15 * HOUR_MS))
    assert await keeper(sqlite_database, clock).run() == 19


async def test_replicas_share_the_work_and_do_no_piece_twice(database: Database) -> None:
    await dirty(database)
    async with two_replicas(database) as replicas:
        done = await asyncio.gather(*(keeper(replica, Clock()).run() for replica in replicas))
    assert sum(done) == 19
    assert await counts(database) == (2, 0)


async def test_a_pass_that_ends_in_the_middle_is_gone_on_with(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "PIECES_PER_PASS", 2)
    await dirty(sqlite_database)
    bot, passes = keeper(sqlite_database, Clock()), 0
    while passes == 0 or await _unfinished(sqlite_database):
        await bot.run()
        passes += 1
        assert passes < 20
    assert passes > 3
    assert await counts(sqlite_database) == (2, 0)


async def _unfinished(database: Database) -> bool:
    async with database.read() as conn:
        query = select(job_runs.c.period).where(job_runs.c.period.like("% all"))
        return (await conn.execute(query)).first() is None


async def test_a_piece_of_more_rows_than_one_transaction_takes_is_done_in_several(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omsbot.db.upkeep.retention.ROWS", 3)
    async with sqlite_database.write() as conn:
        for _ in range(10):
            await conn.execute(audit.insert().values(at=1, actor="U1", action="mute", channel_id="C1"))
    assert await keeper(sqlite_database, Clock()).run() == 10
