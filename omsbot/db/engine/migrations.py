"""Bring a database to the tables of this version, one process at a time.

SQLite and PostgreSQL change all or nothing. MySQL commits each change of a table by itself: there the
lock still keeps two replicas apart, but a person has to look at an upgrade that was cut off.
"""

from collections.abc import Callable, Mapping
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from omsbot.db.engine.engine import prepare_file
from omsbot.db.engine.engines import migration_engine
from omsbot.db.engine.file_lock import FileLock
from omsbot.db.engine.problems import DatabaseProblem, opening_problem
from omsbot.db.engine.revisions import refuse_newer, revision_of, scripts_directory
from omsbot.db.engine.sqlite import SqliteConnection
from omsbot.db.engine.url import driver_url, sqlite_file

# backend -> the statement that waits for the lock; its one value is 1 once the lock is ours
LOCKS: Mapping[str, str] = {
    "postgresql": "SELECT count(pg_advisory_xact_lock(hashtext('omsbot migrations')))",
    "mysql": "SELECT GET_LOCK(CONCAT('omsbot:', MD5(DATABASE())), 60)",
}


async def upgrade(url: str) -> None:
    """Bring a database to this version's tables, creating a SQLite file; raises DatabaseProblem."""
    await migrate(url, lambda config: command.upgrade(config, "head"))


async def migrate(url: str, step: Callable[[Config], None]) -> None:
    """Run an Alembic command under the migrations' lock; raises DatabaseProblem."""
    address = driver_url(url)
    if address.get_backend_name() != "sqlite":
        await _migrate(url, step)
        return
    prepare_file(sqlite_file(address), create=True)
    lock = FileLock(sqlite_file(address))
    await lock.acquire()
    try:
        await _migrate(url, step)
    finally:
        lock.release()


async def _migrate(url: str, step: Callable[[Config], None]) -> None:
    address = driver_url(url)
    engine = migration_engine(address)
    try:
        async with engine.connect() as connection:
            await connection.begin()
            await _lock(connection)
            await connection.run_sync(_refuse_newer)
            await connection.run_sync(_run, step)
            await connection.commit()
    except (DBAPIError, OSError) as error:
        raise opening_problem(address, error) from error
    finally:
        await engine.dispose()


async def _lock(connection: AsyncConnection | SqliteConnection) -> None:
    """Wait for other migrations; the end of the transaction or of the connection gives the lock back."""
    statement = LOCKS.get("mysql" if connection.dialect.name == "mariadb" else connection.dialect.name)
    if statement and (await connection.execute(text(statement))).scalar() != 1:
        raise DatabaseProblem("another omsbot is changing this database: wait for it, then try again")


def _run(connection: Connection, step: Callable[[Config], None]) -> None:
    config = _config()
    config.attributes["connection"] = connection
    step(config)
    if connection.dialect.name == "sqlite" and (broken := _broken_references(connection)):
        raise DatabaseProblem(
            f"the upgrade would leave rows without their parents in {broken}: nothing was changed"
        )


def _broken_references(connection: Connection) -> str:
    rows: Any = connection.exec_driver_sql("PRAGMA foreign_key_check")
    return ", ".join(sorted({row[0] for row in rows}))


def _refuse_newer(connection: Connection) -> None:
    refuse_newer(revision_of(connection))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts_directory()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
