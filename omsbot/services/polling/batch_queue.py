"""Things that are worked off in order, some at a time, one piece of work after another."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

from omsbot.services.tasks import Tasks

T = TypeVar("T")


class Lane(Generic[T]):
    """At most `most` are taken at a time, and others are waited for up to `gather_s` before each."""

    def __init__(
        self,
        tasks: Tasks,
        work: Callable[[Sequence[T]], Awaitable[None]],
        *,
        most: int,
        gather_s: float = 0.0,
    ) -> None:
        self._tasks = tasks
        self._work = work
        self._most = most
        self._gather_s = gather_s
        self._waiting: list[T] = []
        self._full = asyncio.Event()
        self._running = False

    def put(self, one: T) -> None:
        self._waiting.append(one)
        if len(self._waiting) >= self._most:
            self._full.set()
        if not self._running:
            self._running = True
            self._tasks.spawn(self._run())

    async def _run(self) -> None:
        try:
            while self._waiting:
                await self._gather()
                taken, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                await self._work(taken)
        finally:
            self._running = False

    async def _gather(self) -> None:
        if len(self._waiting) < self._most and self._gather_s:
            self._full.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._gather_s):
                    await self._full.wait()
