"""Statements that the three databases spell differently."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, insert, text
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from omsbot.db.problems import error_code

Row = Mapping[str, Any]

MYSQL_DUPLICATE = 1062
CLOCKS: Mapping[str, str] = {
    "postgresql": "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint",
    "mysql": "SELECT CAST(UNIX_TIMESTAMP(SYSDATE(3)) * 1000 AS SIGNED)",
}


async def insert_returning_id(conn: AsyncConnection, table: Table, values: Row) -> int:
    """Insert one row and return the id that the database gave it."""
    key = (await conn.execute(insert(table).values(**values))).inserted_primary_key
    if key is None:
        raise TypeError(f"{table.name} has no id of its own")
    return int(key[0])


async def insert_ignore(conn: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
    """Insert the rows that break no unique key; any other broken rule is an error on every database."""
    if not rows:
        return
    if conn.dialect.name in ("mysql", "mariadb"):
        # not INSERT IGNORE: it also lets cut texts and dangling references through
        first = next(iter(table.primary_key))
        await conn.execute(mysql.insert(table).on_duplicate_key_update({first.name: first}), rows)
    else:
        await conn.execute(_dialect_insert(conn, table).on_conflict_do_nothing(), rows)


async def insert_once(conn: AsyncConnection, table: Table, values: Row) -> bool:
    """Insert one row; False where a unique key says that it is there already."""
    if conn.dialect.name in ("mysql", "mariadb"):
        try:
            await conn.execute(insert(table).values(**values))
        except IntegrityError as error:  # ends the statement only, not the transaction
            if error_code(error) == MYSQL_DUPLICATE:
                return False
            raise
        return True
    statement = _dialect_insert(conn, table).values(**values).on_conflict_do_nothing()
    return (await conn.execute(statement)).rowcount == 1


async def upsert(conn: AsyncConnection, table: Table, rows: Sequence[Row], update: Sequence[str]) -> None:
    """Insert rows, or set the columns named in `update` where the primary key is there already."""
    if not rows:
        return
    if conn.dialect.name in ("mysql", "mariadb"):
        to_mysql = mysql.insert(table)
        changes = {name: to_mysql.inserted[name] for name in update}
        await conn.execute(to_mysql.on_duplicate_key_update(changes), rows)
        return
    statement = _dialect_insert(conn, table)
    changes = {name: statement.excluded[name] for name in update}
    key = list(table.primary_key)
    await conn.execute(statement.on_conflict_do_update(index_elements=key, set_=changes), rows)


async def now_ms(conn: AsyncConnection) -> int | None:
    """The database server's clock, on which replicas agree; None on SQLite, which has no clock of its own."""
    clock = CLOCKS.get("mysql" if conn.dialect.name == "mariadb" else conn.dialect.name)
    return int((await conn.execute(text(clock))).scalar_one()) if clock else None


def _dialect_insert(conn: AsyncConnection, table: Table) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if conn.dialect.name == "sqlite" else postgresql.insert(table)
