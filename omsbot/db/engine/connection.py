"""What the stores ask of a connection, whichever database it leads to."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeAlias, TypeVar

import sqlalchemy
from sqlalchemy import CursorResult, Dialect, Executable

T = TypeVar("T")
Rows: TypeAlias = "CursorResult[*tuple[Any, ...]]"


class Connection(Protocol):
    """A transaction under way: a part of SQLAlchemy's `AsyncConnection`, or a `SqliteConnection`."""

    @property
    def dialect(self) -> Dialect: ...

    async def execute(self, statement: Executable, parameters: Any = None) -> Rows:
        """Run a statement; `parameters` are those of one row, or a list of those of many."""
        ...

    def begin_nested(self) -> AbstractAsyncContextManager[Any]:
        """A savepoint, rolled back to when its block raises."""
        ...

    async def run_sync(self, work: Callable[[sqlalchemy.Connection], T], /) -> T:
        """Run something on SQLAlchemy's synchronous connection."""
        ...
