"""Transaction P: what a poll's answer, or its failure, makes of the project and of its server."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from omsbot.db.engine.connection import Connection
from omsbot.db.stores import projects
from omsbot.db.stores.projects import Claimed, StoredProject
from omsbot.domain.detection.detect import LATE_AFTER_MS
from omsbot.domain.detection.outages import UNINTELLIGIBLE, concerns_server
from omsbot.domain.poll_pace import jittered, longest_pause_ms, pause_ms
from omsbot.domain.project.oms_error import OmsError, OmsErrorKind
from omsbot.domain.project.project import Snapshot
from omsbot.domain.thresholds import RuleBook
from omsbot.oms.wire import Unchanged
from omsbot.services.polling import observations
from omsbot.services.polling.observations import Told
from omsbot.services.polling.server_judge import ServerJudge

GONE_PAUSE_MS = 60_000  # between two polls of a project that OMS does not know
LATE_PAUSES = 3  # what happened between two polls further apart than so many pauses is reported as late


@dataclass(slots=True)
class Answered:
    """An answer to one claimed poll, asked for at `asked_at` (ms); `factor` says how soon to ask again."""

    project: Claimed
    asked_at: int
    answer: Snapshot | Unchanged
    factor: float
    outline: int


class PollTransaction:
    """Each method is the work of one transaction; a poll that lost its claim writes nothing."""

    def __init__(
        self,
        servers: ServerJudge,
        *,
        interval_ms: int,
        rules: RuleBook,
        clock: Callable[[], int],
        chance: Callable[[], float],
    ) -> None:
        self._servers = servers
        self._interval_ms = interval_ms
        self._late_after_ms = max(LATE_AFTER_MS, LATE_PAUSES * longest_pause_ms(interval_ms))
        self._rules = rules
        self._clock = clock
        self._chance = chance

    async def quiet(self, conn: Connection, *, batch: Sequence[Answered]) -> set[int]:
        """Store of many answers those that changed at most figures; returns these projects' ids."""
        now = self._clock()
        same = [one for one in batch if isinstance(one.answer, Unchanged)]
        await self._touch(conn, same, now)
        read = {one.project.id: one for one in batch if isinstance(one.answer, Snapshot)}
        stored = {one.project.id for one in same}
        if not read:
            return stored
        owned = await projects.locked(conn, [one.project for one in read.values()])
        figures = await observations.store_figures(
            conn,
            {number: one.answer for number, one in read.items() if isinstance(one.answer, Snapshot)},
            owned,
            now=now,
            rules=self._rules,
            late_after_ms=self._late_after_ms,
            next_poll_at={number: now + self._pause_ms(one) for number, one in read.items()},
        )
        return stored | figures

    async def _touch(self, conn: Connection, same: Sequence[Answered], now: int) -> None:
        if not same:
            return
        await projects.touch_all(
            conn, [(one.project, one.answer.observed_at, now + self._pause_ms(one)) for one in same]
        )

    def _pause_ms(self, one: Answered) -> int:
        return jittered(one.factor * self._interval_ms, self._chance())

    async def answered(self, conn: Connection, claimed: Claimed, snapshot: Snapshot) -> Told:
        """Store an answer that may have news; the project's row is locked first."""
        now = self._clock()
        project = await _owned(conn, claimed)
        if project is None:
            return ()
        told = await self._servers.answered(conn, claimed.ref.server, now)
        pause = pause_ms(snapshot, interval_ms=self._interval_ms, chance=self._chance())
        unchanged = project.latest is not None and project.latest.steps == snapshot.steps
        overdue = project.check_at is not None and project.check_at <= now
        if not unchanged or overdue or project.troubled:
            try:
                told += await observations.store_snapshot(
                    conn,
                    project,
                    snapshot,
                    now=now,
                    rules=self._rules.of(project.ref),
                    late_after_ms=self._late_after_ms,
                )
            except OmsError as error:
                told += await observations.store_failure(conn, project, error, now=now)
                await projects.release(conn, project, next_poll_at=now + self._interval_ms)
                return told
        await projects.touch(conn, project, observed_at=snapshot.observed_at, next_poll_at=now + pause)
        return told

    async def failed(self, conn: Connection, *, claimed: Claimed, error: OmsError) -> Told:
        """Store that a poll got no answer, or one that cannot be read."""
        now = self._clock()
        project = await _owned(conn, claimed)
        if project is None:
            return ()
        told, blind = await self._judge_server(conn, project, error, now)
        if not blind:
            told += await observations.store_failure(conn, project, error, now=now)
        pause = GONE_PAUSE_MS if error.kind is OmsErrorKind.GONE else self._interval_ms
        await projects.release(conn, project, next_poll_at=now + pause)
        return told

    async def _judge_server(
        self, conn: Connection, project: StoredProject, error: OmsError, now: int
    ) -> tuple[Told, bool]:
        """Judge the server by a failed poll; returns the events, and whether the server is to blame."""
        name = project.ref.server
        if concerns_server(error):
            return await self._servers.failed(conn, name, error, now)
        told: Told = ()
        if error.kind in UNINTELLIGIBLE:
            told, blind = await self._servers.garbled(conn, project, error, now)
            if blind:
                return told, True
        return told + await self._servers.answered(conn, name, now), False


async def _owned(conn: Connection, claimed: Claimed) -> StoredProject | None:
    """Lock the project's row; None where another poll owns it by now."""
    project = await projects.get(conn, claimed.id, lock=True)
    return project if (project.claim, project.version) == (claimed.claim, claimed.version) else None
