"""A clock that runs faster than the real one, for the stand-ins and for the bot between them."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class FastClock:
    """Epoch seconds, of which `factor` pass in a real one, but no more than one while a call is under way.

    What a call costs is real: were it sped up, the answer that takes 0.1 s would take a minute at 600, and
    whoever waits for it would take it for lost.
    """

    def __init__(
        self, factor: float, *, start: float | None = None, timer: Callable[[], float] = time.monotonic
    ) -> None:
        """`start` is what it shows first (default: the time it is); `timer` gives real seconds.

        ValueError: the factor is below 1.
        """
        if factor < 1:
            raise ValueError("factor must be at least 1")
        self._factor = factor
        self._timer = timer
        self._now = time.time() if start is None else start
        self._read_at = timer()
        self._calls = 0

    def __call__(self) -> float:
        read_at = self._timer()
        self._now += (read_at - self._read_at) * (1.0 if self._calls else self._factor)
        self._read_at = read_at
        return self._now

    def ms(self) -> int:
        """Return the time in milliseconds."""
        return int(self() * 1000)

    @contextmanager
    def call(self) -> Iterator[None]:
        """A call is under way; several may be at once."""
        self()
        self._calls += 1
        try:
            yield
        finally:
            self()
            self._calls -= 1
