"""Fixtures: a database for each test, on SQLite always, on PostgreSQL and MariaDB where they answer.

A run creates databases named omsbot_test_TIME_RANDOM on the servers and drops them at its end; what a
killed run left behind is dropped by a run an hour later.
"""

import asyncio
import os
import random
import shutil
import time
from collections.abc import AsyncIterator, Generator, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Table, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from omsbot.db.engine.engine import Database
from omsbot.db.engine.migrations import upgrade
from omsbot.db.engine.url import driver_url
from omsbot.db.schema import metadata

PREFIX = "omsbot_test_"
LEFT_BEHIND_S = 3600
LEFT_OUT = "does not answer at"


@dataclass(frozen=True, slots=True)
class Server:
    """A database server of this machine that tests may create databases on."""

    product: str
    variable: str
    address: str
    listing: str
    drop: str

    @property
    def url(self) -> str:
        return os.environ.get(self.variable, self.address)


SERVERS = {
    "postgresql": Server(
        "PostgreSQL",
        "OMSBOT_TEST_POSTGRESQL_URL",
        "postgresql://postgres@127.0.0.1:5432/postgres",
        "SELECT datname FROM pg_database",
        "DROP DATABASE IF EXISTS {} WITH (FORCE)",
    ),
    "mysql": Server(
        "MariaDB",
        "OMSBOT_TEST_MYSQL_URL",
        "mysql://root@127.0.0.1:3306/test",
        "SELECT schema_name FROM information_schema.schemata",
        "DROP DATABASE IF EXISTS {}",
    ),
}
BACKENDS = ("sqlite", *SERVERS)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Place all tests that a missing server leaves out in one line, so that the summary folds them."""
    report = yield
    if report.skipped and isinstance(report.longrepr, tuple) and LEFT_OUT in report.longrepr[2]:
        report.longrepr = (__file__, 1, report.longrepr[2])
    return report


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """Run the test once for each kind of database."""
    kind: str = request.param
    if kind != "sqlite" and not _answers(kind):
        server = SERVERS[kind]
        shown = make_url(server.url).render_as_string(hide_password=True)
        reason = f"{server.product} {LEFT_OUT} {shown}: start it, or set {server.variable}"
        if os.environ.get("OMSBOT_TEST_REQUIRE_DATABASES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return kind


@pytest.fixture
def empty_url(backend: str, tmp_path: Path) -> Iterator[str]:
    """The address of a new database without tables."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'omsbot.db'}"
        return
    name = _create(backend)
    yield _address(backend, name)
    _drop(backend, name)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The databases with tables that this run made so far: kind -> the file to copy, or the name."""
    made: dict[str, str] = {"directory": str(tmp_path_factory.mktemp("migrated"))}
    yield made
    for kind in SERVERS.keys() & made.keys():
        _drop(kind, made[kind])


@pytest.fixture
def database_url(backend: str, migrated: dict[str, str], tmp_path: Path) -> str:
    """The address of a database with this version's tables and no rows. Ids need not begin at 1."""
    if backend == "sqlite":
        return sqlite_copy(migrated, tmp_path)
    if backend not in migrated:
        migrated[backend] = _create(backend)
        asyncio.run(upgrade(_address(backend, migrated[backend])))
    url = _address(backend, migrated[backend])
    asyncio.run(_delete_rows(url))
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database with this version's tables and no rows, once for each kind."""
    opened = Database(database_url, chance=random.random)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def sqlite_url(migrated: dict[str, str], tmp_path: Path) -> str:
    """The address of a SQLite database with this version's tables and no rows."""
    return sqlite_copy(migrated, tmp_path)


@pytest.fixture
async def sqlite_database(sqlite_url: str) -> AsyncIterator[Database]:
    """An open SQLite database, for tests that need one of any kind."""
    opened = Database(sqlite_url)
    await opened.open()
    yield opened
    await opened.close()


def sqlite_copy(migrated: dict[str, str], directory: Path) -> str:
    if "sqlite" not in migrated:
        template = Path(migrated["directory"]) / "template.db"
        asyncio.run(upgrade(f"sqlite:///{template}"))
        migrated["sqlite"] = str(template)
    copy = directory / "omsbot.db"
    shutil.copyfile(migrated["sqlite"], copy)
    return f"sqlite:///{copy}"


def row_for(table: Table, **values: Any) -> dict[str, Any]:
    """A row with zeros and empty texts where the table wants something, and `values`."""
    needed = (column for column in table.columns if not column.nullable and not _given_by_database(column))
    return {column.name: 0 if column.type.python_type is int else "" for column in needed} | values


def _given_by_database(column: Any) -> bool:
    return column is column.table.autoincrement_column


@cache
def _answers(kind: str) -> bool:
    try:
        asyncio.run(_drop_left_behind(kind))
    except (DBAPIError, OSError):
        return False
    return True


async def _drop_left_behind(kind: str) -> None:
    oldest = time.time() - LEFT_BEHIND_S
    for row in await _ask(kind, SERVERS[kind].listing):
        made_at, _, random = str(row[0]).removeprefix(PREFIX).partition("_")
        if str(row[0]).startswith(PREFIX) and random and int(made_at) < oldest:
            await _ask(kind, SERVERS[kind].drop.format(row[0]))


def _create(kind: str) -> str:
    name = f"{PREFIX}{int(time.time())}_{uuid4().hex[:12]}"
    asyncio.run(_ask(kind, f"CREATE DATABASE {name}"))
    return name


def _drop(kind: str, name: str) -> None:
    asyncio.run(_ask(kind, SERVERS[kind].drop.format(name)))


def _address(kind: str, name: str) -> str:
    return make_url(SERVERS[kind].url).set(database=name).render_as_string(hide_password=False)


async def _ask(kind: str, statement: str) -> list[Any]:
    engine = create_async_engine(driver_url(SERVERS[kind].url), isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            result = await connection.execute(text(statement))
            return list(result.all()) if result.returns_rows else []
    finally:
        await engine.dispose()


async def _delete_rows(url: str) -> None:
    opened = Database(url)
    try:
        async with opened.write() as connection:
            for table in reversed(metadata.sorted_tables):
                await connection.execute(table.delete())
    finally:
        await opened.close()
