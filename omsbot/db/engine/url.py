"""From the address in the settings to one that names its driver."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from omsbot.db.engine.problems import DatabaseProblem

CHOICES = "sqlite:///FILE, postgresql://USER:PASSWORD@HOST/DATABASE or mysql://USER:PASSWORD@HOST/DATABASE"


class Driver(NamedTuple):
    name: str  # for SQLAlchemy
    module: str
    extra: str | None = None  # the optional dependencies of omsbot that bring it


POSTGRESQL = Driver("postgresql+asyncpg", "asyncpg", "postgresql")
MYSQL = Driver("mysql+aiomysql", "aiomysql", "mysql")

# the backend that an address names -> what opens it; SQLAlchemy tells MariaDB from MySQL by itself
DRIVERS: Mapping[str, Driver] = {
    "sqlite": Driver("sqlite", "sqlite3"),
    "postgresql": POSTGRESQL,
    "postgres": POSTGRESQL,
    "mysql": MYSQL,
    "mariadb": MYSQL,
}


def driver_url(url: str) -> URL:
    """Map an address to its driver; raises DatabaseProblem for what cannot be opened."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise DatabaseProblem(f"OMSBOT_DATABASE_URL is not an address: write {CHOICES}") from None
    backend, _, named = parsed.drivername.partition("+")
    driver = DRIVERS.get(backend)
    if driver is None or named not in ("", driver.module):
        raise DatabaseProblem(
            f"OMSBOT_DATABASE_URL names the unknown kind {parsed.drivername}: write {CHOICES}"
        )
    if find_spec(driver.module) is None:
        raise DatabaseProblem(f"the driver {driver.module} is missing: pip install 'omsbot[{driver.extra}]'")
    return _with_options(parsed.set(drivername=driver.name))


def sqlite_file(url: URL) -> Path:
    """The file of an address that `driver_url` gave, absolute."""
    return Path(url.database or "").absolute()


def _with_options(url: URL) -> URL:
    match url.get_backend_name():
        case "sqlite":
            return _file_only(url)
        case "postgresql" if "sslmode" in url.query:
            # libpq's name for it, which every PostgreSQL manual uses; asyncpg calls it `ssl`
            return url.difference_update_query(["sslmode"]).update_query_dict({"ssl": url.query["sslmode"]})
        case "mysql" if "charset" not in url.query:
            return url.update_query_dict({"charset": "utf8mb4"})
        case _:
            return url


def _file_only(url: URL) -> URL:
    if not url.database or url.database.startswith((":memory:", "file:")):
        raise DatabaseProblem(
            "OMSBOT_DATABASE_URL names no file: write sqlite:///FILE, as a database in memory would be lost"
        )
    if url.query or url.host:
        raise DatabaseProblem(
            "OMSBOT_DATABASE_URL holds more than a file: write sqlite:///FILE without options"
        )
    return url
