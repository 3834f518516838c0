"""Deleting what is old and over; what lives, waits, is on its way or is in a channel is never touched.

Each rule deletes `limit` rows at most and returns how many, so that a caller can keep its transactions short.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, exists, select

from omsbot.db.engine.connection import Connection
from omsbot.db.schema import (
    audit,
    conditions,
    deliveries,
    events,
    job_runs,
    posts,
    silences,
    subscriptions,
)
from omsbot.domain.notify.delivery import DeliveryState, PostKind, PostState

ROWS = 1_000  # deleted by one transaction at most
OPEN = (DeliveryState.PENDING, DeliveryState.SENDING)
ON_ITS_WAY = (PostState.SENDING, PostState.UNKNOWN)

Rule = Callable[[Connection, int, int], Awaitable[int]]


async def _old_events(conn: Connection, before: int, limit: int) -> int:
    """Events, and with each what became of it for every subscription."""
    told = ~exists().where(deliveries.c.event_id == events.c.id, deliveries.c.state.in_(OPEN))
    over = ~exists().where(conditions.c.id == events.c.condition_id, conditions.c.live == 1)
    old = and_(events.c.observed_at < before, told, over)
    return await _delete(conn, events, events.c.id, old, limit)


async def _old_conditions(conn: Connection, before: int, limit: int) -> int:
    """Conditions that ended, once no event rests on them any more."""
    old = and_(
        conditions.c.live.is_(None),
        conditions.c.cleared_at < before,
        ~exists().where(events.c.condition_id == conditions.c.id),
    )
    return await _delete(conn, conditions, conditions.c.id, old, limit)


async def _old_posts(conn: Connection, before: int, limit: int) -> int:
    """Posts of news whose fate is known, and whose first copy no longer has to be looked for."""
    old = and_(
        posts.c.started_at < before,
        posts.c.kind != PostKind.CARD,
        posts.c.state.not_in(ON_ITS_WAY),
        posts.c.due_at.is_(None),
        ~exists().where(subscriptions.c.post_id == posts.c.id),
        ~exists().where(deliveries.c.post_id == posts.c.id, deliveries.c.state.in_(OPEN)),
    )
    return await _delete(conn, posts, posts.c.id, old, limit)


async def _old_silences(conn: Connection, before: int, limit: int) -> int:
    return await _delete(conn, silences, silences.c.id, silences.c.until_at < before, limit)


async def _old_audit(conn: Connection, before: int, limit: int) -> int:
    return await _delete(conn, audit, audit.c.id, audit.c.at < before, limit)


async def _old_job_runs(conn: Connection, before: int, limit: int) -> int:
    """All of them at once: they are few and small."""
    return (await conn.execute(delete(job_runs).where(job_runs.c.done_at < before))).rowcount


async def _delete(conn: Connection, table: Table, key: Any, old: ColumnElement[bool], limit: int) -> int:
    ids = list((await conn.execute(select(key).where(old).limit(limit))).scalars())
    if not ids:
        return 0
    return (await conn.execute(delete(table).where(key.in_(ids), old))).rowcount


# in this order: a condition goes after the events that rest on it
RULES: Mapping[str, Rule] = {
    "events": _old_events,
    "conditions": _old_conditions,
    "posts": _old_posts,
    "silences": _old_silences,
    "audit": _old_audit,
    "job_runs": _old_job_runs,
}
