"""A database server behind a link that went dead: it takes what is sent to it, and says nothing more."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import make_url, text

from omsbot.db.engine import engines
from omsbot.db.engine.engine import Database
from omsbot.db.engine.problems import DatabaseProblem
from tests.integration.databases import SERVERS

on_servers = pytest.mark.parametrize("backend", SERVERS, indirect=True)
LIMIT_S = 1.0
UNLIMITED_S = 25.0  # less than it takes where the limit is ignored


class Link:
    """Carries bytes between a client and a server until it goes silent."""

    def __init__(self, host: str, port: int) -> None:
        self.silent = False
        self._to = (host, port)
        self._tasks: set[asyncio.Task[None]] = set()
        self._ends: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(*self._to)
        self._ends += [writer, back]
        self._tasks |= {
            asyncio.create_task(self._carry(reader, back)),
            asyncio.create_task(self._carry(there, writer)),
        }

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if not self.silent:
                writer.write(data)
        if not self.silent:
            writer.close()

    async def cut(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await closed(self._ends)


async def closed(writers: Sequence[asyncio.StreamWriter]) -> None:
    """Close connections, whatever state they are in."""
    for writer in writers:
        writer.close()
    await asyncio.gather(*(writer.wait_closed() for writer in writers), return_exceptions=True)


@asynccontextmanager
async def linked(url: str) -> AsyncIterator[tuple[Link, Database]]:
    """A database behind a link."""
    address = make_url(url)
    link = Link(address.host or "", address.port or 0)
    server = await asyncio.start_server(link.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    through = address.set(port=port).render_as_string(hide_password=False)
    database = Database(through, transaction_s=LIMIT_S)
    try:
        yield link, database
    finally:
        await database.close()
        server.close()
        await link.cut()


async def write(
    database: Database, statement: str = "SELECT 1", then: Callable[[], None] = lambda: None
) -> None:
    async with database.write() as conn:
        await conn.execute(text(statement))
        then()


async def read(database: Database) -> None:
    async with database.read() as conn:
        await conn.execute(text("SELECT 1"))


@on_servers
@pytest.mark.parametrize("ask", [write, read])
async def test_a_transaction_does_not_wait_for_ever_for_a_server_that_fell_silent(
    database_url: str, ask: Callable[[Database], object]
) -> None:
    async with linked(database_url) as (link, database), asyncio.timeout(UNLIMITED_S):
        await ask(database)  # type: ignore[misc]
        link.silent = True
        with pytest.raises(TimeoutError):
            await ask(database)  # type: ignore[misc]


@on_servers
async def test_a_commit_does_not_wait_for_ever_either(database_url: str) -> None:
    async with linked(database_url) as (link, database), asyncio.timeout(UNLIMITED_S):
        with pytest.raises(TimeoutError):
            await write(database, then=lambda: setattr(link, "silent", True))


@on_servers
async def test_after_a_silence_the_next_transaction_works_again(database_url: str) -> None:
    async with linked(database_url) as (link, database), asyncio.timeout(UNLIMITED_S):
        await write(database)
        link.silent = True
        with pytest.raises(TimeoutError):
            await write(database)
        link.silent = False
        await write(database)


@on_servers
async def test_a_database_that_fell_silent_can_be_closed(database_url: str) -> None:
    async with linked(database_url) as (link, database):
        await write(database)
        await read(database)
        link.silent = True
        async with asyncio.timeout(UNLIMITED_S):
            await database.close()


@pytest.mark.parametrize("scheme", SERVERS)
async def test_a_server_that_takes_the_connection_and_says_nothing_is_given_up(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "CONNECT_TIMEOUT_S", LIMIT_S)
    taken: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_server(lambda _, writer: taken.append(writer), "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    database = Database(f"{scheme}://omsbot@127.0.0.1:{port}/omsbot")
    async with asyncio.timeout(UNLIMITED_S):
        with pytest.raises(DatabaseProblem, match="does not answer"):
            await database.open()
    silent.close()
    await closed(taken)
