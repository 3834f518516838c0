"""`omsbot db` on a SQLite file."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.integration.cli.program import omsbot


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"OMSBOT_DATABASE_URL": f"sqlite:///{tmp_path / 'bot.db'}"}


async def test_upgrade_makes_the_tables_and_current_says_so(env: dict[str, str], tmp_path: Path) -> None:
    before = await omsbot("db", "current", env=env, cwd=tmp_path)
    assert before.status == 1
    assert "run `omsbot db upgrade`" in before.out
    assert not (tmp_path / "bot.db").exists()
    upgraded = await omsbot("db", "upgrade", env=env, cwd=tmp_path)
    assert (upgraded.status, upgraded.err) == (0, "")
    after = await omsbot("db", "current", env=env, cwd=tmp_path)
    assert after.status == 0
    assert "which is current" in after.out


async def test_backup_writes_a_whole_copy_and_overwrites_nothing(env: dict[str, str], tmp_path: Path) -> None:
    await omsbot("db", "upgrade", env=env, cwd=tmp_path)
    ended = await omsbot("db", "backup", "copy.db", env=env, cwd=tmp_path)
    assert (ended.status, ended.out) == (0, "The database is copied to copy.db.\n")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT count(*) FROM projects").fetchone() == (0,)
    again = await omsbot("db", "backup", "copy.db", env=env, cwd=tmp_path)
    assert again.status == 1
    assert "exists already" in again.err


async def test_an_impossible_database_is_one_line(tmp_path: Path) -> None:
    env = {"OMSBOT_DATABASE_URL": f"sqlite:///{tmp_path / 'nowhere' / 'bot.db'}"}
    ended = await omsbot("db", "upgrade", env=env, cwd=tmp_path)
    (line,) = ended.err.splitlines()
    assert ended.status == 1
    assert "there is no directory" in line
