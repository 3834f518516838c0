"""Retention on each database: what is old and over goes, what lives or waits stays, however old it is."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, select

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.engine import Database
from omsbot.db.schema import audit, conditions, deliveries, job_runs, posts
from omsbot.db.schema import events as events_table
from omsbot.db.schema import silences as silences_table
from omsbot.db.stores import audit as audit_store
from omsbot.db.stores import channels, events, outbox, silences
from omsbot.db.upkeep.retention import RULES
from omsbot.domain.detection.conditions import ConditionKind
from omsbot.domain.notify.delivery import DeliveryState, PostKind, PostState, Reason
from omsbot.domain.notify.routing import Routed
from omsbot.domain.project.subject import Project
from tests.builders import NOW, SECOND, condition, event
from tests.integration.db.stored import card_of, followed, posting, stored_event, stream, to_tell

OLD, BEFORE = NOW - 10 * SECOND, NOW - 5 * SECOND


async def clean(conn: Connection, *names: str, limit: int = 100) -> list[int]:
    return [await RULES[name](conn, BEFORE, limit) for name in names or RULES]


async def left(conn: Connection, table: Table, column: str = "id") -> Sequence[Any]:
    return list((await conn.execute(select(table.c[column]).order_by(table.c[column]))).scalars())


async def told(conn: Connection, stream_id: int, state: DeliveryState, version: int) -> int:
    number = await stored_event(conn, event(at=OLD), version=version)
    await outbox.add_deliveries(conn, number, [Routed(stream_id, state, Reason.NEWS, OLD)])
    return number


async def test_old_events_go_with_what_became_of_them_and_open_ones_stay(database: Database) -> None:
    async with database.write() as conn:
        one = await stream(conn)
        for version, state in enumerate([DeliveryState.TOLD, DeliveryState.WITHHELD, DeliveryState.FAILED]):
            await told(conn, one, state, version)
        waits = await told(conn, one, DeliveryState.PENDING, 7)
        in_flight = await told(conn, one, DeliveryState.SENDING, 8)
        young = await to_tell(conn, [one], event(at=NOW), version=9)
        assert await clean(conn, "events") == [3]
        assert await left(conn, events_table) == [waits, in_flight, young]
        assert sorted(await left(conn, deliveries, "event_id")) == [waits, in_flight, young]


async def test_what_holds_still_keeps_its_events_and_what_is_over_goes_after_them(database: Database) -> None:
    async with database.write() as conn:
        lives = await events.open_condition(conn, Project(1), condition(ConditionKind.FAILING, "A", at=OLD))
        over = await events.open_condition(conn, Project(1), condition(ConditionKind.FAILING, "B", at=OLD))
        recent = await events.open_condition(conn, Project(1), condition(ConditionKind.FAILING, "C", at=OLD))
        kept = await stored_event(conn, event(at=OLD), version=1, condition_id=lives)
        await stored_event(conn, event(at=OLD), version=2, condition_id=over)
        await events.clear_condition(conn, over, now=OLD)
        await events.clear_condition(conn, recent, now=NOW)
        assert await clean(conn, "conditions") == [0]
        assert await clean(conn, "events", "conditions") == [1, 1]
        assert await left(conn, conditions) == [lives, recent]
        assert await left(conn, events_table) == [kept]


async def test_an_old_post_goes_but_no_card_and_none_whose_fate_is_open(database: Database) -> None:
    async with database.write() as conn:
        one = await stream(conn)
        card = await card_of(conn, one)
        ended = [
            await posting(conn, one, uuid=f"ended-{state}", now=OLD)
            for state in (PostState.SENT, PostState.FAILED, PostState.DISSOLVED)
        ]
        for post, state in zip(ended, (PostState.SENT, PostState.FAILED, PostState.DISSOLVED), strict=True):
            await outbox.move_post(conn, post, state)
        twin = await posting(conn, one, uuid="twin", now=OLD)
        await outbox.move_post(conn, twin, PostState.DISSOLVED, due_at=NOW)
        sending = await posting(conn, one, uuid="sending", now=OLD)
        unknown = await posting(conn, one, uuid="unknown", now=OLD)
        await outbox.move_post(conn, unknown, PostState.UNKNOWN, due_at=NOW)
        replaced = await posting(conn, one, uuid="old card", kind=PostKind.CARD, now=OLD)
        await outbox.move_post(conn, replaced, PostState.SENT)
        young = await posting(conn, one, uuid="young")
        await outbox.move_post(conn, young, PostState.SENT)
        assert await clean(conn, "posts") == [3]
        kept = [card, twin, sending, unknown, replaced, young]
        assert await left(conn, posts) == sorted(post.id for post in kept)


async def test_old_silences_audit_rows_and_job_runs_go(database: Database) -> None:
    async with database.write() as conn:
        await channels.ensure(conn, "C1", "T1")
        for subject, until in ((Project(1), OLD), (Project(2), NOW)):
            await silences.start(conn, "C1", subject, until=until, actor="U1", now=OLD)
        for at in (OLD, NOW):
            await audit_store.note(conn, actor="U1", action="mute", channel_id="C1", scope=Project(1), now=at)
            await conn.execute(job_runs.insert().values(job="chart", period=str(at), done_at=at))
        assert await clean(conn, "silences", "audit", "job_runs") == [1, 1, 1]
        assert await left(conn, silences_table, "until_at") == [NOW]
        assert await left(conn, audit, "at") == [NOW]
        assert await left(conn, job_runs, "done_at") == [NOW]


async def test_one_transaction_deletes_no_more_than_its_limit(database: Database) -> None:
    async with database.write() as conn:
        project = await followed(conn)
        for version in range(5):
            await stored_event(conn, event(at=OLD), subject=project.subject, version=version)
        assert await clean(conn, "events", limit=2) == [2]
        assert await clean(conn, "events", limit=10) == [3]
