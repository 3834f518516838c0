"""Statements that the stores share, and those that the three databases spell differently."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Insert, Table, Update, bindparam, insert, update
from sqlalchemy.dialects import mysql, postgresql, sqlite

from omsbot.db.engine.connection import Connection

Row = Mapping[str, Any]
T = TypeVar("T")

CHUNK = 500  # databases bound the parameters of one statement


def in_chunks(many: Sequence[T]) -> Iterator[Sequence[T]]:
    """So many at a time as one statement may name."""
    return (many[begin : begin + CHUNK] for begin in range(0, len(many), CHUNK))


async def set_columns(conn: Connection, table: Table, key: Row, values: Row) -> int:
    """Set columns of the rows that have these values in `key`'s columns; returns how many there were."""
    if None in key.values():
        raise ValueError(f"no row of {table.name} is equal to NULL")
    named = {f"of_{name}": value for name, value in key.items()}
    new = {f"new_{name}": value for name, value in values.items()}
    return (await conn.execute(_setting(table, tuple(key), tuple(values)), named | new)).rowcount


async def set_columns_of_each(conn: Connection, table: Table, rows: Mapping[int, Row]) -> None:
    """Set columns of many rows by their ids, each to values of its own; one without any stays as it is."""
    alike: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for number, values in rows.items():
        if values:
            new = {f"new_{name}": value for name, value in values.items()}
            alike[tuple(values)].append({"of_id": number, **new})
    for columns, changes in alike.items():
        await conn.execute(_setting(table, ("id",), columns), changes)


@cache
def _setting(table: Table, key: tuple[str, ...], columns: tuple[str, ...]) -> Update:
    """Built once for each choice of columns: building a statement costs more than running it."""
    of = [table.c[name] == bindparam(f"of_{name}") for name in key]
    return update(table).where(*of).values({name: bindparam(f"new_{name}") for name in columns})


async def insert_returning_id(conn: Connection, table: Table, values: Row) -> int:
    """Insert one row and return the id that the database gave it."""
    key = (await conn.execute(insert(table), values)).inserted_primary_key
    if key is None:
        raise TypeError(f"{table.name} has no id of its own")
    return int(key[0])


async def insert_ignore(conn: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert the rows that break no unique key; any other broken rule is an error on every database."""
    if rows:
        await conn.execute(_ignoring(table, conn.dialect.name), rows)


@cache
def _ignoring(table: Table, dialect: str) -> Insert:
    if dialect == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    if dialect == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    # not INSERT IGNORE: it also lets cut texts and dangling references through
    first = next(iter(table.primary_key))
    return mysql.insert(table).on_duplicate_key_update({first.name: first})
