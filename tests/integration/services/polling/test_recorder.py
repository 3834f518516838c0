"""Writing down what was learnt."""

from dataclasses import replace

from sqlalchemy import select

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.engine import Database
from omsbot.db.schema import deliveries
from omsbot.db.schema import events as table
from omsbot.db.stores import events, silences
from omsbot.domain.detection.conditions import ConditionKind
from omsbot.domain.detection.findings import Cleared, Continued, Finding, Happened, Opened
from omsbot.domain.events import Event, EventKind, Level
from omsbot.domain.project.subject import Project
from omsbot.services.polling.recorder import record
from tests.builders import HOUR, NOW, condition, event
from tests.integration.db.stored import subscribed

FAILING = condition(ConditionKind.FAILING, "FULL_TRANSFER")
FAILED, RECOVERED, STARTED = (
    event(kind) for kind in (EventKind.STEP_FAILED, EventKind.STEP_RECOVERED, EventKind.STEP_STARTED)
)


async def recorded(conn: Connection, *findings: Finding, version: int = 1) -> tuple[Event, ...]:
    live = await events.live(conn, Project(1))
    return await record(conn, Project(1), findings, live, version=version, now=NOW)


async def test_events_are_stored_in_order_with_the_conditions_that_they_open(database: Database) -> None:
    async with database.write() as conn:
        told = await recorded(conn, Happened(STARTED), Opened(FAILING, FAILED))

        (live,) = await events.live(conn, Project(1))
        rows = await conn.execute(
            select(table.c.kind, table.c.version, table.c.ordinal, table.c.condition_id).order_by(
                table.c.ordinal
            )
        )

    assert told == (STARTED, FAILED)
    assert live.condition == FAILING
    assert [tuple(row) for row in rows] == [("step_started", 1, 0, None), ("step_failed", 1, 1, live.id)]


async def test_a_condition_that_comes_again_or_ends_keeps_its_row(database: Database) -> None:
    again = replace(FAILING, seen_at=NOW + 1, count=2)
    async with database.write() as conn:
        await recorded(conn, Opened(FAILING, FAILED))
        await recorded(conn, Continued(again, FAILED), version=2)
        (live,) = await events.live(conn, Project(1))
        assert live.condition == again

        await recorded(conn, Cleared(again, RECOVERED), version=3)

        assert await events.live(conn, Project(1)) == []
        ids = await conn.execute(select(table.c.condition_id))
        assert set(ids.scalars()) == {live.id}


async def test_a_suspicion_is_kept_and_tells_nobody(database: Database) -> None:
    doubt = condition(ConditionKind.UNREADABLE, opened=False)
    async with database.write() as conn:
        await subscribed(conn, Project(1))
        assert await recorded(conn, Opened(doubt)) == ()
        assert await recorded(conn, Cleared(doubt)) == ()

        assert (await conn.execute(select(deliveries.c.id))).all() == []


async def test_each_follower_gets_its_delivery_with_its_reason(database: Database) -> None:
    async with database.write() as conn:
        everything = await subscribed(conn, Project(1))
        failures = await subscribed(conn, Project(1), channel_id="C2", level=Level.FAILURES)
        muted = await subscribed(conn, Project(1), channel_id="C3")
        await silences.start(conn, "C3", Project(1), until=NOW + HOUR, actor="U1", now=NOW)
        await subscribed(conn, Project(2), channel_id="C4")

        await recorded(conn, Happened(STARTED))

        columns = (
            deliveries.c.subscription_id,
            deliveries.c.state,
            deliveries.c.reason,
            deliveries.c.not_before,
        )
        rows = {row[0]: tuple(row[1:]) for row in await conn.execute(select(*columns))}

    assert rows == {
        everything: ("pending", "news", NOW),
        failures: ("withheld", "below_level", NOW),
        muted: ("pending", "muted", NOW + HOUR),
    }
