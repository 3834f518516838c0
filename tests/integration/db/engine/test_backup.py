import asyncio
from pathlib import Path

import pytest
from sqlalchemy import func, select

from omsbot.db.engine.backup import backup
from omsbot.db.engine.engine import Database
from omsbot.db.engine.problems import DatabaseProblem
from omsbot.db.schema import limits
from tests.integration.databases import row_for


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def damage(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[4096:8192] = bytes(4096)
    file.write_bytes(content)


async def count(url: str) -> int:
    database = Database(url)
    await database.open()
    async with database.read() as conn:
        found: int = (await conn.execute(select(func.count()).select_from(limits))).scalar_one()
    await database.close()
    return found


async def test_a_copy_taken_while_the_bot_writes_holds_what_was_committed(
    sqlite_database: Database, tmp_path: Path
) -> None:
    async with sqlite_database.write() as conn:
        await conn.execute(limits.insert().values(row_for(limits, method="m", channel_id="committed")))
    async with sqlite_database.write() as conn:
        await conn.execute(limits.insert().values(row_for(limits, method="m", channel_id="in progress")))
        await backup(sqlite_database.url.render_as_string(), tmp_path / "copy.db")
    assert await count(f"sqlite:///{tmp_path / 'copy.db'}") == 1
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600


async def test_a_file_that_exists_is_never_replaced(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("precious")
    with pytest.raises(DatabaseProblem, match="exists already: name a new file"):
        await backup(sqlite_url, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "precious"


async def test_two_copies_to_one_name_leave_one_whole_copy(sqlite_url: str, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    results = await asyncio.gather(*(backup(sqlite_url, target) for _ in range(2)), return_exceptions=True)
    assert [type(result) for result in results if result] == [DatabaseProblem]
    assert await count(f"sqlite:///{target}") == 0


async def test_a_copy_into_a_missing_directory_says_so(sqlite_url: str, tmp_path: Path) -> None:
    with pytest.raises(DatabaseProblem, match=r"cannot back up .* No such file or directory"):
        await backup(sqlite_url, tmp_path / "absent" / "copy.db")


async def test_a_damaged_database_gives_no_copy(sqlite_url: str, tmp_path: Path) -> None:
    damage(Path(sqlite_url.removeprefix("sqlite:///")))
    with pytest.raises(DatabaseProblem):
        await backup(sqlite_url, tmp_path / "copy.db")
    assert names(tmp_path) == ["omsbot.db"]


async def test_a_database_that_is_not_there_is_not_created(tmp_path: Path) -> None:
    with pytest.raises(DatabaseProblem, match="there is no database"):
        await backup(f"sqlite:///{tmp_path / 'o.db'}", tmp_path / "copy.db")
    assert names(tmp_path) == []


@pytest.mark.parametrize(("url", "tool"), [("postgresql://h/d", "pg_dump"), ("mysql://h/d", "mysqldump")])
async def test_servers_are_left_to_their_own_tools(url: str, tool: str, tmp_path: Path) -> None:
    with pytest.raises(DatabaseProblem, match=tool):
        await backup(url, tmp_path / "copy.db")
