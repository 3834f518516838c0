"""A SQLite connection that crosses to its thread once a statement.

aiosqlite crosses for each of cursor, execute, fetch and close, and a crossing costs more than most of
our statements. Creating and closing a cursor needs no thread, and the rows are fetched with the
statement: all results here are small.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import aiosqlite

CHUNK = 64  # aiosqlite wants it for its row iterator, which nobody uses here

PRAGMAS = (
    "PRAGMA busy_timeout=5000",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA journal_size_limit=67108864",
)
READER_PRAGMAS = ("PRAGMA busy_timeout=5000", "PRAGMA query_only=ON")
# Alembic rebuilds tables to change them; with foreign keys on, dropping the old one would delete rows.
MIGRATION_PRAGMAS = ("PRAGMA busy_timeout=5000", "PRAGMA foreign_keys=OFF")


class WholeResultCursor:
    """The part of aiosqlite's cursor that SQLAlchemy calls."""

    def __init__(self, connection: "OneCrossingConnection", cursor: sqlite3.Cursor) -> None:
        self._connection = connection
        self._cursor = cursor
        self._rows: list[Any] = []

    async def __aenter__(self) -> "WholeResultCursor":
        return self

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        await self._connection.cross(self._execute, sql, parameters)

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> None:
        await self._connection.cross(self._cursor.executemany, sql, parameters)

    async def fetchall(self) -> list[Any]:
        return self._rows

    async def close(self) -> None:
        """Nothing to do: the statement was reset when its last row was fetched."""

    @property
    def description(self) -> Any:
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._cursor.lastrowid

    def _execute(self, sql: str, parameters: Sequence[Any]) -> None:
        self._cursor.execute(sql, parameters)
        self._rows = self._cursor.fetchall() if self._cursor.description else []


class OneCrossingConnection(aiosqlite.Connection):
    """aiosqlite's connection with the cursor above, and no crossing to end what never began."""

    def __init__(self, file: str, **options: Any) -> None:
        super().__init__(lambda: sqlite3.connect(file, **options), CHUNK)
        self._thread.daemon = True  # as SQLAlchemy does for aiosqlite's own: a lost one must not stop an exit

    def cursor(self) -> WholeResultCursor:  # type: ignore[override]  # a smaller cursor is the purpose
        return WholeResultCursor(self, self._conn.cursor())

    async def rollback(self) -> None:
        if self.in_transaction:
            await super().rollback()

    async def close(self) -> None:
        """Roll back, then close: a closed connection keeps its locks while a cursor of it is referenced."""
        if self._connection is not None:
            await self.cross(self._roll_back)
        await super().close()

    async def cross(self, function: Callable[..., object], *arguments: object) -> None:
        """Run a function in the connection's thread; a cancellation stops the statement that it runs."""
        try:
            await self._execute(function, *arguments)  # type: ignore[no-untyped-call]  # aiosqlite has no types here
        except asyncio.CancelledError:
            if self._connection is not None:
                await self.interrupt()
            raise

    def _roll_back(self) -> None:
        if self._conn.in_transaction:
            self._conn.rollback()
