"""Judging a server by how it answers, in the transaction that stores the answer."""

from omsbot.db.engine.connection import Connection
from omsbot.db.stores import outbox, projects, servers
from omsbot.db.stores.outbox import STATE_DIRT
from omsbot.db.stores.projects import StoredProject
from omsbot.domain.detection.findings import Happened
from omsbot.domain.detection.outages import (
    ServerHealth,
    ServerVerdict,
    server_answered,
    server_failed,
    server_garbled,
)
from omsbot.domain.project.oms_error import OmsError
from omsbot.domain.project.subject import Server
from omsbot.services.polling import observations
from omsbot.services.polling.observations import Told
from omsbot.services.polling.recorder import record


class ServerJudge:
    """Keeps in mind which servers fail, so that an answer of any other costs no look at its server's row."""

    def __init__(self, *, interval_ms: int) -> None:
        self._interval_ms = interval_ms
        self.troubled: set[str] = set()  # servers of which it is counted how often they fail
        self.blind: set[str] = set()  # those that are asked by one poll at a time

    async def learn(self, conn: Connection) -> None:
        """Learn from the database which servers fail, as another replica may have seen."""
        states = await servers.states(conn)
        self.troubled = {name for name, state in states.items() if state.failures}
        self.blind = {name for name, state in states.items() if state.health is not ServerHealth.OK}

    async def failed(self, conn: Connection, name: str, error: OmsError, now: int) -> tuple[Told, bool]:
        """Judge a server that gave no answer; returns the events and whether it is believed to be away."""
        await servers.ensure(conn, name, now=now)
        state, version = await servers.lock(conn, name)
        self.troubled.add(name)
        verdict = server_failed(state, error, now=now)
        told = await _store(conn, name, verdict, error, version=version + 1, now=now)
        return told, verdict.state.health is not ServerHealth.OK

    async def garbled(
        self, conn: Connection, project: StoredProject, error: OmsError, now: int
    ) -> tuple[Told, bool]:
        """Judge a server by an answer that cannot be read; returns the same."""
        name = project.ref.server
        await servers.ensure(conn, name, now=now)
        state, version = await servers.lock(conn, name)
        suspicion = await observations.suspicion(conn, project)
        verdict = server_garbled(state, suspicion, await projects.sight(conn, name), error, now=now)
        if verdict is None:
            return (), False
        self.troubled.add(name)
        return await _store(conn, name, verdict, error, version=version + 1, now=now), True

    async def answered(self, conn: Connection, name: str, now: int) -> Told:
        """Judge a server by an answer that can be read; one that never failed is not looked up."""
        if name not in self.troubled:
            return ()
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


async def _store(
    conn: Connection, name: str, verdict: ServerVerdict, error: OmsError, *, version: int, now: int
) -> Told:
    await servers.store(conn, name, verdict.state, version, (error.kind, str(error)))
    findings = [Happened(verdict.event)] if verdict.event else []
    told = await record(conn, Server(name), findings, [], version=version, now=now)
    if told:
        await outbox.mark_server_cards_dirty(conn, name, STATE_DIRT)
    return told
