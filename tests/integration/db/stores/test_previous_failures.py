"""What a step's alert can say of its last failure."""

from dataclasses import replace

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.engine import Database
from omsbot.db.stores import events, previous_failures
from omsbot.domain.detection.conditions import ConditionKind
from omsbot.domain.events import EventKind
from omsbot.domain.notify.previous_failure import PastFailure
from omsbot.domain.project.subject import Project, Subject
from tests.builders import HOUR, MINUTE, NOW, condition, event
from tests.integration.db.stored import FIRST, stored_event

FULL, INDEX = "FULL_TRANSFER", "INDEX_TRANSFER"


async def failed(
    conn: Connection,
    step: str = FULL,
    *,
    at: int,
    cleared_at: int | None,
    recovered: bool = True,
    subject: Subject = FIRST,
    kind: ConditionKind = ConditionKind.FAILING,
) -> None:
    """A failure in the database, over or not."""
    number = await events.open_condition(conn, subject, condition(kind, step, at=at))
    if cleared_at is None:
        return
    await events.clear_condition(conn, number, now=cleared_at)
    if recovered:
        one = event(EventKind.STEP_RECOVERED, step, at=cleared_at)
        await stored_event(conn, one, subject=subject, version=number, condition_id=number)


async def test_of_each_step_the_newest_failure_that_was_over_is_found(database: Database) -> None:
    async with database.write() as conn:
        await failed(conn, at=NOW - 9 * HOUR, cleared_at=NOW - 8 * HOUR)
        await failed(conn, at=NOW - 2 * HOUR, cleared_at=NOW - 2 * HOUR + 14 * MINUTE)
        await failed(conn, INDEX, at=NOW - 3 * HOUR, cleared_at=NOW - HOUR, recovered=False)
        await failed(conn, at=NOW, cleared_at=None)
        found = await previous_failures.before(conn, Project(1), {FULL: NOW, INDEX: NOW})

    assert found == {
        FULL: PastFailure(NOW - 2 * HOUR, 14 * MINUTE),
        INDEX: PastFailure(NOW - 3 * HOUR),
    }


async def test_a_failure_that_is_over_when_it_is_told_is_not_its_own_past(database: Database) -> None:
    async with database.write() as conn:
        await failed(conn, at=NOW - HOUR, cleared_at=NOW - HOUR + MINUTE)
        await failed(conn, at=NOW, cleared_at=NOW + MINUTE)
        found = await previous_failures.before(conn, Project(1), {FULL: NOW})

    assert found == {FULL: PastFailure(NOW - HOUR, MINUTE)}


async def test_a_failure_that_follows_at_once_has_the_last_one_as_its_past(database: Database) -> None:
    async with database.write() as conn:
        await failed(conn, at=NOW - HOUR, cleared_at=NOW)
        assert await previous_failures.before(conn, Project(1), {FULL: NOW}) == {
            FULL: PastFailure(NOW - HOUR, HOUR)
        }


async def test_other_projects_steps_and_conditions_are_no_past(database: Database) -> None:
    async with database.write() as conn:
        await failed(conn, at=NOW - HOUR, cleared_at=NOW, subject=Project(2))
        await failed(conn, INDEX, at=NOW - HOUR, cleared_at=NOW)
        await failed(conn, at=NOW - HOUR, cleared_at=NOW, kind=ConditionKind.PAUSED)
        doubt = replace(condition(ConditionKind.FAILING, FULL, at=NOW - HOUR), opened_at=None)
        number = await events.open_condition(conn, Project(1), doubt)
        await events.clear_condition(conn, number, now=NOW)
        assert await previous_failures.before(conn, Project(1), {FULL: NOW}) == {}
        assert await previous_failures.before(conn, Project(1), {}) == {}


async def test_a_failure_that_oms_dates_after_its_end_took_no_time(database: Database) -> None:
    async with database.write() as conn:
        await failed(conn, at=NOW + MINUTE, cleared_at=NOW)
        assert await previous_failures.before(conn, Project(1), {FULL: NOW}) == {
            FULL: PastFailure(NOW + MINUTE, 0)
        }
