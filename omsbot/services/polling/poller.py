"""Asking OMS about every followed project, and judging its server by how it answers.

One pass claims what is due and leaves the polls to the server's own workers: a server that hangs holds up its
own polls, at most `PER_SERVER` of them, and nobody else's.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.engine import Database, transact
from omsbot.db.stores import outbox, projects, servers
from omsbot.db.stores.outbox import STATE_DIRT
from omsbot.db.stores.projects import LEASE_MS, Claimed, StoredProject
from omsbot.domain.detection.detect import LATE_AFTER_MS
from omsbot.domain.detection.findings import Happened
from omsbot.domain.detection.outages import (
    LONGEST_PROBE_MS,
    UNINTELLIGIBLE,
    ServerHealth,
    ServerVerdict,
    concerns_server,
    server_answered,
    server_failed,
    server_garbled,
)
from omsbot.domain.poll_pace import longest_pause_ms, pause_ms
from omsbot.domain.project.oms_error import OmsError, OmsErrorKind
from omsbot.domain.project.project import Snapshot
from omsbot.domain.project.subject import Server
from omsbot.domain.thresholds import RuleBook
from omsbot.metrics import Metrics
from omsbot.oms.client import OmsClient
from omsbot.services.polling import observations
from omsbot.services.polling.answer_batches import BATCH, Answered, Intake
from omsbot.services.polling.batch_queue import Lane
from omsbot.services.polling.observations import Told
from omsbot.services.polling.recorder import record
from omsbot.services.polling.workers import Workers
from omsbot.services.tasks import Tasks

log = logging.getLogger(__name__)

PER_SERVER = 2_000  # polls of one server that are claimed at a time
SIDE_BY_SIDE = 50  # of these are asked
GONE_PAUSE_MS = 60_000  # between two looks at a project that OMS does not know
LATE_PAUSES = 3  # what happened between two looks further apart than so many pauses is told as late


class Poller:
    def __init__(
        self,
        database: Database,
        clients: Mapping[str, OmsClient],
        *,
        interval_ms: int,
        rules: RuleBook,
        clock: Callable[[], int],
        timer: Callable[[], float],
        chance: Callable[[], float],
        token: Callable[[], str],
        tasks: Tasks,
        metrics: Metrics,
        wake: Callable[[], None],
        gather_s: float = 0.0,
    ) -> None:
        """`timer` is monotonic, in seconds; `chance` gives numbers from 0 to 1, `token` unique ids.

        `wake` is called when there is news. Answers without news are gathered for `gather_s` before they are
        stored.
        """
        self._database = database
        self._clients = clients
        self._interval_ms = interval_ms
        self._rules = rules
        self._late_after_ms = max(LATE_AFTER_MS, LATE_PAUSES * longest_pause_ms(interval_ms))
        self._clock = clock
        self._chance = chance
        self._token = token
        self._metrics = metrics
        self._wake = wake
        self._intake = Intake(
            database,
            interval_ms=interval_ms,
            late_after_ms=self._late_after_ms,
            rules=rules,
            clock=clock,
            timer=timer,
            chance=chance,
            tasks=tasks,
            store_one=self._answered,
            settled=self._stored,
            gather_s=gather_s,
        )
        self._workers = {name: Workers(tasks, self._poll_in_time, most=SIDE_BY_SIDE) for name in clients}
        self._unasked: Lane[Claimed] = Lane(tasks, self._give_back, most=BATCH)
        self._under_way: dict[str, set[int]] = {name: set() for name in clients}
        self._troubled: set[str] = set()  # servers of which it is counted how often they fail
        self._blind: set[str] = set()  # those that are asked by one poll at a time

    async def poll_due(self) -> int:
        """One pass: claim every due project and start its poll; returns how many."""
        claimed = await transact(self._database, self._claim)
        for project in claimed:
            server = project.ref.server
            self._under_way[server].add(project.id)
            self._workers[server].put(project, first=server in self._blind)
        return len(claimed)

    async def _claim(self, conn: Connection) -> list[Claimed]:
        now = self._clock()
        claimed: list[Claimed] = []
        states = await servers.states(conn)
        self._troubled = {name for name, state in states.items() if state.failures}
        self._blind = {name for name, state in states.items() if state.health is not ServerHealth.OK}
        for name in self._clients:
            room, due_by = PER_SERVER - len(self._under_way[name]), now
            if name in self._blind:
                # a server that does not answer is asked by one poll at a time, whichever project is next
                probing = await servers.claim_probe(conn, name, now=now, until=now + LEASE_MS)
                room, due_by = int(probing), now + LONGEST_PROBE_MS
            if room > 0:
                claimed += await projects.claim_due(
                    conn, name, token=self._token(), now=now, due_by=due_by, limit=room
                )
        return claimed

    async def _poll_in_time(self, project: Claimed) -> None:
        if project.leased_until - self._clock() < LEASE_MS // 2:
            # it waited behind slow ones for too long to be asked and stored while it is ours
            self._unasked.put(project)
            return
        try:
            await self.poll(project)
        except Exception:
            log.exception("a poll could not be stored", extra={"project": str(project.ref)})
            self._let_go(project)

    def _let_go(self, project: Claimed) -> None:
        self._under_way[project.ref.server].discard(project.id)

    async def _give_back(self, late: Sequence[Claimed]) -> None:
        for project in late:
            self._let_go(project)
        await transact(self._database, partial(projects.give_back, late=late))

    async def poll(self, project: Claimed) -> None:
        """Ask OMS about one claimed project, and have stored what follows."""
        asked_at, server = self._clock(), project.ref.server
        doubted = server in self._troubled  # then every answer says something about the server too
        digest = None if doubted else self._intake.digest(project)
        try:
            answer = await self._clients[server].steps_unless(project.ref.oms_id, digest)
        except OmsError as error:
            log.info(
                "a poll failed", extra={"project": str(project.ref), "kind": error.kind, "error": error.text}
            )
            told = await transact(self._database, partial(self._failed, claimed=project, error=error))
            self._settle(project, asked_at, error.kind, told)
        else:
            self._intake.put(project, answer, asked_at=asked_at, ahead=doubted)

    def _stored(self, one: Answered, told: Told | None) -> None:
        self._settle(one.project, one.asked_at, "ok", told)

    def _settle(self, project: Claimed, asked_at: int, outcome: str, told: Told | None) -> None:
        """Count a poll that is over; `told` is None where nothing could be stored of it."""
        self._let_go(project)
        if told is None:
            return
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

    async def _answered(self, conn: Connection, claimed: Claimed, snapshot: Snapshot) -> Told:
        """Transaction P. The project's row is locked first; a poll that lost its claim writes nothing."""
        now = self._clock()
        project = await projects.get(conn, claimed.id, lock=True)
        if (project.claim, project.version) != (claimed.claim, claimed.version):
            return ()
        told: Told = ()
        if claimed.ref.server in self._troubled:
            told += await self._server_answers(conn, claimed.ref.server, now)
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

    async def _failed(self, conn: Connection, claimed: Claimed, error: OmsError) -> Told:
        now = self._clock()
        project = await projects.get(conn, claimed.id, lock=True)
        if (project.claim, project.version) != (claimed.claim, claimed.version):
            return ()
        server = claimed.ref.server
        told: Told = ()
        blind = False
        if concerns_server(error):
            told, blind = await self._server_fails(conn, server, error, now)
        elif error.kind in UNINTELLIGIBLE:
            told, blind = await self._server_garbles(conn, project, error, now)
        if not blind and not concerns_server(error) and server in self._troubled:
            told += await self._server_answers(conn, server, now)
        if not blind:
            told += await observations.store_failure(conn, project, error, now=now)
        pause = GONE_PAUSE_MS if error.kind is OmsErrorKind.GONE else self._interval_ms
        await projects.release(conn, project, next_poll_at=now + pause)
        return told

    async def _server_fails(
        self, conn: Connection, name: str, error: OmsError, now: int
    ) -> tuple[Told, bool]:
        """Judge the server; returns the events and whether it is believed to be away."""
        await servers.ensure(conn, name, now=now)
        state, version = await servers.lock(conn, name)
        self._troubled.add(name)
        verdict = server_failed(state, error, now=now)
        told = await _store_verdict(conn, name, verdict, error, version=version + 1, now=now)
        return told, verdict.state.health is not ServerHealth.OK

    async def _server_garbles(
        self, conn: Connection, project: StoredProject, error: OmsError, now: int
    ) -> tuple[Told, bool]:
        """Judge the server by an answer that cannot be read; returns the same."""
        name = project.ref.server
        await servers.ensure(conn, name, now=now)
        state, version = await servers.lock(conn, name)
        suspicion = await observations.suspicion(conn, project)
        verdict = server_garbled(state, suspicion, await projects.sight(conn, name), error, now=now)
        if verdict is None:
            return (), False
        self._troubled.add(name)
        return await _store_verdict(conn, name, verdict, error, version=version + 1, now=now), True

    async def _server_answers(self, conn: Connection, name: str, now: int) -> Told:
        state, version = await servers.lock(conn, name)
        verdict = server_answered(state, now=now)
        if verdict.state is state:
            return ()
        await servers.store(conn, name, verdict.state, version + 1, None)
        if verdict.event is None:
            return ()
        await projects.spread(conn, name, now=now, over_ms=self._interval_ms)
        finding = Happened(verdict.event)
        told = await record(conn, Server(name), [finding], [], version=version + 1, now=now)
        await outbox.mark_server_cards_dirty(conn, name, STATE_DIRT)
        return told


async def _store_verdict(
    conn: Connection, name: str, verdict: ServerVerdict, error: OmsError, *, version: int, now: int
) -> Told:
    await servers.store(conn, name, verdict.state, version, (error.kind, str(error)))
    findings = [Happened(verdict.event)] if verdict.event else []
    told = await record(conn, Server(name), findings, [], version=version, now=now)
    if told:
        await outbox.mark_server_cards_dirty(conn, name, STATE_DIRT)
    return told
