"""An open database: short write transactions, consistent reads, and another try for lost races.

SQLite has one writer connection, for which writers queue in this process, and BEGIN IMMEDIATE takes the
file's write lock at the start, so that no transaction fails half-way for the lack of it. Readers have
connections of their own and, in WAL mode, neither wait for the writer nor delay it.
"""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.engines import Engine, reader_engine, writer_engine
from omsbot.db.engine.file_lock import FileLock
from omsbot.db.engine.problems import DatabaseProblem, is_transient, opening_problem
from omsbot.db.engine.sqlite import SqliteConnection, SqliteEngine
from omsbot.db.engine.url import driver_url, sqlite_file

__all__ = ["Database", "DatabaseProblem", "Dialect", "transact"]

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")
Dialect = Literal["sqlite", "postgresql", "mysql"]

SQLITE_NEEDED = (3, 35, 0)  # RETURNING
BACKOFF_S = 0.01
TRANSACTION_S = 30.0  # longer than a lock is waited for
CLOSE_S = 2.0  # for each of two pools; a stop has 10 s in all


class Database:
    """The one way to the database. `read_only` leaves a SQLite file to the process that holds it.

    A server has `transaction_s` seconds for a transaction, and as long again to commit it or to take it back.
    `chance` gives numbers from 0 to 1: random ones keep replicas that collided from colliding again.
    """

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 8,
        read_only: bool = False,
        transaction_s: float = TRANSACTION_S,
        chance: Callable[[], float] = lambda: 0.5,
    ) -> None:
        self.url = driver_url(url)
        self.dialect = cast("Dialect", self.url.get_backend_name())
        self.chance = chance
        self._read_only = read_only
        self._file = sqlite_file(self.url) if self.dialect == "sqlite" else None
        self._file_lock = FileLock(self._file) if self._file and not read_only else None
        self._writer: Engine = writer_engine(self.url, pool_size)
        self._reader: Engine = reader_engine(self.url, pool_size)
        # a file answers or fails by itself; a server behind a dead link does neither
        self._patience_s = None if self._file else transaction_s

    async def open(self) -> None:
        """Take the file's lock on SQLite and connect once; raises DatabaseProblem."""
        if self._file:
            prepare_file(self._file, create=not self._read_only)
        if self._file_lock:
            await self._file_lock.acquire()
        try:
            await self._probe()
        except (DBAPIError, OSError) as error:
            await self.close()
            raise opening_problem(self.url, error) from error
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Close every connection and give the lock back; a second call does nothing."""
        try:
            # the reader first, so that the writer is last and folds the WAL into the file
            for engine in (self._reader, self._writer):
                with suppress(TimeoutError):  # a server that says no goodbye: the connections end with us
                    await _in_time(engine.dispose(), None if self._file else CLOSE_S)
        finally:
            if self._file_lock:
                self._file_lock.release()

    @asynccontextmanager
    async def write(self, *, slow: bool = False) -> AsyncIterator[Connection]:
        """One transaction, committed at the end, rolled back when the block raises or is cancelled.

        `slow` says that its statements take more than a few milliseconds: SQLite is then left to a thread.
        A commit that has begun is never cut off: a cancellation that comes meanwhile is raised after it.
        Raises TimeoutError where a server does not answer in time; the commit may have been done then.
        """
        if self._read_only:
            raise RuntimeError("this database was opened to read")
        async with (
            asyncio.timeout(self._patience_s) as patience,
            self._connected(self._writer, slow=slow) as connection,
        ):
            await connection.begin()
            try:
                yield connection
                patience.reschedule(None)  # the commit has a time of its own
                await _to_the_end(connection.commit(), self._patience_s)
            except BaseException:
                # also after a refused commit, which leaves SQLite's transaction open
                await _to_the_end(connection.rollback(), self._patience_s)
                raise

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        """One transaction that cannot write and sees one state throughout.

        Raises TimeoutError where a server does not answer in time.
        """
        async with asyncio.timeout(self._patience_s), self._connected(self._reader) as connection:
            await connection.begin()
            yield connection

    def _connected(
        self, engine: Engine, *, slow: bool = False
    ) -> AbstractAsyncContextManager["AsyncConnection | SqliteConnection"]:
        return engine.connect(across=slow) if isinstance(engine, SqliteEngine) else engine.connect()

    async def _probe(self) -> None:
        async with self.read() if self._read_only else self.write() as connection:
            await connection.execute(text("SELECT 1"))
            if self.dialect != "sqlite":
                return
            await connection.execute(text("SELECT count(*) FROM sqlite_master"))  # reads the file's header
            mode = (await connection.execute(text("PRAGMA journal_mode"))).scalar_one()
            if mode != "wal" and not self._read_only:
                raise DatabaseProblem(
                    f"{self._file} is on a file system without shared memory (journal mode {mode}):"
                    " put it on a local disk"
                )


async def transact(
    database: Database,
    work: Callable[[Connection], Awaitable[T]],
    *,
    slow: bool = False,
    attempts: int = 5,
) -> T:
    """Run work in one write transaction, again and whole when the database let another one win.

    Tried again after a serialization failure, a deadlock, a lock timeout and "database is locked"; any
    other error passes. `slow` is `Database.write`'s. `work` must have no effect but on its connection.
    """
    attempt = 1
    while True:
        try:
            async with database.write(slow=slow) as connection:
                return await work(connection)
        except DBAPIError as error:
            if attempt >= attempts or not is_transient(error, database.dialect):
                raise
        await asyncio.sleep(BACKOFF_S * 2**attempt * (0.5 + database.chance()))
        attempt += 1


def prepare_file(file: Path, *, create: bool) -> None:
    """See that a SQLite file can be used, and create it for its owner alone; raises DatabaseProblem."""
    if sqlite3.sqlite_version_info < SQLITE_NEEDED:
        raise DatabaseProblem(
            f"SQLite {sqlite3.sqlite_version} is too old: use a Python with SQLite 3.35 or newer"
        )
    try:
        _check_path(file, create=create)
    except OSError as error:
        raise DatabaseProblem(
            f"cannot reach {file} ({error.strerror}): let this user into its directory"
        ) from None


def _check_path(file: Path, *, create: bool) -> None:
    if not file.parent.is_dir():
        raise DatabaseProblem(
            f"there is no directory {file.parent}: create it, or correct OMSBOT_DATABASE_URL"
        )
    if file.is_dir():
        raise DatabaseProblem(f"{file} is a directory: name a file in OMSBOT_DATABASE_URL")
    if not file.exists():
        if not create:
            raise DatabaseProblem(f"there is no database {file} yet: run `omsbot db upgrade`")
        _create(file)
    elif create and not os.access(file, os.R_OK | os.W_OK):
        raise DatabaseProblem(f"cannot write {file}: make it writable for this user")


def _create(file: Path) -> None:
    try:
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise DatabaseProblem(
            f"cannot create {file} ({error.strerror}): make its directory writable for this user"
        ) from None


async def _to_the_end(ending: Coroutine[Any, Any, None], patience_s: float | None) -> None:
    task = asyncio.create_task(_in_time(ending, patience_s))
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
        except Exception:  # noqa: BLE001  # raised from the task below, unless a cancellation goes before it
            break
    if cancelled:
        task.exception()  # looked at, so that asyncio does not report it as lost
        raise cancelled
    task.result()


async def _in_time(ending: Coroutine[Any, Any, None], patience_s: float | None) -> None:
    async with asyncio.timeout(patience_s):
        await ending
