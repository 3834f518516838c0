"""The samples of projects' steps: added by polls, thinned at night."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from sqlalchemy import BigInteger, delete, func, literal, select

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.statements import in_chunks, insert_ignore
from omsbot.db.schema import samples
from omsbot.domain.project.samples import KEPT_MS, TIERS, Sample

THIN_LIMIT = 5_000  # samples deleted by one transaction at most
LARGEST = 2**63 - 1


async def add(conn: Connection, project_id: int, taken: Sequence[Sample]) -> None:
    """Store samples of a project; one that is there already for its step and time stays as it is."""
    await add_all(conn, [(project_id, taken)])


async def add_all(conn: Connection, taken: Iterable[tuple[int, Sequence[Sample]]]) -> None:
    """Store the samples of many projects, given with their ids."""
    rows = [
        {
            "project_id": project_id,
            "step": one.step,
            "at": one.at,
            "progress": one.progress,
            "records": _stored(one.records),
            "rps": _stored(one.rps),
            "lag_s": _stored(one.lag_s),
        }
        for project_id, of_one in taken
        for one in of_one
    ]
    await insert_ignore(conn, samples, rows)


def _stored(figure: float | None) -> int | None:
    return None if figure is None else min(round(figure), LARGEST)


async def load(
    conn: Connection, project_id: int, *, step: str | None = None, since: int = 0
) -> Sequence[Sample]:
    """The samples of a project, or of one of its steps, from a time on (ms); by step, the oldest first."""
    query = select(samples).where(samples.c.project_id == project_id, samples.c.at >= since)
    if step is not None:
        query = query.where(samples.c.step == step)
    rows = await conn.execute(query.order_by(samples.c.step, samples.c.at))
    return [Sample(row.step, row.at, row.progress, row.records, row.rps, row.lag_s) for row in rows]


async def sampled(conn: Connection) -> Sequence[int]:
    """The projects that have samples."""
    return list((await conn.execute(select(samples.c.project_id).distinct())).scalars())


async def thin(conn: Connection, project_id: int, *, now: int, limit: int = THIN_LIMIT) -> int:
    """Delete what `domain.samples.thinned` does not keep of a project's samples, `limit` of them at most.

    Returns how many were deleted; as many as the limit means that there may be more.
    """
    surplus = await _expired(conn, project_id, now - KEPT_MS, limit)
    for age, width in TIERS:
        if len(surplus) < limit:
            surplus |= await _repeated(conn, project_id, now - age, width, limit - len(surplus))
    for step, keys in groupby(sorted(surplus), key=lambda key: key[0]):
        for times in in_chunks([at for _, at in keys]):
            await conn.execute(
                delete(samples).where(
                    samples.c.project_id == project_id,
                    samples.c.step == step,
                    samples.c.at.in_(times),
                )
            )
    return len(surplus)


async def _expired(conn: Connection, project_id: int, before: int, limit: int) -> set[tuple[str, int]]:
    query = select(samples.c.step, samples.c.at).where(
        samples.c.project_id == project_id, samples.c.at < before
    )
    return {(row.step, row.at) for row in await conn.execute(query.limit(limit))}


async def _repeated(
    conn: Connection, project_id: int, before: int, width: int, limit: int
) -> set[tuple[str, int]]:
    """The samples before a time that are not the first of their bucket."""
    bucket = samples.c.at - samples.c.at % literal(width, BigInteger())
    number = func.row_number().over(partition_by=(samples.c.step, bucket), order_by=samples.c.at)
    numbered = (
        select(samples.c.step, samples.c.at, number.label("number"))
        .where(samples.c.project_id == project_id, samples.c.at < before)
        .subquery()
    )
    query = select(numbered.c.step, numbered.c.at).where(numbered.c.number > 1)
    return {(row.step, row.at) for row in await conn.execute(query.limit(limit))}
