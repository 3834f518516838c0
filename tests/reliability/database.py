"""The bot's own database, quick enough for thousands of short lives, and interrupted around its commits."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeVar

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.engine import Database
from omsbot.db.engine.sqlite import PRAGMAS, READ, READER_PRAGMAS, WRITE, SqliteConnection, SqliteEngine
from tests.reliability.interruption import Interrupter

T = TypeVar("T")

# what a power cut leaves is not tried here
QUICK = "PRAGMA synchronous=OFF"


class HereConnection(SqliteConnection):
    """Runs everything where it is called: a crossing costs ten times a statement of a small database."""

    async def cross(self, work: Callable[..., T], *arguments: Any) -> T:
        return work(*arguments)


class HereEngine(SqliteEngine):
    def connect(self, *, across: bool = False) -> HereConnection:
        return HereConnection(self, across=across)


class InterruptedDatabase(Database):
    """The real database, interrupted around its commits.

    It stays open from one life of the bot to the next: what SQLite makes of a kill is for the test that kills
    processes.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.interruption = Interrupter()
        self._writer = HereEngine(self.url, (*PRAGMAS, QUICK), WRITE)
        self._reader = HereEngine(self.url, READER_PRAGMAS, READ, size=8)

    def plain_write(self) -> AbstractAsyncContextManager[Connection]:
        """A transaction that nothing interrupts."""
        return super().write()

    @asynccontextmanager
    async def write(self, *, slow: bool = False) -> AsyncIterator[Connection]:
        interruption = self.interruption
        async with super().write(slow=slow) as connection:
            yield connection
            await interruption.before("commit")
        await interruption.after("commit")
