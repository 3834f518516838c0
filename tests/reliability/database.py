"""The bot's own database, quick enough for thousands of short lives, and interrupted around its commits."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import TracebackType
from typing import Any, cast

from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from omsbot.db.engine import Database
from omsbot.db.sqlite_connection import PRAGMAS, READER_PRAGMAS
from tests.reliability.interruption import Interrupter

# what a power cut leaves is not tried here
QUICK = "PRAGMA synchronous=OFF"


class HereConnection:
    """The part of SQLAlchemy's asynchronous connection that the bot uses, without another thread.

    A crossing costs ten times a statement of a small database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    @property
    def sync_connection(self) -> Connection:
        assert self._connection is not None
        return self._connection

    @property
    def dialect(self) -> Dialect:
        return self.sync_connection.dialect

    async def __aenter__(self) -> "HereConnection":
        self._connection = self._engine.connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.sync_connection.close()

    def begin(self) -> "HereTransaction":
        return HereTransaction(self.sync_connection)

    async def execute(self, *what: Any) -> Any:
        return self.sync_connection.execute(*what)

    async def commit(self) -> None:
        self.sync_connection.commit()

    async def rollback(self) -> None:
        self.sync_connection.rollback()


class HereTransaction:
    """What `begin` returns: to be awaited, or to be entered."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __await__(self) -> Any:
        return self._begun().__await__()

    async def _begun(self) -> None:
        self._connection.begin()

    async def __aenter__(self) -> None:
        self._connection.begin()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.rollback()


class HereEngine:
    """The part of SQLAlchemy's asynchronous engine that the bot uses."""

    def __init__(self, url: URL, pragmas: Sequence[str], begin: str) -> None:
        self._engine = create_engine(
            url.set(drivername="sqlite"), connect_args={"isolation_level": None, "cached_statements": 512}
        )

        def prepare(connection: DBAPIConnection, record: object) -> None:
            for pragma in pragmas:
                connection.cursor().execute(pragma)

        def start(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

        event.listen(self._engine, "connect", prepare)
        event.listen(self._engine, "begin", start)

    def connect(self) -> HereConnection:
        return HereConnection(self._engine)

    async def dispose(self) -> None:
        self._engine.dispose()


class InterruptedDatabase(Database):
    """The real database, interrupted around its commits.

    It stays open from one life of the bot to the next: what SQLite makes of a kill is for the test that kills
    processes.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.interruption = Interrupter()
        self._writer = cast("AsyncEngine", HereEngine(self.url, (*PRAGMAS, QUICK), "BEGIN IMMEDIATE"))
        self._reader = cast("AsyncEngine", HereEngine(self.url, READER_PRAGMAS, "BEGIN"))

    async def _set_pace(self, connection: AsyncConnection, *, slow: bool) -> None:
        """Nothing to set: all is done here."""

    def plain_write(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction that nothing interrupts."""
        return super().write()

    @asynccontextmanager
    async def write(self, *, slow: bool = False) -> AsyncIterator[AsyncConnection]:
        interruption = self.interruption
        async with super().write(slow=slow) as connection:
            yield connection
            await interruption.before("commit")
        await interruption.after("commit")
