"""What opening a database takes, and what it says when it cannot."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from omsbot.db.engine.engine import Database
from omsbot.db.engine.problems import DatabaseProblem
from tests.integration.databases import SERVERS

on_servers = pytest.mark.parametrize("backend", SERVERS, indirect=True)

HOLDER = """
import asyncio, sys
from omsbot.db.engine.engine import Database

async def hold():
    await Database(sys.argv[1]).open()
    print("held", flush=True)
    await asyncio.Event().wait()

asyncio.run(hold())
"""


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


async def test_a_new_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'o.db'}")
    await database.open()
    await database.close()
    assert (tmp_path / "o.db").stat().st_mode & 0o777 == 0o600


async def test_sqlite_is_set_up_to_lose_nothing(sqlite_database: Database) -> None:
    async with sqlite_database.write() as conn:
        asked = ["journal_mode", "synchronous", "foreign_keys"]
        found = [(await conn.execute(text(f"PRAGMA {name}"))).scalar_one() for name in asked]
    assert found == ["wal", 2, 1]


@on_servers
async def test_servers_write_at_read_committed_and_read_at_repeatable_read(database: Database) -> None:
    async with database.write() as writer, database.read() as reader:
        levels = [await conn.run_sync(lambda sync: sync.get_isolation_level()) for conn in (writer, reader)]
    assert levels == ["READ COMMITTED", "REPEATABLE READ"]


async def test_a_second_process_is_refused_until_the_first_is_killed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'o.db'}"
    holder = await asyncio.create_subprocess_exec(sys.executable, "-c", HOLDER, url, stdout=subprocess.PIPE)
    try:
        assert holder.stdout
        assert await holder.stdout.readline() == b"held\n"
        with pytest.raises(DatabaseProblem, match=rf"in use by another omsbot \(process {holder.pid}\)"):
            await Database(url).open()
    finally:
        holder.kill()
        await holder.wait()
    database = Database(url)
    await database.open()
    await database.close()


async def test_a_reader_may_look_beside_the_process_that_holds_the_file(sqlite_database: Database) -> None:
    beside = Database(sqlite_database.url.render_as_string(), read_only=True)
    await beside.open()
    async with beside.read() as conn:
        assert (await conn.execute(text("SELECT count(*) FROM servers"))).scalar_one() == 0
    with pytest.raises(RuntimeError, match="opened to read"):
        async with beside.write():
            pass
    await beside.close()


async def test_a_closed_database_can_be_closed_again_and_leaves_no_log(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'o.db'}")
    await database.open()
    async with database.write() as conn:
        await conn.execute(text("CREATE TABLE t (a)"))
    await database.close()
    await database.close()
    assert names(tmp_path) == ["o.db", "o.db.lock"]


async def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseProblem, match=r"there is no directory .*/absent: create it"):
        await Database(f"sqlite:///{tmp_path}/absent/o.db").open()


async def test_a_directory_in_place_of_a_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseProblem, match="is a directory: name a file"):
        await Database(f"sqlite:///{tmp_path}").open()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(DatabaseProblem, match=r"make .*directory writable"):
        await Database(f"sqlite:///{closed}/o.db").open()


async def test_a_file_of_something_else_is_refused_and_not_kept_locked(tmp_path: Path) -> None:
    file = tmp_path / "o.db"
    file.write_text("not a database, but long enough to have a header of its own\n" * 20)
    for _ in range(2):
        with pytest.raises(DatabaseProblem, match="not a SQLite database"):
            await Database(f"sqlite:///{file}").open()


async def test_nothing_is_created_to_read_it(tmp_path: Path) -> None:
    with pytest.raises(DatabaseProblem, match=r"no database .* yet: run `omsbot db upgrade`"):
        await Database(f"sqlite:///{tmp_path / 'o.db'}", read_only=True).open()
    assert names(tmp_path) == []


@pytest.mark.parametrize("kind", SERVERS)
async def test_a_server_that_does_not_answer_is_named_without_the_password(kind: str) -> None:
    with pytest.raises(DatabaseProblem, match="does not answer: start it") as caught:
        await Database(f"{kind}://u:hidden@127.0.0.1:1/d").open()
    assert "hidden" not in str(caught.value)


@on_servers
async def test_a_missing_database_is_named(database: Database) -> None:
    url = make_url(SERVERS[database.dialect].url).set(database="omsbot_absent")
    with pytest.raises(DatabaseProblem, match="there is no such database: create it"):
        await Database(url.render_as_string(hide_password=False)).open()


@on_servers
async def test_a_wrong_user_is_told_to_correct_the_address(database: Database) -> None:
    url = make_url(SERVERS[database.dialect].url).set(username="nobody_here", password="hidden")
    with pytest.raises(DatabaseProblem, match="rejects the user or the password") as caught:
        await Database(url.render_as_string(hide_password=False)).open()
    assert "hidden" not in str(caught.value)
