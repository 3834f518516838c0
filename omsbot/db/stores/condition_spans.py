"""When a project's steps failed, paused or waited: the lives of their conditions, by the bot's clock."""

from collections.abc import Sequence

from sqlalchemy import or_, select

from omsbot.db.engine.connection import Connection
from omsbot.db.schema import conditions
from omsbot.db.subjects import key_of
from omsbot.domain.detection.conditions import ConditionKind
from omsbot.domain.project.subject import Subject
from omsbot.domain.reports.chart import TROUBLES, Spell


async def spells(conn: Connection, subject: Subject, *, since: int) -> Sequence[Spell]:
    """Those that were believed and did not end before a time (ms), the oldest first."""
    rows = await conn.execute(
        select(conditions.c.kind, conditions.c.step, conditions.c.pending_at, conditions.c.cleared_at)
        .where(
            conditions.c.subject == key_of(subject),
            conditions.c.kind.in_(list(TROUBLES)),
            conditions.c.opened_at.is_not(None),
            or_(conditions.c.live == 1, conditions.c.cleared_at >= since),
        )
        .order_by(conditions.c.pending_at, conditions.c.id)
    )
    return [Spell(ConditionKind(row.kind), row.step, row.pending_at, row.cleared_at) for row in rows]
