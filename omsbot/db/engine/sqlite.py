"""SQLite behind the few methods of SQLAlchemy's asynchronous connection that the stores use.

A statement of ours takes SQLite some microseconds. A crossing to another thread, or SQLAlchemy's way of
making a synchronous driver look asynchronous, takes many times that. So what waits for nobody runs where it
is called: once BEGIN IMMEDIATE has the file's lock, no statement of the writer waits. What waits for the
disk, or may take long, is left to a thread: COMMIT, all statements of readers, and those of a writer that
says so.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from functools import partial
from itertools import islice
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy import URL, Connection, Dialect, Executable, QueuePool, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError

from omsbot.db.engine.connection import Rows
from omsbot.db.engine.problems import is_busy

T = TypeVar("T")
P = ParamSpec("P")

READ = "BEGIN"
WRITE = "BEGIN IMMEDIATE"
BUSY_S = 5.0  # how long another program may keep the file's lock
LOOK_S = 0.02  # between two looks whether it still does, and whether a cancelled statement has ended

PRAGMAS = (
    "PRAGMA busy_timeout=5000",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA journal_size_limit=67108864",
    "PRAGMA busy_timeout=0",  # from here on a connection is asked again instead, and the loop goes on
)
READER_PRAGMAS = ("PRAGMA busy_timeout=5000", "PRAGMA query_only=ON")
# Alembic rebuilds tables to change them; with foreign keys on, dropping the old one would delete rows.
MIGRATION_PRAGMAS = ("PRAGMA busy_timeout=5000", "PRAGMA foreign_keys=OFF")


class SqliteConnection:
    """One transaction of a SqliteEngine; `across` says that its statements are left to a thread."""

    def __init__(self, engine: "SqliteEngine", *, across: bool) -> None:
        self._engine = engine
        self._across = across
        self._connection: Connection | None = None

    async def __aenter__(self) -> "SqliteConnection":
        await self._engine.places.acquire()
        try:
            open_one = self._engine.sync_engine.connect
            self._connection = open_one() if self._engine.has_spare else await self.cross(open_one)
        except BaseException:
            self._engine.places.release()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.sync_connection.close()  # rolls back what was not committed, which needs no disk
        finally:
            self._engine.places.release()

    @property
    def sync_connection(self) -> Connection:
        if self._connection is None:
            raise RuntimeError("the connection is not open yet")
        return self._connection

    @property
    def dialect(self) -> Dialect:
        return self._engine.sync_engine.dialect

    async def begin(self) -> None:
        """Begin a transaction, once no other program writes; raises DBAPIError after 5 s."""
        loop = asyncio.get_running_loop()
        until = loop.time() + BUSY_S
        begin = self.sync_connection.begin
        while True:
            try:
                await self.cross(begin) if self._across and self._engine.writes else begin()
            except DBAPIError as error:
                if not is_busy(error) or loop.time() > until:
                    raise
            else:
                return
            await asyncio.sleep(LOOK_S)

    async def execute(self, statement: Executable, parameters: Any = None) -> Rows:
        """Run a statement; the result holds all rows already."""
        execute = self.sync_connection.execute
        return (
            await self.cross(execute, statement, parameters)
            if self._across
            else execute(statement, parameters)
        )

    async def run_sync(
        self, work: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run something that takes its time on SQLAlchemy's own connection."""
        return await self.cross(partial(work, self.sync_connection, *args, **kwargs))

    @asynccontextmanager
    async def begin_nested(self) -> AsyncIterator[None]:
        """A savepoint, rolled back to when the block raises."""
        savepoint = self.sync_connection.begin_nested()
        try:
            yield
        except asyncio.CancelledError:
            raise  # all is taken back; where a statement was interrupted, SQLite did so already
        except BaseException:
            savepoint.rollback()
            raise
        savepoint.commit()

    async def commit(self) -> None:
        await self.cross(self.sync_connection.commit)

    async def rollback(self) -> None:
        self.sync_connection.rollback()

    async def cross(self, work: Callable[..., T], *arguments: Any) -> T:
        """Run something in a thread. A cancellation stops its statement, and is raised once it has ended."""
        running = asyncio.get_running_loop().run_in_executor(self._engine.threads, work, *arguments)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            while not running.done():
                self._interrupt()
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([running], timeout=LOOK_S)
            if not running.cancelled():
                running.exception()  # looked at, so that asyncio does not report it as lost
            raise

    def _interrupt(self) -> None:
        driver = self._connection and self._connection.connection.driver_connection
        if isinstance(driver, sqlite3.Connection):
            driver.interrupt()


class SqliteEngine:
    """So many connections to one file, each with its pragmas; `begin` is how a transaction begins.

    `across` says that every statement of a writer is left to a thread; those of readers are in any case.
    """

    def __init__(
        self, url: URL, pragmas: Sequence[str], begin: str, *, size: int = 1, across: bool = False
    ) -> None:
        self.sync_engine = create_engine(
            url,
            pool_size=size,
            max_overflow=0,
            # isolation_level None keeps the driver from beginning transactions by its own rules
            connect_args={
                "isolation_level": None,
                "check_same_thread": False,
                "cached_statements": 512,
                "factory": WholeResultConnection,
            },
        )
        self.threads = ThreadPoolExecutor(size, thread_name_prefix="sqlite")
        self.places = asyncio.Semaphore(size)
        self.writes = begin == WRITE
        self._across = across or not self.writes

        def prepare(connection: DBAPIConnection, record: object) -> None:
            cursor = connection.cursor()
            for pragma in pragmas:
                cursor.execute(pragma)
            cursor.close()

        def start(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

        event.listen(self.sync_engine, "connect", prepare)
        event.listen(self.sync_engine, "begin", start)

    @property
    def has_spare(self) -> bool:
        """Whether a connection is open that nobody uses: to open one reads the file."""
        return cast("QueuePool", self.sync_engine.pool).checkedin() > 0

    def connect(self, *, across: bool = False) -> SqliteConnection:
        """A connection to enter, once one is free."""
        return SqliteConnection(self, across=across or self._across)

    async def dispose(self) -> None:
        """Close every connection; the last one of a file folds its log into it."""
        await asyncio.get_running_loop().run_in_executor(self.threads, self.sync_engine.dispose)


class WholeResultCursor(sqlite3.Cursor):
    """Fetches all rows with the statement, so that none is left open, and in the thread that ran it."""

    _rows: Iterator[Any] = iter(())

    def execute(self, *what: Any) -> "WholeResultCursor":
        super().execute(*what)
        self._rows = iter(super().fetchall() if self.description else ())
        return self

    def fetchone(self) -> Any:
        return next(self._rows, None)

    def fetchmany(self, size: int | None = None) -> list[Any]:
        return list(islice(self._rows, size or self.arraysize))

    def fetchall(self) -> list[Any]:
        return list(self._rows)


class WholeResultConnection(sqlite3.Connection):
    def cursor(self, factory: Any = WholeResultCursor) -> Any:
        return super().cursor(factory)
