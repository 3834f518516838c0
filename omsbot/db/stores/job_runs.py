"""What is done once a period, whichever replica does it, by a row of the transaction that did it."""

from collections.abc import Collection

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.statements import in_chunks
from omsbot.db.schema import job_runs


async def claim(conn: Connection, job: str, period: str, *, now: int) -> bool:
    """Take a period of a job, for good once this transaction is committed; False if it is taken.

    On a server another transaction that claims the same waits for this one to end.
    """
    if await done(conn, job, [period]):
        return False
    try:
        async with conn.begin_nested():  # a refused insert must not end the whole transaction
            await conn.execute(insert(job_runs).values(job=job, period=period, done_at=now))
    except IntegrityError:
        return False
    return True


async def release(conn: Connection, job: str, period: str) -> None:
    """Give a period back: its work has not come to its end."""
    await conn.execute(delete(job_runs).where(job_runs.c.job == job, job_runs.c.period == period))


async def done(conn: Connection, job: str, periods: Collection[str]) -> set[str]:
    """Which of these periods of a job are taken."""
    found: set[str] = set()
    for some in in_chunks(list(periods)):
        query = select(job_runs.c.period).where(job_runs.c.job == job, job_runs.c.period.in_(some))
        found |= set((await conn.execute(query)).scalars())
    return found
