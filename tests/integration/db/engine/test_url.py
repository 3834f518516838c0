import pytest

from omsbot.db.engine import url as url_module
from omsbot.db.engine.problems import DatabaseProblem
from omsbot.db.engine.url import driver_url, sqlite_file

MAPPED = {
    "a SQLite file beside us": ("sqlite:///omsbot.db", "sqlite:///omsbot.db"),
    "a SQLite file": ("sqlite:////var/lib/omsbot.db", "sqlite:////var/lib/omsbot.db"),
    "PostgreSQL": ("postgresql://u:p@h:5432/d", "postgresql+asyncpg://u:p@h:5432/d"),
    "PostgreSQL in short": ("postgres://h/d", "postgresql+asyncpg://h/d"),
    "PostgreSQL with its driver": ("postgresql+asyncpg://h/d", "postgresql+asyncpg://h/d"),
    "PostgreSQL with TLS": (
        "postgresql://h/d?sslmode=require&x=1",
        "postgresql+asyncpg://h/d?ssl=require&x=1",
    ),
    "MySQL": ("mysql://u:p%40@h/d", "mysql+aiomysql://u:p%40@h/d?charset=utf8mb4"),
    "MariaDB": ("mariadb://h/d", "mysql+aiomysql://h/d?charset=utf8mb4"),
    "MySQL with a charset": ("mysql://h/d?charset=utf8", "mysql+aiomysql://h/d?charset=utf8"),
}
REFUSED = {
    "nothing": ("", "is not an address"),
    "a path": ("/var/lib/omsbot.db", "is not an address"),
    "a bad port": ("postgresql://h:port/d", "is not an address"),
    "another kind": ("oracle://h/d", "unknown kind oracle: write sqlite:///FILE"),
    "another driver": ("postgresql+psycopg://h/d", r"unknown kind postgresql\+psycopg"),
    "a memory": ("sqlite:///:memory:", "names no file"),
    "no file": ("sqlite://", "names no file"),
    "two slashes": ("sqlite://omsbot.db", "names no file"),
    "a URI": ("sqlite:///file:omsbot.db", "names no file"),
    "options": ("sqlite:///omsbot.db?mode=ro", "more than a file"),
}


@pytest.mark.parametrize(("given", "expected"), MAPPED.values(), ids=MAPPED)
def test_an_address_gets_its_driver(given: str, expected: str) -> None:
    assert driver_url(given).render_as_string(hide_password=False) == expected


@pytest.mark.parametrize(("given", "why"), REFUSED.values(), ids=REFUSED)
def test_an_address_that_cannot_work_is_refused_with_what_to_write(given: str, why: str) -> None:
    with pytest.raises(DatabaseProblem, match=why):
        driver_url(given)


@pytest.mark.parametrize(
    ("given", "extra"), [("postgresql://h/d", "postgresql"), ("mysql://h/d", "mysql")], ids=str
)
def test_a_missing_driver_is_named_with_the_command_that_brings_it(
    given: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(url_module, "find_spec", lambda _: None)
    with pytest.raises(DatabaseProblem, match=rf"pip install 'omsbot\[{extra}\]'"):
        driver_url(given)


def test_the_file_of_an_address_is_absolute() -> None:
    assert sqlite_file(driver_url("sqlite:///omsbot.db")).is_absolute()
