"""Migrations on each kind of database: up, down, up again, side by side, and against the tables."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from omsbot.db.engine.engine import Database
from omsbot.db.engine.migrations import migrate, upgrade
from omsbot.db.engine.problems import DatabaseProblem
from omsbot.db.engine.revisions import check_current, current, known, scripts_directory
from omsbot.db.engine.url import driver_url, sqlite_file
from omsbot.db.schema import metadata


def down(config: Config) -> None:
    command.downgrade(config, "base")


def to(revision: str) -> Callable[[Config], None]:
    return lambda config: command.upgrade(config, revision)


async def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    async with opened(url) as database, database.read() as conn:
        return [tuple(row) for row in await conn.execute(text(query))]


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


async def tables(url: str) -> list[str]:
    async with opened(url) as database, database.read() as conn:
        return sorted(await conn.run_sync(lambda sync: inspect(sync).get_table_names()))


async def test_an_empty_database_gets_every_table(empty_url: str) -> None:
    before = await current(empty_url)
    await upgrade(empty_url)
    after = await current(empty_url)
    assert (before.current, before.up_to_date, before.newer) == (None, False, False)
    assert (after.current, after.up_to_date, after.newer) == (before.head, True, False)
    assert await tables(empty_url) == sorted([*metadata.tables, "alembic_version"])


async def test_the_migrations_make_exactly_the_tables_of_the_schema(empty_url: str) -> None:
    await upgrade(empty_url)
    await migrate(empty_url, command.check)


async def test_the_migrated_tables_are_those_that_the_schema_creates(empty_url: str) -> None:
    await upgrade(empty_url)
    async with opened(empty_url) as database:
        async with database.read() as conn:
            migrated = await conn.run_sync(described)
        async with database.write() as conn:
            await conn.run_sync(metadata.drop_all)
            await conn.run_sync(metadata.create_all)
        async with database.read() as conn:
            assert await conn.run_sync(described) == migrated


async def test_snapshots_and_memories_move_out_of_the_projects_and_back(empty_url: str) -> None:
    await migrate(empty_url, to("0003_due_polls"))
    kept = [(1, "{one}", "{memory}"), (2, None, None)]
    async with opened(empty_url) as database, database.write() as conn:
        for number, snapshot, watch in kept:
            await conn.execute(
                text(
                    "INSERT INTO projects"
                    " (id, server, oms_id, state, version, troubled, next_poll_at, latest, watch)"
                    " VALUES (:id, 's', :oms_id, 'followed', 1, 0, 0, :latest, :watch)"
                ),
                {"id": number, "oms_id": f"np_{number}", "latest": snapshot, "watch": watch},
            )
    await upgrade(empty_url)
    moved = "SELECT project_id, snapshot, watch FROM latest ORDER BY project_id"
    assert await rows(empty_url, moved) == kept
    await migrate(empty_url, lambda config: command.downgrade(config, "0003_due_polls"))
    assert await rows(empty_url, "SELECT id, latest, watch FROM projects ORDER BY id") == kept


OF_0004 = (
    "INSERT INTO channels (id, team_id, state, attempts, locale) VALUES ('C', 'T', 'active', 0, 'de')",
    (
        "INSERT INTO projects (id, server, oms_id, state, version, troubled, next_poll_at)"
        " VALUES (1, 's', 'np_1', 'followed', 4, 0, 0)"
    ),
    "INSERT INTO snapshots (project_id, version, observed_at, body) VALUES (1, 4, 0, '{}')",
    (
        "INSERT INTO subscriptions (id, channel_id, subject, filter, state, created_at, baseline_version,"
        " attempts, retry_at, plain) VALUES (1, 'C', 'p:1', 'failures', 'active', 0, 4, 0, 0, 0),"
        " (2, 'C', 's:default', 'important', 'ended', 0, 4, 0, 0, 0),"
        " (3, 'C', 'p:2', 'all', 'active', 0, 4, 0, 0, 0)"
    ),
    (
        "INSERT INTO conditions (id, subject, step, kind, level, since_at, pending_at, seen_at, count)"
        " VALUES (1, 'p:1', 'A', 'failing', 'x', 0, 0, 0, 1)"
    ),
    (
        "INSERT INTO events (id, subject, version, ordinal, kind, severity, happened_at, observed_at,"
        " condition_id, body) VALUES (1, 'p:1', 4, 0, 'step_failed', 'critical', 3, 5, 1, '{}')"
    ),
    (
        "INSERT INTO deliveries (id, event_id, subscription_id, state, reason, not_before)"
        " VALUES (1, 1, 3, 'pending', 'news', 0)"
    ),
)


async def test_levels_get_their_name_and_what_waits_to_be_posted_is_kept_there_and_back(
    empty_url: str,
) -> None:
    await migrate(empty_url, to("0004_latest"))
    async with opened(empty_url) as database, database.write() as conn:
        for statement in OF_0004:
            await conn.execute(text(statement))
    levels = [(1, "failures"), (2, "important"), (3, "all")]
    waits = "SELECT deliveries.state, events.body, conditions.kind FROM deliveries"
    waits += " JOIN events ON events.id = event_id JOIN conditions ON conditions.id = condition_id"

    await upgrade(empty_url)
    assert await rows(empty_url, "SELECT id, level FROM subscriptions ORDER BY id") == levels
    assert await rows(empty_url, waits) == [("pending", "{}", "failing")]
    await migrate(empty_url, lambda config: command.downgrade(config, "0004_latest"))
    assert await rows(empty_url, "SELECT id, filter FROM subscriptions ORDER BY id") == levels
    assert await rows(empty_url, waits) == [("pending", "{}", "failing")]
    await upgrade(empty_url)
    assert await rows(empty_url, "SELECT id, level FROM subscriptions ORDER BY id") == levels


async def test_going_back_to_the_start_leaves_nothing_and_forward_again_works(empty_url: str) -> None:
    await upgrade(empty_url)
    await migrate(empty_url, down)
    assert await tables(empty_url) == ["alembic_version"]
    assert (await current(empty_url)).current is None
    await upgrade(empty_url)
    assert (await current(empty_url)).up_to_date


async def test_an_upgrade_of_a_current_database_changes_nothing(database_url: str) -> None:
    await upgrade(database_url)
    assert (await current(database_url)).up_to_date


async def test_upgrades_at_the_same_time_wait_for_each_other(empty_url: str) -> None:
    await asyncio.gather(*(upgrade(empty_url) for _ in range(4)))
    assert (await current(empty_url)).up_to_date


async def test_a_database_of_a_newer_version_is_refused_and_left_alone(empty_url: str) -> None:
    await upgrade(empty_url)
    async with opened(empty_url) as database:
        async with database.write() as conn:
            await conn.execute(text("UPDATE alembic_version SET version_num = '9999_later'"))
        with pytest.raises(DatabaseProblem, match=r"newer omsbot .*9999_later.*: upgrade omsbot"):
            await check_current(database)
    with pytest.raises(DatabaseProblem, match="newer omsbot"):
        await upgrade(empty_url)
    found = await current(empty_url)
    assert (found.current, found.newer) == ("9999_later", True)


async def test_a_database_of_an_older_version_names_the_command(empty_url: str) -> None:
    async with opened(empty_url) as database:
        with pytest.raises(DatabaseProblem, match="older omsbot: run `omsbot db upgrade`"):
            await check_current(database)


async def test_a_current_database_passes(database: Database) -> None:
    await check_current(database)


async def test_tables_of_another_program_stop_the_upgrade(empty_url: str) -> None:
    async with opened(empty_url) as database, database.write() as conn:
        await conn.execute(text("CREATE TABLE audit (id INTEGER)"))
    with pytest.raises(DatabaseProblem, match=r"audit already exists|has a table of this name already"):
        await upgrade(empty_url)


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"], indirect=True)  # MySQL cannot take it back
async def test_a_failed_upgrade_leaves_nothing_behind(empty_url: str) -> None:
    def half(config: Config) -> None:
        command.upgrade(config, "head")
        raise RuntimeError("cut off")

    with pytest.raises(RuntimeError, match="cut off"):
        await migrate(empty_url, half)
    assert await tables(empty_url) == []


async def test_a_file_that_the_bot_uses_is_not_migrated_under_it(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omsbot.db.engine.file_lock.PATIENCE_S", 0.0)
    with pytest.raises(DatabaseProblem, match="in use by another omsbot"):
        await upgrade(sqlite_database.url.render_as_string())


async def test_a_migration_that_waits_for_another_program_leaves_the_loop_free(sqlite_url: str) -> None:
    other = sqlite3.connect(sqlite_file(driver_url(sqlite_url)), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    migrating = asyncio.create_task(migrate(sqlite_url, command.check))
    moments = 0
    while moments < 20 and not migrating.done():
        await asyncio.sleep(0.005)
        moments += 1
    other.close()
    await migrating
    assert moments == 20


async def test_asking_where_a_file_stands_does_not_create_it(tmp_path: Any) -> None:
    found = await current(f"sqlite:///{tmp_path}/o.db")
    assert (found.current, found.newer) == (None, False)
    assert not list(tmp_path.iterdir())


def test_the_migrations_are_found_and_in_the_order_that_alembic_has_them() -> None:
    scripts = ScriptDirectory(str(scripts_directory()))
    assert [one.revision for one in scripts.walk_revisions()] == list(reversed(known()))


def described(conn: Connection) -> dict[str, Any]:
    """What the database itself says of each table: columns, keys, indexes, references."""
    seen = inspect(conn)
    return {
        name: (
            [
                (c["name"], str(c["type"]), c["nullable"], c.get("autoincrement"))
                for c in seen.get_columns(name)
            ],
            seen.get_pk_constraint(name),
            by_name(seen.get_indexes(name)),
            by_name(seen.get_unique_constraints(name)),
            by_name(seen.get_foreign_keys(name)),
        )
        for name in metadata.tables
    }


def by_name(found: list[Any]) -> list[Any]:
    return sorted(found, key=lambda entry: str(entry["name"]))
