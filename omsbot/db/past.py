"""What failed before: the newest failure of a step that was over when the next one was seen."""

from collections.abc import Mapping

from sqlalchemy import and_, func, or_, select

from omsbot.db.connection import Connection
from omsbot.db.schema import conditions, events
from omsbot.domain.conditions import ConditionKind
from omsbot.domain.events import EventKind
from omsbot.domain.past import PastFailure


async def before(conn: Connection, subject: str, failed: Mapping[str, int]) -> dict[str, PastFailure]:
    """By step, its newest failure that was over at a time; `failed` maps steps to these times."""
    if not failed:
        return {}
    over = (and_(conditions.c.step == step, conditions.c.cleared_at <= at) for step, at in failed.items())
    failing = and_(
        conditions.c.subject == subject,
        conditions.c.kind == ConditionKind.FAILING,
        conditions.c.opened_at.is_not(None),
    )
    newest = (
        select(conditions.c.step, func.max(conditions.c.cleared_at).label("cleared_at"))
        .where(failing, or_(*over))
        .group_by(conditions.c.step)
        .subquery()
    )
    recovered = select(events.c.id).where(
        events.c.condition_id == conditions.c.id, events.c.kind == EventKind.STEP_RECOVERED
    )
    rows = await conn.execute(
        select(
            conditions.c.step,
            conditions.c.since_at,
            conditions.c.cleared_at,
            recovered.exists().label("recovered"),
        )
        .join(
            newest,
            and_(newest.c.step == conditions.c.step, newest.c.cleared_at == conditions.c.cleared_at),
        )
        .where(failing)
    )
    return {
        row.step: PastFailure(row.since_at, max(0, row.cleared_at - row.since_at) if row.recovered else None)
        for row in rows
    }
