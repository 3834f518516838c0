"""What can go wrong with a database: what a person can fix, and what is worth another try."""

from collections.abc import Mapping

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

SQLITE_BUSY = 5
SQLITE_PRIMARY_CODE = 0xFF  # an extended code such as SQLITE_BUSY_SNAPSHOT carries its family in the low byte

# backend -> codes after which the same transaction may well succeed
TRANSIENT: Mapping[str, frozenset[int | str]] = {
    "sqlite": frozenset({SQLITE_BUSY, 6}),  # 6: SQLITE_LOCKED
    "postgresql": frozenset({"40001", "40P01", "55P03"}),  # serialization, deadlock, lock not available
    "mysql": frozenset({1020, 1205, 1213}),  # row changed since the snapshot, lock wait timeout, deadlock
}

UNREACHABLE = "it does not answer: start it, or correct host and port in OMSBOT_DATABASE_URL"
LOGIN = "it rejects the user or the password: correct them in OMSBOT_DATABASE_URL"
NO_DATABASE = "there is no such database: create it, or correct OMSBOT_DATABASE_URL"
NO_RIGHTS = "the user may not do this: grant it all privileges on the database"
NO_CONNECTIONS = "it has no connection left: raise its max_connections or stop a replica"
FOREIGN_TABLES = (
    "it has a table of this name already: name a database of omsbot's own, or, if an upgrade was cut off,"
    " restore the backup or start from an empty database"
)

# code -> why the database cannot be opened or upgraded, and what to do
OPENING: Mapping[int | str, str] = {
    "28P01": LOGIN,
    "28000": LOGIN,
    1045: LOGIN,
    1698: LOGIN,
    "3D000": NO_DATABASE,
    1049: NO_DATABASE,
    "42501": NO_RIGHTS,
    1044: NO_RIGHTS,
    1142: NO_RIGHTS,
    "53300": NO_CONNECTIONS,
    1040: NO_CONNECTIONS,
    "42P07": FOREIGN_TABLES,
    1050: FOREIGN_TABLES,
    "55P03": "another omsbot is changing or using it: wait for it, or stop it, then try again",
    2003: UNREACHABLE,
    SQLITE_BUSY: "another program keeps the file locked: close it",
    8: "the file or its directory is read-only: make both writable for this user",
    10: "the disk reports an error: check the disk that holds the file",
    11: "the file is damaged: restore a backup",
    13: "the disk is full: make room",
    14: "the file cannot be opened: check its permissions and those of its directory",
    26: "the file is not a SQLite database: correct OMSBOT_DATABASE_URL",
}


class DatabaseProblem(Exception):  # noqa: N818  # a sentence for a person, not a fault of the code
    """The database cannot be used as it is; the message is one sentence that says what to do."""


def error_code(error: BaseException) -> int | str | None:
    """The database's own code of an error: SQLite's primary code, an SQLSTATE, or MySQL's number."""
    original: BaseException | None = error.orig if isinstance(error, DBAPIError) else error
    if (code := getattr(original, "sqlite_errorcode", None)) is not None:
        return int(code) & SQLITE_PRIMARY_CODE
    number = original.args[0] if original is not None and original.args else None
    if isinstance(number, int):
        return number  # MySQL's, before its SQLSTATE: that one is too coarse
    return getattr(original, "sqlstate", None)


def is_busy(error: DBAPIError) -> bool:
    """Whether another program holds SQLite's lock."""
    return error_code(error) == SQLITE_BUSY


def is_transient(error: DBAPIError, dialect: str) -> bool:
    """Whether the database gave up this transaction for the sake of another one."""
    return error_code(error) in TRANSIENT[dialect]


def opening_problem(url: URL, error: BaseException) -> DatabaseProblem:
    """Say why a database could not be opened; never shows the password."""
    shown = url.set(drivername=url.get_backend_name()).render_as_string(hide_password=True)
    original = error.orig if isinstance(error, DBAPIError) else error
    hint = (
        UNREACHABLE if isinstance(original, OSError) else OPENING.get(error_code(error) or 0, str(original))
    )
    return DatabaseProblem(f"cannot use the database {shown}: {hint}")
