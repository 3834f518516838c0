"""Asking OMS about every followed project.

One pass claims what is due and leaves the polls to the server's own workers: a server that hangs holds up its
own polls, at most `PER_SERVER` of them, and nobody else's. Each poll goes one way: asked here, gathered in
`answer_batches`, stored in `poll_transaction`, counted in `polls_under_way`.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.engine import Database, transact
from omsbot.db.stores import projects, servers
from omsbot.db.stores.projects import LEASE_MS, Claimed
from omsbot.domain.detection.outages import LONGEST_PROBE_MS
from omsbot.domain.project.oms_error import OmsError
from omsbot.domain.thresholds import RuleBook
from omsbot.metrics import Metrics
from omsbot.services.polling.answer_batches import BATCH, Intake
from omsbot.services.polling.batch_queue import Lane
from omsbot.services.polling.poll_transaction import PollTransaction
from omsbot.services.polling.polls_under_way import PollsUnderWay
from omsbot.services.polling.ports import PolledOms
from omsbot.services.polling.server_judge import ServerJudge
from omsbot.services.polling.workers import Workers
from omsbot.services.tasks import Tasks

log = logging.getLogger(__name__)

PER_SERVER = 2_000  # polls of one server that are claimed at a time
SIDE_BY_SIDE = 50  # of these are asked


class Poller:
    def __init__(
        self,
        database: Database,
        clients: Mapping[str, PolledOms],
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
        self._clock = clock
        self._token = token
        self._servers = ServerJudge(interval_ms=interval_ms)
        self._under_way = PollsUnderWay(clients, clock=clock, metrics=metrics, wake=wake)
        self._transaction = PollTransaction(
            self._servers, interval_ms=interval_ms, rules=rules, clock=clock, chance=chance
        )
        self._intake = Intake(
            database,
            self._transaction,
            self._under_way,
            clock=clock,
            timer=timer,
            tasks=tasks,
            gather_s=gather_s,
        )
        self._workers = {name: Workers(tasks, self._poll_in_time, most=SIDE_BY_SIDE) for name in clients}
        self._unasked: Lane[Claimed] = Lane(tasks, self._give_back, most=BATCH)

    async def poll_due(self) -> int:
        """One pass: claim every due project and start its poll; returns how many."""
        claimed = await transact(self._database, self._claim)
        for project in claimed:
            server = project.ref.server
            self._under_way.begin(project)
            self._workers[server].put(project, first=server in self._servers.blind)
        return len(claimed)

    async def _claim(self, conn: Connection) -> list[Claimed]:
        now = self._clock()
        claimed: list[Claimed] = []
        await self._servers.learn(conn)
        for name in self._clients:
            room, due_by = PER_SERVER - self._under_way.number(name), now
            if name in self._servers.blind:
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
            self._under_way.let_go(project)

    async def _give_back(self, late: Sequence[Claimed]) -> None:
        for project in late:
            self._under_way.let_go(project)
        await transact(self._database, partial(projects.give_back, late=late))

    async def poll(self, project: Claimed) -> None:
        """Ask OMS about one claimed project, and have stored what follows."""
        asked_at, server = self._clock(), project.ref.server
        doubted = server in self._servers.troubled  # then every answer says something about the server too
        digest = None if doubted else self._intake.digest(project)
        try:
            answer = await self._clients[server].steps_unless(project.ref.oms_id, digest)
        except OmsError as error:
            log.info(
                "a poll failed", extra={"project": str(project.ref), "kind": error.kind, "error": error.text}
            )
            store = partial(self._transaction.failed, claimed=project, error=error)
            self._under_way.end(project, asked_at, error.kind, await transact(self._database, store))
        else:
            self._intake.put(project, answer, asked_at=asked_at, ahead=doubted)
