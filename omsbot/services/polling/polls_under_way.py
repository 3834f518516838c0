"""The polls of this process that are claimed and not over, and what is counted when one is."""

from collections.abc import Callable, Iterable

from omsbot.db.stores.projects import Claimed
from omsbot.metrics import Metrics
from omsbot.services.polling.observations import Told


class PollsUnderWay:
    def __init__(
        self,
        servers: Iterable[str],
        *,
        clock: Callable[[], int],
        metrics: Metrics,
        wake: Callable[[], None],
    ) -> None:
        """`wake` is called when there is news."""
        self._clock = clock
        self._metrics = metrics
        self._wake = wake
        self._ids: dict[str, set[int]] = {name: set() for name in servers}

    def number(self, server: str) -> int:
        return len(self._ids[server])

    def begin(self, project: Claimed) -> None:
        self._ids[project.ref.server].add(project.id)

    def let_go(self, project: Claimed) -> None:
        """End a poll of which nothing was stored: its claim runs out, and the project is polled again."""
        self._ids[project.ref.server].discard(project.id)

    def end(self, project: Claimed, asked_at: int, outcome: str, told: Told) -> None:
        """End and count a poll of which all is stored; `asked_at` is in ms, `told` are its events."""
        self.let_go(project)
        self._metrics.polled(
            project.ref.server,
            outcome,
            duration_s=(self._clock() - asked_at) / 1000,
            lag_s=(asked_at - project.due_at) / 1000,
        )
        for event in told:
            self._metrics.event(event.kind)
        if told:
            self._wake()
