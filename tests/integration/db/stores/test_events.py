"""Events, and the conditions that they open and end."""

from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from omsbot.db.engine.engine import Database
from omsbot.db.stores import events, outbox
from omsbot.domain.detection.conditions import ConditionKind
from omsbot.domain.events import EventKind, Evidence
from omsbot.domain.notify.delivery import DeliveryState, Reason
from omsbot.domain.notify.routing import Routed
from omsbot.domain.project.subject import Project
from omsbot.domain.views import HistoryEntry
from tests.builders import NOW, condition, event, step
from tests.integration.db.stored import stored_event, stream

FAILING = condition(ConditionKind.FAILING, "FULL_TRANSFER")
FAILED = event(evidence=Evidence(after=step("FULL_TRANSFER", "FAILED", code="X-1"), since_at=NOW))


async def test_a_condition_comes_back_as_it_was_opened(database: Database) -> None:
    doubt = condition(ConditionKind.UNREADABLE, opened=False)
    async with database.write() as conn:
        await events.open_condition(conn, Project(1), FAILING)
        await events.open_condition(conn, Project(1), doubt)
        await events.open_condition(conn, Project(2), FAILING)
        live = await events.live(conn, Project(1))

    assert sorted((entry.condition for entry in live), key=lambda one: one.kind) == [FAILING, doubt]


async def test_a_condition_that_comes_again_is_counted(database: Database) -> None:
    doubt = condition(ConditionKind.UNREADABLE, opened=False)
    believed = replace(doubt, seen_at=NOW + 2, opened_at=NOW + 2, count=3)
    async with database.write() as conn:
        number = await events.open_condition(conn, Project(1), doubt)
        await events.keep_condition(conn, number, believed)
        (entry,) = await events.live(conn, Project(1))

    assert (entry.id, entry.condition) == (number, believed)


async def test_one_condition_of_a_kind_and_step_is_live_and_any_number_are_past(database: Database) -> None:
    async with database.write() as conn:
        for turn in range(3):
            number = await events.open_condition(conn, Project(1), FAILING)
            await events.clear_condition(conn, number, now=NOW + turn)
        await events.open_condition(conn, Project(1), FAILING)
        assert len(await events.live(conn, Project(1))) == 1

    with pytest.raises(IntegrityError):
        async with database.write() as conn:
            await events.open_condition(conn, Project(1), FAILING)


async def test_the_live_conditions_of_different_steps_do_not_meet(database: Database) -> None:
    async with database.write() as conn:
        for key in ("FULL_TRANSFER", "full_transfer", "FULL_TRANSFER#2", ""):
            await events.open_condition(conn, Project(1), condition(ConditionKind.FAILING, key))
        assert len(await events.live(conn, Project(1))) == 4


async def test_an_event_has_one_place_in_the_order_of_its_subject(database: Database) -> None:
    async with database.write() as conn:
        await stored_event(conn, version=1, ordinal=0)
        await stored_event(conn, version=1, ordinal=1)
        await stored_event(conn, version=1, ordinal=0, subject=Project(2))

    with pytest.raises(IntegrityError):
        async with database.write() as conn:
            await stored_event(conn, version=1, ordinal=1)


async def test_what_is_open_is_told_by_the_newest_event_of_each_condition(database: Database) -> None:
    again = replace(FAILED, observed_at=NOW + 1)
    async with database.write() as conn:
        failing = await events.open_condition(conn, Project(1), FAILING)
        doubt = await events.open_condition(
            conn, Project(1), condition(ConditionKind.UNREADABLE, opened=False)
        )
        past = await events.open_condition(conn, Project(1), condition(ConditionKind.PAUSED, "X"))
        await events.clear_condition(conn, past, now=NOW)
        await stored_event(conn, FAILED, version=1, condition_id=failing)
        newest = await stored_event(conn, again, version=2, condition_id=failing)
        await stored_event(conn, event(EventKind.PROJECT_UNREADABLE), version=3, condition_id=doubt)
        await stored_event(conn, event(EventKind.STEP_PAUSED, "X"), version=4, condition_id=past)

        assert await events.openings(conn, Project(1)) == [(newest, again)]
        assert await events.openings(conn, Project(2)) == []


async def test_the_history_is_newest_first_with_what_became_of_each_event(database: Database) -> None:
    started, finished = event(EventKind.STEP_STARTED), event(EventKind.STEP_FINISHED)
    async with database.write() as conn:
        mine, theirs = await stream(conn), await stream(conn, channel_id="C2")
        late = await stored_event(conn, finished, version=10)
        await stored_event(conn, FAILED, version=9, ordinal=1)
        early = await stored_event(conn, started, version=9, ordinal=0)
        for number, state, reason in (
            (late, DeliveryState.WITHHELD, Reason.BELOW_LEVEL),
            (early, DeliveryState.PENDING, Reason.NEWS),
        ):
            await outbox.add_deliveries(conn, number, [Routed(mine, state, reason, NOW)])
        await outbox.add_deliveries(conn, late, [Routed(theirs, DeliveryState.PENDING, Reason.NEWS, NOW)])

        entries, total = await events.history(conn, Project(1), mine, offset=0, limit=2)
        rest, _ = await events.history(conn, Project(1), mine, offset=2, limit=2)
        nobodys, _ = await events.history(conn, Project(1), None, offset=0, limit=1)

    assert total == 3
    assert list(entries) == [HistoryEntry(finished, "withheld", "below_level"), HistoryEntry(FAILED)]
    assert list(rest) == [HistoryEntry(started, "pending", "news")]
    assert list(nobodys) == [HistoryEntry(finished)]
