"""Events and the conditions that they open and end, by subject."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select, update

from omsbot.db.codec import dump_event, load_event
from omsbot.db.engine.connection import Connection
from omsbot.db.engine.statements import insert_returning_id
from omsbot.db.schema import conditions, deliveries, events
from omsbot.db.subjects import key_of, subject_of
from omsbot.domain.detection.conditions import Condition, ConditionKind
from omsbot.domain.events import Event
from omsbot.domain.project.subject import Subject
from omsbot.domain.views import HistoryEntry


@dataclass(frozen=True, slots=True)
class LiveCondition:
    id: int
    condition: Condition


async def live(conn: Connection, subject: Subject) -> Sequence[LiveCondition]:
    return (await live_of(conn, [subject]))[subject]


LIVE = select(conditions, conditions.c.count.label("times")).where(
    conditions.c.subject.in_(bindparam("subjects", expanding=True)), conditions.c.live == 1
)


async def live_of(conn: Connection, subjects: Sequence[Subject]) -> Mapping[Subject, Sequence[LiveCondition]]:
    """The live conditions of each of these subjects."""
    found: dict[Subject, list[LiveCondition]] = {subject: [] for subject in subjects}
    for row in await conn.execute(LIVE, {"subjects": [key_of(subject) for subject in subjects]}):
        found[subject_of(row.subject)].append(LiveCondition(row.id, _condition(row)))
    return found


def _condition(row: Row[Any]) -> Condition:
    return Condition(
        kind=ConditionKind(row.kind),
        step=row.step,
        pending_at=row.pending_at,
        seen_at=row.seen_at,
        since_at=row.since_at,
        opened_at=row.opened_at,
        count=row.times,
        reminded_at=row.reminded_at,
    )


async def open_condition(conn: Connection, subject: Subject, condition: Condition) -> int:
    values = {
        "subject": key_of(subject),
        "step": condition.step,
        "kind": condition.kind,
        "live": 1,
        "since_at": condition.since_at,
        "pending_at": condition.pending_at,
        "opened_at": condition.opened_at,
        "seen_at": condition.seen_at,
        "count": condition.count,
    }
    return await insert_returning_id(conn, conditions, values)


async def keep_condition(conn: Connection, condition_id: int, condition: Condition) -> None:
    await conn.execute(
        update(conditions)
        .where(conditions.c.id == condition_id)
        .values(
            seen_at=condition.seen_at,
            opened_at=condition.opened_at,
            count=condition.count,
            reminded_at=condition.reminded_at,
        )
    )


async def clear_condition(conn: Connection, condition_id: int, *, now: int) -> None:
    await conn.execute(
        update(conditions).where(conditions.c.id == condition_id).values(live=None, cleared_at=now)
    )


async def add(
    conn: Connection, subject: Subject, event: Event, *, version: int, ordinal: int, condition_id: int | None
) -> int:
    values = {
        "subject": key_of(subject),
        "version": version,
        "ordinal": ordinal,
        "kind": event.kind,
        "step": event.step,
        "severity": event.severity,
        "observed_at": event.observed_at,
        "condition_id": condition_id,
        "body": dump_event(event),
    }
    return await insert_returning_id(conn, events, values)


async def openings(conn: Connection, subject: Subject) -> Sequence[tuple[int, Event]]:
    """The newest event of each condition that is open now: what a new subscriber must hear, oldest first."""
    last = (
        select(func.max(events.c.id))
        .join(conditions, conditions.c.id == events.c.condition_id)
        .where(
            conditions.c.subject == key_of(subject),
            conditions.c.live == 1,
            conditions.c.opened_at.is_not(None),
        )
        .group_by(conditions.c.id)
    )
    ids = list((await conn.execute(last)).scalars())
    rows = await conn.execute(
        select(events.c.id, events.c.body).where(events.c.id.in_(ids)).order_by(events.c.id)
    )
    return [(row.id, load_event(row.body)) for row in rows]


async def newest(conn: Connection, subject: Subject, *, limit: int = 2_000) -> Sequence[Event]:
    """The newest events of a subject, the oldest first."""
    query = (
        select(events.c.body)
        .where(events.c.subject == key_of(subject))
        .order_by(events.c.version.desc(), events.c.ordinal.desc())
        .limit(limit)
    )
    return [load_event(row.body) for row in reversed((await conn.execute(query)).all())]


async def history(
    conn: Connection, subject: Subject, subscription_id: int | None, *, offset: int, limit: int
) -> tuple[Sequence[HistoryEntry], int]:
    """A subject's events, newest first, each with what became of it for a subscription; and their number."""
    total: int = (await conn.execute(_count(subject))).scalar_one()
    query = (
        select(events.c.body, deliveries.c.state, deliveries.c.reason)
        .outerjoin(
            deliveries,
            (deliveries.c.event_id == events.c.id) & (deliveries.c.subscription_id == (subscription_id or 0)),
        )
        .where(events.c.subject == key_of(subject))
        .order_by(events.c.version.desc(), events.c.ordinal.desc())
        .offset(offset)
        .limit(limit)
    )
    rows = await conn.execute(query)
    return [HistoryEntry(load_event(row.body), row.state, row.reason) for row in rows], total


def _count(subject: Subject) -> Select[int]:
    return select(func.count()).select_from(events).where(events.c.subject == key_of(subject))
