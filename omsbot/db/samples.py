"""The samples of projects' steps."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from omsbot.db.schema import samples
from omsbot.domain.samples import Sample


async def load(
    conn: AsyncConnection, project_id: int, *, step: str | None = None, since: int = 0
) -> Sequence[Sample]:
    """The samples of a project, or of one of its steps, from a time on (ms); by step, the oldest first."""
    query = select(samples).where(samples.c.project_id == project_id, samples.c.at >= since)
    if step is not None:
        query = query.where(samples.c.step == step)
    rows = await conn.execute(query.order_by(samples.c.step, samples.c.at))
    return [Sample(row.step, row.at, row.progress, row.records, row.rps, row.lag_s) for row in rows]
