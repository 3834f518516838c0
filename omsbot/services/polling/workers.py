"""The same work for one thing after another, by so many workers side by side.

A worker begins when there is work and ends when there is none. It costs less than a task for each thing, and
what waits is an entry of a list, not a task that holds on to something.
"""

import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from omsbot.services.tasks import Tasks

T = TypeVar("T")

log = logging.getLogger(__name__)


class Workers(Generic[T]):
    """At most `most` workers. An exception of `work` is logged and ends nothing else."""

    def __init__(self, tasks: Tasks, work: Callable[[T], Awaitable[None]], *, most: int) -> None:
        self._tasks = tasks
        self._work = work
        self._most = most
        self._waiting: deque[T] = deque()
        self._working = 0

    def put(self, one: T, *, first: bool = False) -> None:
        """Have something worked on, after all that waits or before it."""
        if first:
            self._waiting.appendleft(one)
        else:
            self._waiting.append(one)
        if self._working < self._most:
            self._working += 1
            self._tasks.spawn(self._run())

    async def _run(self) -> None:
        try:
            while self._waiting:
                one = self._waiting.popleft()
                try:
                    await self._work(one)
                except Exception:
                    log.exception("a piece of work failed", extra={"of": str(one)})
        finally:
            self._working -= 1
