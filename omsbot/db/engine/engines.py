"""The SQLAlchemy engines of each backend: drivers' options, isolation, and how a transaction begins."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import URL, NullPool

from omsbot.db.engine.sqlite import MIGRATION_PRAGMAS, PRAGMAS, READ, READER_PRAGMAS, WRITE, SqliteEngine

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

Engine: TypeAlias = "AsyncEngine | SqliteEngine"

CONNECT_TIMEOUT_S = 10

# A server that closed idle connections or was restarted must not fail the next transaction.
SERVER_POOL: Mapping[str, Any] = {"pool_pre_ping": True, "pool_recycle": 1800, "pool_use_lifo": True}

# A replica whose machine died in mid-transaction must not hold its locks for long.
POSTGRESQL_SETTINGS: Mapping[str, str] = {
    "application_name": "omsbot",
    "timezone": "UTC",
    "jit": "off",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}
POSTGRESQL_MIGRATION: Mapping[str, str] = {"application_name": "omsbot", "lock_timeout": "60s"}
MYSQL_STRICT = "SET SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'"


def writer_engine(url: URL, pool_size: int) -> Engine:
    """Connections for one transaction at a time each; on SQLite a single one."""
    match url.get_backend_name():
        case "sqlite":
            return SqliteEngine(url, PRAGMAS, WRITE)
        case "postgresql":
            return _postgresql(url, POSTGRESQL_SETTINGS, "READ COMMITTED", pool_size=pool_size, **SERVER_POOL)
        case _:
            return _mysql(url, MYSQL_STRICT, "READ COMMITTED", pool_size=pool_size, **SERVER_POOL)


def reader_engine(url: URL, pool_size: int) -> Engine:
    """Connections that cannot write, and that see one state from their first statement to their last."""
    match url.get_backend_name():
        case "sqlite":
            return SqliteEngine(url, READER_PRAGMAS, READ, size=pool_size)
        case "postgresql":
            settings = {**POSTGRESQL_SETTINGS, "default_transaction_read_only": "on"}
            return _postgresql(url, settings, "REPEATABLE READ", pool_size=pool_size, **SERVER_POOL)
        case _:
            return _mysql(
                url,
                "SET SESSION TRANSACTION READ ONLY",
                "REPEATABLE READ",
                pool_size=pool_size,
                **SERVER_POOL,
            )


def migration_engine(url: URL) -> Engine:
    """One connection that may take its time."""
    match url.get_backend_name():
        case "sqlite":
            return SqliteEngine(url, MIGRATION_PRAGMAS, WRITE, across=True)
        case "postgresql":
            return _postgresql(url, POSTGRESQL_MIGRATION, "READ COMMITTED", poolclass=NullPool)
        case _:
            return _mysql(url, MYSQL_STRICT, "READ COMMITTED", poolclass=NullPool)


def _postgresql(url: URL, settings: Mapping[str, str], isolation: Any, **options: Any) -> "AsyncEngine":
    arguments = {"timeout": CONNECT_TIMEOUT_S, "server_settings": dict(settings)}
    return _engine(url, connect_args=arguments, isolation_level=isolation, **options)


def _mysql(url: URL, on_connect: str, isolation: Any, **options: Any) -> "AsyncEngine":
    arguments = {"init_command": on_connect, "async_creator_fn": _connect_to_mysql}
    return _engine(url, connect_args=arguments, isolation_level=isolation, **options)


def _engine(url: URL, **options: Any) -> "AsyncEngine":
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415  # brings all of the ORM along

    return create_async_engine(url, **options)


async def _connect_to_mysql(**arguments: Any) -> Any:
    """Connect in time; the driver's own limit ends with TCP's handshake, before the server's greeting."""
    import aiomysql  # noqa: PLC0415  # an extra: who uses another database need not have it

    async with asyncio.timeout(CONNECT_TIMEOUT_S):
        return await aiomysql.connect(**arguments)
