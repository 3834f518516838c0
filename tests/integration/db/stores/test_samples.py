"""Samples on each database: stored once, read by step and time, thinned by the domain's rule."""

import random
from collections.abc import Sequence

from sqlalchemy import func, select

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.engine import Database
from omsbot.db.schema import samples as table
from omsbot.db.stores import samples
from omsbot.domain.project.samples import DAY_MS, HOUR_MS, KEPT_MS, Sample, thinned
from tests.builders import NOW
from tests.integration.db.stored import ALPHA, BETA, followed


def strewn(seed: int, number: int = 400) -> list[Sample]:
    """Samples of two steps of all ages, dense where thinning has something to do."""
    chance = random.Random(seed)
    spans = (120_000, HOUR_MS, 2 * HOUR_MS, DAY_MS + HOUR_MS, KEPT_MS + DAY_MS)
    keys = {(chance.choice("AB"), NOW - chance.randrange(chance.choice(spans))) for _ in range(number)}
    return [Sample(key, at, progress=at % 100) for key, at in sorted(keys)]


async def stored(conn: Connection, project_id: int) -> Sequence[Sample]:
    return await samples.load(conn, project_id)


async def test_what_is_added_is_read_back_by_step_and_time(database: Database) -> None:
    earlier, later = Sample("A", NOW, 40, 10**12, 800.4, None), Sample("A", NOW + 1, 41)
    stream = Sample("B", NOW, lag_s=42)
    async with database.write() as conn:
        project = await followed(conn)
        await samples.add(conn, project.id, [stream, later, earlier])
        await samples.add(conn, project.id, [])
        assert await samples.load(conn, project.id) == [Sample("A", NOW, 40, 10**12, 800), later, stream]
        assert await samples.load(conn, project.id, step="B") == [stream]
        assert await samples.load(conn, project.id, since=NOW + 1) == [later]
        assert await samples.sampled(conn) == [project.id]


async def test_a_sample_of_the_same_moment_is_ignored(database: Database) -> None:
    async with database.write() as conn:
        project = await followed(conn)
        await samples.add(conn, project.id, [Sample("A", NOW, 40)])
        await samples.add(conn, project.id, [Sample("A", NOW, 99), Sample("A", NOW + 1, 41)])
        assert [one.progress for one in await stored(conn, project.id)] == [40, 41]


async def test_a_figure_that_no_column_holds_is_stored_as_the_largest(database: Database) -> None:
    async with database.write() as conn:
        project = await followed(conn)
        await samples.add(conn, project.id, [Sample("A", NOW, records=10**30, rps=1e300)])
        (found,) = await stored(conn, project.id)
    assert (found.records, found.rps) == (2**63 - 1, 2**63 - 1)


async def test_thinning_keeps_what_the_rule_keeps_and_leaves_other_projects_alone(database: Database) -> None:
    strewn_ones = strewn(1, 1_000)
    async with database.write() as conn:
        alpha, beta = await followed(conn, ALPHA), await followed(conn, BETA)
        await samples.add(conn, alpha.id, strewn_ones)
        await samples.add(conn, beta.id, strewn_ones)
    kept = thinned(strewn_ones, NOW)
    async with database.write() as conn:
        assert await samples.thin(conn, alpha.id, now=NOW) == len(strewn_ones) - len(kept) > 100
        assert await stored(conn, alpha.id) == list(kept)
        assert await stored(conn, beta.id) == strewn_ones
        assert await samples.thin(conn, alpha.id, now=NOW) == 0


async def test_one_transaction_deletes_no_more_than_its_limit(database: Database) -> None:
    strewn_ones = strewn(2)
    surplus = len(strewn_ones) - len(thinned(strewn_ones, NOW))
    async with database.write() as conn:
        project = await followed(conn)
        await samples.add(conn, project.id, strewn_ones)
    counts: list[int] = []
    while not counts or counts[-1] == 60:
        async with database.write() as conn:
            counts.append(await samples.thin(conn, project.id, now=NOW, limit=60))
    assert sum(counts) == surplus
    async with database.read() as conn:
        assert (await conn.execute(select(func.count()).select_from(table))).scalar_one() == len(
            strewn_ones
        ) - surplus
