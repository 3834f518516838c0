"""What failed before: the newest failure of a step that was over when the next one was seen."""

from collections.abc import Mapping

from sqlalchemy import BigInteger, bindparam, exists, select

from omsbot.db.engine.connection import Connection
from omsbot.db.schema import conditions, events
from omsbot.db.subjects import key_of
from omsbot.domain.detection.conditions import ConditionKind
from omsbot.domain.events import EventKind
from omsbot.domain.notify.previous_failure import PastFailure
from omsbot.domain.project.subject import Subject

# built once: every post of a failure asks it
OVER = (
    select(
        conditions.c.step,
        conditions.c.since_at,
        conditions.c.cleared_at,
        exists()
        .where(events.c.condition_id == conditions.c.id, events.c.kind == EventKind.STEP_RECOVERED)
        .label("recovered"),
    )
    .where(
        conditions.c.subject == bindparam("of"),
        conditions.c.kind == ConditionKind.FAILING,
        conditions.c.step.in_(bindparam("steps", expanding=True)),
        conditions.c.opened_at.is_not(None),
        conditions.c.cleared_at <= bindparam("by", type_=BigInteger),
    )
    .order_by(conditions.c.cleared_at)
)


async def before(conn: Connection, subject: Subject, failed: Mapping[str, int]) -> dict[str, PastFailure]:
    """By step, its newest failure that was over at a time; `failed` maps steps to these times."""
    if not failed:
        return {}
    rows = await conn.execute(
        OVER, {"of": key_of(subject), "steps": list(failed), "by": max(failed.values())}
    )
    return {
        row.step: PastFailure(row.since_at, max(0, row.cleared_at - row.since_at) if row.recovered else None)
        for row in rows
        if row.cleared_at <= failed[row.step]
    }
