"""SQLite connections that cross to their thread only where a statement may wait.

A crossing costs many times what most of our statements do, and aiosqlite crosses for each of cursor, execute,
fetch and close. Creating and closing a cursor needs no thread, and the rows are fetched with the statement:
all results here are small. The writer's statements need none either: once BEGIN IMMEDIATE has the lock, none
of them waits for anybody. What may wait, for a lock or for the disk, is left to the thread: BEGIN, COMMIT and
ROLLBACK, all that a reader does, and what is known to take long.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
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

    def __init__(self, connection: "FewCrossingsConnection", cursor: sqlite3.Cursor) -> None:
        self._connection = connection
        self._cursor = cursor
        self._rows: list[Any] = []

    async def __aenter__(self) -> "WholeResultCursor":
        return self

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        await self._connection.run(self._execute, sql, parameters)

    async def executemany(self, sql: str, parameters: Sequence[Sequence[Any]]) -> None:
        await self._connection.run(self._cursor.executemany, sql, parameters)

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


class FewCrossingsConnection(aiosqlite.Connection):
    """aiosqlite's connection with the cursor above, and no crossing to end what never began.

    `writer` is for a connection whose transactions begin with BEGIN IMMEDIATE. `slow` is set for one whose
    statements take long: they cross, so that the loop goes on.
    """

    def __init__(self, file: str, *, writer: bool = False, **options: Any) -> None:
        super().__init__(lambda: sqlite3.connect(file, **options), CHUNK)
        self._thread.daemon = True  # as SQLAlchemy does for aiosqlite's own: a lost one must not stop an exit
        self._writer = writer
        self.slow = False

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

    async def run(self, function: Callable[..., object], *arguments: object) -> None:
        """Run a statement here where it neither waits for a lock nor is known to take long, else across."""
        if self._writer and not self.slow and self._conn.in_transaction:
            function(*arguments)
        else:
            await self.cross(function, *arguments)

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
