"""Writing down what was learnt, in the transaction that learnt it: conditions, events, deliveries."""

from collections.abc import Mapping, Sequence
from typing import assert_never

from omsbot.db.engine.connection import Connection
from omsbot.db.stores import events, outbox, silences, subscriptions
from omsbot.db.stores.events import LiveCondition
from omsbot.domain.detection.conditions import ConditionKind
from omsbot.domain.detection.findings import Cleared, Continued, Finding, Happened, Opened
from omsbot.domain.events import Event
from omsbot.domain.notify.routing import route
from omsbot.domain.project.subject import Subject

ConditionIds = Mapping[tuple[ConditionKind, str], int]


async def record(
    conn: Connection,
    subject: Subject,
    findings: Sequence[Finding],
    live: Sequence[LiveCondition],
    *,
    version: int,
    now: int,
) -> tuple[Event, ...]:
    """Store findings about a subject at a version, and a delivery of each event for each follower.

    Returns the events. Nothing is sent here: the outbox is what survives a crash.
    """
    followers = await subscriptions.followers(conn, subject)
    holding = await silences.current(conn, {one.channel_id for one in followers}, now=now)
    ids = {entry.condition.key: entry.id for entry in live}
    told: list[Event] = []
    for finding in findings:
        condition_id = await _apply(conn, subject, finding, ids, now)
        if finding.event is None:
            continue
        event_id = await events.add(
            conn, subject, finding.event, version=version, ordinal=len(told), condition_id=condition_id
        )
        await outbox.add_deliveries(conn, event_id, route(finding.event, followers, holding, now=now))
        told.append(finding.event)
    return tuple(told)


async def _apply(
    conn: Connection, subject: Subject, finding: Finding, ids: ConditionIds, now: int
) -> int | None:
    """Store what a finding does to its condition; returns the condition's id."""
    match finding:
        case Happened():
            return None
        case Opened(condition):
            return await events.open_condition(conn, subject, condition)
        case Continued(condition):
            await events.keep_condition(conn, ids[condition.key], condition)
            return ids[condition.key]
        case Cleared(condition):
            await events.clear_condition(conn, ids[condition.key], now=now)
            return ids[condition.key]
        case _:
            assert_never(finding)
