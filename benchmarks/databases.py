"""New databases of each kind: SQLite always, PostgreSQL and MariaDB where they answer."""

import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from omsbot.db.engine.url import driver_url

KINDS = ("sqlite", "postgresql", "mysql")
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mysql": "MariaDB"}
ADDRESSES = {
    "postgresql": ("OMSBOT_TEST_POSTGRESQL_URL", "postgresql://postgres@127.0.0.1:5432/postgres"),
    "mysql": ("OMSBOT_TEST_MYSQL_URL", "mysql://root@127.0.0.1:3306/test"),
}


@asynccontextmanager
async def fresh(kind: str) -> AsyncIterator[str | None]:
    """The address of an empty database that is gone afterwards; None where its server does not answer."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/omsbot.db"
        return
    variable, usual = ADDRESSES[kind]
    server, name = os.environ.get(variable, usual), f"omsbot_bench_{time.time_ns()}"
    try:
        await _say(server, f"CREATE DATABASE {name}")
    except (DBAPIError, OSError):
        yield None
        return
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        await _say(server, f"DROP DATABASE {name}")


async def _say(server: str, statement: str) -> None:
    engine = create_async_engine(driver_url(server), isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            await connection.execute(text(statement))
    finally:
        await engine.dispose()
