"""The bot's own database, quick enough for thousands of short lives, and interrupted around its commits."""

from collections.abc import AsyncIterator, Callable, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

from omsbot.db.engine import Database
from omsbot.db.sqlite_connection import OneCrossingConnection
from tests.reliability.interruption import Interrupter


class HereConnection(OneCrossingConnection):
    """SQLite in the thread of the event loop: a crossing costs ten times a statement of a small database."""

    def __await__(self) -> Generator[Any, None, "HereConnection"]:
        return self._open_here().__await__()

    async def _open_here(self) -> "HereConnection":
        self._connection = self._connector()
        return self

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return fn(*args, **kwargs)

    async def close(self) -> None:
        if self._connection is not None:
            self._roll_back()
            self._connection.close()
            self._connection = None


def _stay_in_this_thread(dialect: object, record: object, args: object, options: dict[str, Any]) -> None:
    options["async_creator_fn"] = HereConnection


class InterruptedDatabase(Database):
    """The real database, interrupted around its commits.

    It stays open from one life of the bot to the next: what SQLite makes of a kill is for the test that kills
    processes.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.interruption = Interrupter()
        for engine in (self._writer, self._reader):
            event.listen(engine.sync_engine, "do_connect", _stay_in_this_thread)

    def plain_write(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction that nothing interrupts."""
        return super().write()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        interruption = self.interruption
        async with super().write() as connection:
            yield connection
            await interruption.before("commit")
        await interruption.after("commit")
