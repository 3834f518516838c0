"""Which migration a database is at. Only what changes it loads Alembic, which is slow to import."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import sqlalchemy
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

import omsbot
from omsbot.db.engine.engine import Database
from omsbot.db.engine.problems import DatabaseProblem, opening_problem
from omsbot.db.engine.url import driver_url, sqlite_file


@dataclass(frozen=True, slots=True)
class Revision:
    """The migration a database is at: None for an empty one; `newer` if this version does not know it."""

    current: str | None
    head: str
    newer: bool

    @property
    def up_to_date(self) -> bool:
        return self.current == self.head


async def current(url: str) -> Revision:
    """Read beside a running bot too; raises DatabaseProblem if the database cannot be opened."""
    address = driver_url(url)
    if address.get_backend_name() == "sqlite" and not _is_there(sqlite_file(address)):
        return Revision(None, known()[-1], newer=False)
    try:
        database = Database(url, read_only=True)
        await database.open()
        try:
            return await revision(database)
        finally:
            await database.close()
    except DBAPIError as error:
        raise opening_problem(address, error) from error


def _is_there(file: Path) -> bool:
    try:
        return file.exists()
    except PermissionError:
        return False  # creating it will say what is in the way


async def revision(database: Database) -> Revision:
    """Which migration an open database is at."""
    async with database.read() as connection:
        return await connection.run_sync(revision_of)


async def check_current(database: Database) -> None:
    """Refuse, with a DatabaseProblem, a database whose tables are not this version's."""
    found = await revision(database)
    refuse_newer(found)
    if not found.up_to_date:
        raise DatabaseProblem("this database was written by an older omsbot: run `omsbot db upgrade`")


def revision_of(connection: sqlalchemy.Connection) -> Revision:
    """Read what Alembic noted in the database."""
    found = None
    if inspect(connection).has_table("alembic_version"):
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return Revision(found, known()[-1], newer=found is not None and found not in known())


def refuse_newer(found: Revision) -> None:
    if found.newer:
        raise DatabaseProblem(
            f"this database was written by a newer omsbot (revision {found.current}): upgrade omsbot"
        )


@cache
def known() -> tuple[str, ...]:
    """The revisions of this version, the newest last: each is named as its file is."""
    return tuple(sorted(file.stem for file in (scripts_directory() / "versions").glob("[0-9]*.py")))


def scripts_directory() -> Path:
    """Where the migrations are: inside the installed package, beside it in a checkout."""
    package = Path(omsbot.__file__).parent
    bundled = package / "_migrations"
    return bundled if bundled.is_dir() else package.parent / "migrations"
