"""A copy of a SQLite database, taken while the bot runs."""

import asyncio
import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from omsbot.db.engine.engine import prepare_file
from omsbot.db.engine.problems import DatabaseProblem
from omsbot.db.engine.url import driver_url, sqlite_file

SERVER_TOOLS = {"postgresql": "pg_dump", "mysql": "mysqldump --single-transaction"}


async def backup(url: str, target: Path) -> None:
    """Write one consistent, checked copy to a new file; raises DatabaseProblem.

    A copy that is cut off or does not pass the check leaves nothing at `target`.
    """
    address = driver_url(url)
    tool = SERVER_TOOLS.get(address.get_backend_name())
    if tool:
        raise DatabaseProblem(f"omsbot copies SQLite only: back this database up with {tool}")
    source = sqlite_file(address)
    prepare_file(source, create=False)
    await asyncio.to_thread(_copy, source, target)


def _copy(source: Path, target: Path) -> None:
    target = target.absolute()
    if target.exists():
        raise DatabaseProblem(f"{target} exists already: name a new file")
    try:
        # in a directory of its own beside the target, which only its owner may enter
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as directory:
            partial = Path(directory) / target.name
            _vacuum(source, partial)
            _check(partial)
            partial.chmod(0o600)
            _flush(partial)
            os.link(partial, target)  # unlike a rename, never replaces a file that came meanwhile
        _flush(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise DatabaseProblem(f"cannot back up {source} to {target}: {error}") from error


def _vacuum(source: Path, partial: Path) -> None:
    with closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as connection:
        connection.execute("VACUUM INTO ?", (str(partial),))


def _check(copy: Path) -> None:
    with closing(sqlite3.connect(f"{copy.as_uri()}?mode=ro", uri=True)) as connection:
        verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
    if verdict != "ok":
        raise DatabaseProblem(f"the copy is damaged, as the database itself may be: {verdict}")


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
