"""OMS servers: whether they answer, and who may probe one that does not."""

from collections.abc import Mapping

from sqlalchemy import bindparam, select, update

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.statements import insert_ignore
from omsbot.db.schema import servers
from omsbot.domain.detection.outages import ServerHealth, ServerState


async def ensure(conn: Connection, name: str, *, now: int) -> None:
    fresh = {
        "name": name,
        "state": ServerHealth.OK,
        "since_at": now,
        "failures": 0,
        "probe_at": 0,
        "version": 0,
    }
    await insert_ignore(conn, servers, [fresh])


async def states(conn: Connection) -> Mapping[str, ServerState]:
    rows = await conn.execute(select(servers))
    return {
        row.name: ServerState(ServerHealth(row.state), row.since_at, row.failures, row.probe_at)
        for row in rows
    }


ONE = select(servers).where(servers.c.name == bindparam("of"))


async def problem(conn: Connection, name: str) -> tuple[str, int] | None:
    """What is wrong with a server, in one sentence, and since when; None if it answers."""
    row = (await conn.execute(ONE, {"of": name})).one_or_none()
    if row is None or row.state == ServerHealth.OK:
        return None
    return row.error_text, row.since_at


async def lock(conn: Connection, name: str) -> tuple[ServerState, int]:
    """Return a server's state and version, its row locked."""
    row = (await conn.execute(ONE.with_for_update(), {"of": name})).one()
    return ServerState(ServerHealth(row.state), row.since_at, row.failures, row.probe_at), row.version


async def store(
    conn: Connection, name: str, state: ServerState, version: int, error: tuple[str, str] | None
) -> None:
    """Store a judged state; `error` is its kind and its sentence."""
    kind, text = error or (None, None)
    await conn.execute(
        update(servers)
        .where(servers.c.name == name)
        .values(
            state=state.health,
            since_at=state.since_at,
            failures=state.failures,
            probe_at=state.probe_at,
            error_kind=kind,
            error_text=text,
            version=version,
        )
    )


async def recover(conn: Connection, *, now: int) -> None:
    """After a restart of the only process: every server that was away may be probed at once."""
    await conn.execute(update(servers).where(servers.c.state != ServerHealth.OK).values(probe_at=now))


async def claim_probe(conn: Connection, name: str, *, now: int, until: int) -> bool:
    """Take the one probe of a server that does not answer; False if it is not due or another took it."""
    done = await conn.execute(
        update(servers)
        .where(servers.c.name == name, servers.c.state != ServerHealth.OK, servers.c.probe_at <= now)
        .values(probe_at=until)
    )
    return done.rowcount == 1
