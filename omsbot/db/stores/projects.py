"""Projects: their newest snapshot, and the claims by which a poll owns one of them.

A claim is a token with a lease (`next_poll_at` in the future); the version is the fence: whoever stores
must find the claim and the version that it read.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import Integer, Row, and_, bindparam, func, or_, select, update

from omsbot.db.codec import dump_snapshot, dump_watch, load_snapshot, load_watch
from omsbot.db.engine.connection import Connection
from omsbot.db.engine.statements import insert_ignore, set_columns
from omsbot.db.schema import latest, projects
from omsbot.domain.detection.outages import Sight
from omsbot.domain.memory.step_memory import Watch
from omsbot.domain.project.project import ProjectRef, Snapshot
from omsbot.domain.project.subject import Project

LEASE_MS = 30_000  # twice what a question may take: the first half is for the wait before it


class Following(StrEnum):
    FOLLOWED = "followed"
    UNFOLLOWED = "unfollowed"


@dataclass(frozen=True, slots=True)
class StoredProject:
    """One row; `latest` is the newest snapshot that could be read, None before the first.

    Its `observed_at` is the last poll, even if that found nothing new. `watch` is what is
    remembered of its steps; `check_at` is when time alone may bring news. `due_at` is when a poll
    that was claimed had been due.
    """

    id: int
    ref: ProjectRef
    name: str | None
    state: Following
    version: int
    claim: str | None
    latest: Snapshot | None
    observed_at: int | None
    next_poll_at: int
    troubled: bool
    watch: Watch = field(default_factory=Watch)
    check_at: int | None = None
    deadline_at: int | None = None
    due_at: int = 0

    @property
    def subject(self) -> Project:
        return Project(self.id)


@dataclass(frozen=True, slots=True)
class Claimed:
    """One row that a poll owns until a time, without its snapshot: most answers are not compared with it."""

    id: int
    ref: ProjectRef
    version: int
    claim: str | None
    observed_at: int | None
    check_at: int | None
    troubled: bool
    due_at: int
    leased_until: int


_CLAIMED = (
    projects.c.id,
    projects.c.server,
    projects.c.oms_id,
    projects.c.version,
    projects.c.next_poll_at,
    projects.c.observed_at,
    projects.c.check_at,
    projects.c.troubled,
)


# a project's row is locked before its latest: MariaDB would choose the other way round where that is shorter
_STORED = (
    select(projects, latest.c.snapshot, latest.c.watch)
    .join(latest)
    .prefix_with("STRAIGHT_JOIN", dialect="mysql")
    .prefix_with("STRAIGHT_JOIN", dialect="mariadb")
)


def _stored(row: Row[Any]) -> StoredProject:
    snapshot = load_snapshot(row.snapshot) if row.snapshot else None
    if snapshot and row.observed_at:
        snapshot = replace(snapshot, observed_at=row.observed_at)
    return StoredProject(
        id=row.id,
        ref=ProjectRef(row.server, row.oms_id),
        name=row.name,
        state=Following(row.state),
        version=row.version,
        claim=row.claim,
        latest=snapshot,
        observed_at=row.observed_at,
        next_poll_at=row.next_poll_at,
        troubled=bool(row.troubled),
        watch=load_watch(row.watch) if row.watch else Watch(),
        check_at=row.check_at,
        deadline_at=row.deadline_at,
    )


async def ensure(conn: Connection, ref: ProjectRef, *, now: int) -> StoredProject:
    """Return the project's row, locked; made where there is none."""
    fresh = {
        "server": ref.server,
        "oms_id": ref.oms_id,
        "state": Following.UNFOLLOWED,
        "version": 0,
        "troubled": 0,
        "next_poll_at": now,
    }
    await insert_ignore(conn, projects, [fresh])
    project_id = (await conn.execute(ID_LOCKED, _name(ref))).scalar_one()
    await insert_ignore(conn, latest, [{"project_id": project_id}])
    return await get(conn, project_id, lock=True)


_CALLED = and_(projects.c.server == bindparam("of"), projects.c.oms_id == bindparam("id_there"))


def _name(ref: ProjectRef) -> dict[str, str]:
    return {"of": ref.server, "id_there": ref.oms_id}


# statements are built once where every change or question runs them: building one costs more than running it
ID = select(projects.c.id).where(_CALLED)
ID_LOCKED = ID.with_for_update()
FOUND = _STORED.where(_CALLED)
FOUND_LOCKED = FOUND.with_for_update()


async def find_id(conn: Connection, ref: ProjectRef) -> int | None:
    number: int | None = (await conn.execute(ID, _name(ref))).scalar_one_or_none()
    return number


async def find(conn: Connection, ref: ProjectRef, *, lock: bool = False) -> StoredProject | None:
    row = (await conn.execute(FOUND_LOCKED if lock else FOUND, _name(ref))).one_or_none()
    return _stored(row) if row else None


ONE = _STORED.where(projects.c.id == bindparam("of"))
ONE_LOCKED = ONE.with_for_update()


async def get(conn: Connection, project_id: int, *, lock: bool = False) -> StoredProject:
    row = (await conn.execute(ONE_LOCKED if lock else ONE, {"of": project_id})).one()
    return _stored(row)


NAMES = select(projects.c.id, projects.c.server, projects.c.oms_id, projects.c.name).where(
    projects.c.id.in_(bindparam("ids", expanding=True))
)


async def named(
    conn: Connection, project_ids: Collection[int]
) -> Mapping[int, tuple[ProjectRef, str | None]]:
    """What these projects are called: in OMS's terms, and by a person, where that name is known."""
    rows = await conn.execute(NAMES, {"ids": list(project_ids)})
    return {row.id: (ProjectRef(row.server, row.oms_id), row.name) for row in rows}


_FREE = and_(
    projects.c.server == bindparam("of"),
    projects.c.state == Following.FOLLOWED,
    projects.c.next_poll_at <= bindparam("due_by"),
    or_(projects.c.claim.is_(None), projects.c.next_poll_at <= bindparam("now")),  # or its lease is over
)
DUE = select(*_CLAIMED).where(_FREE).order_by(projects.c.next_poll_at).limit(bindparam("most", type_=Integer))
TAKE = (
    update(projects)
    .where(projects.c.id.in_(bindparam("ids", expanding=True)), _FREE)
    .values(claim=bindparam("by"), next_poll_at=bindparam("until"))
)


async def claim_due(
    conn: Connection, server: str, *, token: str, now: int, due_by: int, limit: int
) -> Sequence[Claimed]:
    """Claim followed projects of a server that are due by a time, the longest due first."""
    free = {"of": server, "due_by": due_by, "now": now}
    due = await conn.execute(DUE, {**free, "most": limit})
    found = {row.id: _claimed(row, token, now) for row in due}
    if not found:
        return ()
    taken = await conn.execute(TAKE, {**free, "ids": list(found), "by": token, "until": now + LEASE_MS})
    if taken.rowcount == len(found):
        return list(found.values())
    # a worker that chose the same rows at the same time was first: its rows are not ours
    ours = select(projects.c.id).where(projects.c.id.in_(found), projects.c.claim == token)
    return [found[number] for number in (await conn.execute(ours)).scalars()]


def _claimed(row: Row[Any], token: str, now: int) -> Claimed:
    return Claimed(
        id=row.id,
        ref=ProjectRef(row.server, row.oms_id),
        version=row.version,
        claim=token,
        observed_at=row.observed_at,
        check_at=row.check_at,
        troubled=bool(row.troubled),
        due_at=min(now, row.next_poll_at),
        leased_until=now + LEASE_MS,
    )


RELEASE = (
    update(projects)
    .where(projects.c.id == bindparam("of"), projects.c.claim == bindparam("by"))
    .values(claim=None, next_poll_at=bindparam("next"))
)
TOUCH = RELEASE.values(observed_at=bindparam("seen"))


def _released(project: StoredProject | Claimed, next_poll_at: int) -> dict[str, Any]:
    return {"of": project.id, "by": project.claim, "next": next_poll_at}


async def release(conn: Connection, project: StoredProject | Claimed, *, next_poll_at: int) -> bool:
    """End a claim and set the next poll; False where the claim is not ours any more."""
    return (await conn.execute(RELEASE, _released(project, next_poll_at))).rowcount == 1


async def give_back(conn: Connection, late: Sequence[Claimed]) -> None:
    """End claims for which there was no time: the projects are due since when they were."""
    await conn.execute(RELEASE, [_released(project, project.due_at) for project in late])


async def touch(
    conn: Connection, project: StoredProject | Claimed, *, observed_at: int, next_poll_at: int
) -> None:
    """End a claim whose answer changed nothing that is not stored yet."""
    await touch_all(conn, [(project, observed_at, next_poll_at)])


async def touch_all(conn: Connection, touched: Sequence[tuple[StoredProject | Claimed, int, int]]) -> None:
    """End many claims: each with when its answer came, and when it is asked for again."""
    await conn.execute(
        TOUCH,
        [{**_released(project, following), "seen": seen} for project, seen, following in touched],
    )


MANY_LOCKED = (
    _STORED.where(projects.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(projects.c.id)
    .with_for_update()
)


async def locked(conn: Connection, claimed: Sequence[Claimed]) -> Sequence[StoredProject]:
    """The rows that are still owned by these claims and were not stored meanwhile, locked in one order."""
    own = {project.id: (project.claim, project.version) for project in claimed}
    rows = await conn.execute(MANY_LOCKED, {"ids": list(own)})
    return [_stored(row) for row in rows if own[row.id] == (row.claim, row.version)]


@dataclass(frozen=True, slots=True)
class Figures:
    """What an answer brought in which only figures changed; `next_poll_at` ends the claim."""

    project: StoredProject
    snapshot: Snapshot
    watch: Watch
    check_at: int | None
    next_poll_at: int


STORE_LATEST = (
    update(latest)
    .where(latest.c.project_id == bindparam("of"))
    .values(snapshot=bindparam("said"), watch=bindparam("memory"))
)
LOOKED = (
    update(projects)
    .where(projects.c.id == bindparam("of"))
    .values(observed_at=bindparam("seen"), check_at=bindparam("check"))
)
LOOKED_AND_RELEASED = LOOKED.values(claim=None, next_poll_at=bindparam("next"))


async def store_figures(conn: Connection, many: Sequence[Figures]) -> None:
    """Store the newest snapshots of locked projects and end their claims."""
    await conn.execute(STORE_LATEST, [_latest(one.project.id, one.snapshot, one.watch) for one in many])
    await conn.execute(
        LOOKED_AND_RELEASED,
        [{**_looked(one.project.id, one.snapshot, one.check_at), "next": one.next_poll_at} for one in many],
    )


async def store_latest(
    conn: Connection, project_id: int, snapshot: Snapshot, watch: Watch, *, check_at: int | None
) -> None:
    await conn.execute(STORE_LATEST, _latest(project_id, snapshot, watch))
    await conn.execute(LOOKED, _looked(project_id, snapshot, check_at))


def _latest(project_id: int, snapshot: Snapshot, watch: Watch) -> dict[str, Any]:
    return {"of": project_id, "said": dump_snapshot(snapshot), "memory": dump_watch(watch)}


def _looked(project_id: int, snapshot: Snapshot, check_at: int | None) -> dict[str, Any]:
    return {"of": project_id, "seen": snapshot.observed_at, "check": check_at}


async def sight(conn: Connection, server: str) -> Sight:
    """What is seen of the followed projects of a server."""
    row = (
        await conn.execute(
            select(func.max(projects.c.observed_at), func.sum(projects.c.troubled)).where(
                projects.c.server == server, projects.c.state == Following.FOLLOWED
            )
        )
    ).one()
    return Sight(row[0], int(row[1] or 0))


async def recover(conn: Connection, *, now: int) -> None:
    """After a restart of the only process: the claims that it left are free."""
    await conn.execute(
        update(projects).where(projects.c.claim.is_not(None)).values(claim=None, next_poll_at=now)
    )


async def judge_again(conn: Connection, *, now: int) -> None:
    """After a start: judge also answers that stay the same, by rules that may be others than before."""
    later = or_(projects.c.check_at.is_(None), projects.c.check_at > now)
    await conn.execute(
        update(projects).where(projects.c.state == Following.FOLLOWED, later).values(check_at=now)
    )


async def advance(conn: Connection, project_id: int, *, version: int, troubled: bool) -> None:
    """Move the fence on, with whether the answer that did it could be used."""
    await set_columns(conn, projects, {"id": project_id}, {"version": version, "troubled": int(troubled)})


async def follow(conn: Connection, project_id: int, state: Following, *, now: int) -> None:
    await set_columns(
        conn, projects, {"id": project_id}, {"state": state, "next_poll_at": now, "claim": None}
    )


async def rename(conn: Connection, ref: ProjectRef, name: str) -> None:
    """Note the name that OMS's list gives a project."""
    await set_columns(conn, projects, {"server": ref.server, "oms_id": ref.oms_id}, {"name": name[:256]})


async def spread(conn: Connection, server: str, *, now: int, over_ms: int) -> None:
    """Spread the polls that came due while a server was away, so that its return is no stampede."""
    late = select(projects.c.id).where(
        projects.c.server == server, projects.c.next_poll_at <= now, projects.c.state == Following.FOLLOWED
    )
    ids = list((await conn.execute(late)).scalars())
    for number, project_id in enumerate(ids):
        await conn.execute(
            update(projects)
            .where(projects.c.id == project_id, projects.c.next_poll_at <= now)
            .values(next_poll_at=now + over_ms * number // len(ids))
        )
