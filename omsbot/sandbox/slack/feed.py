"""What just changed in the workspace: for the live page, and for tests that wait."""

import asyncio
import contextlib
import inspect
from collections.abc import Callable
from typing import Any

# A page that does not read for so long is told to fetch everything anew instead of being kept in memory.
BACKLOG = 1000


class Feed:
    """Fans changes out to any number of listeners.

    A change is a small dict: `kind` (message, ephemeral, channel, view, socket, call) and what it is about.
    """

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[dict[str, Any]]] = set()
        self._changed = asyncio.Event()

    def publish(self, kind: str, **about: Any) -> None:
        """Tell every listener, and wake everyone who waits."""
        self._changed.set()
        for listener in self._listeners:
            if listener.qsize() < BACKLOG:
                listener.put_nowait({"kind": kind, **about})
            elif listener.qsize() == BACKLOG:
                listener.put_nowait({"kind": "everything"})

    @contextlib.contextmanager
    def listen(self) -> Any:
        """A queue that gets every change while the block runs."""
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)

    async def wait_for(self, predicate: Callable[[], Any], *, timeout: float) -> Any:
        """The first true value of `predicate`, which may be a coroutine function.

        It is asked after each change, and every 50 ms for what changes elsewhere. Raises TimeoutError.
        """
        async with asyncio.timeout(timeout):
            while True:
                self._changed = asyncio.Event() if self._changed.is_set() else self._changed
                value = predicate()
                if inspect.isawaitable(value):
                    value = await value
                if value:
                    return value
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), 0.05)
