"""The deadline of a project: set, shown and removed by people; what is late is found by the polls."""

from collections.abc import Callable

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.engine import Database, transact
from omsbot.db.stores import audit, deadlines, outbox, projects, subscriptions
from omsbot.db.stores.deadlines import Deadline
from omsbot.db.stores.projects import StoredProject
from omsbot.db.stores.subscriptions import SubscriptionState
from omsbot.domain.forecast.deadline import FORMS, Moment, Wanted, moment
from omsbot.domain.project.project import ProjectRef
from omsbot.services.access import Access
from omsbot.services.refusal import Refusal


class Deadlines:
    """All may raise `Refusal`. A project has one deadline, for all channels that follow it."""

    def __init__(self, database: Database, access: Access, *, wake: Callable[[], None]) -> None:
        self._database = database
        self._access = access
        self._wake = wake

    async def show(self, *, channel_id: str, ref: ProjectRef) -> Deadline:
        self._access.check(channel_id, ref.server)
        async with self._database.read() as conn:
            project = await projects.find(conn, ref)
            found = await deadlines.deadline_of(conn, project.id) if project else None
        if found is None:
            raise _none(ref)
        return found

    async def set(self, *, channel_id: str, ref: ProjectRef, wanted: Wanted, actor: str, now: int) -> Moment:
        """Set it to the next moment that is meant; a time is of the channel's zone where none was said."""

        async def work(conn: Connection) -> Moment:
            project = await self._followed(conn, channel_id, ref)
            found = _moment(wanted, now, await deadlines.zone_of(conn, channel_id), ref)
            await deadlines.set_deadline(conn, project.id, Deadline(found.at, actor))
            await _note(conn, project, channel_id, detail=str(found.at), actor=actor, now=now)
            return found

        done = await transact(self._database, work)
        self._wake()
        return done

    async def remove(self, *, channel_id: str, ref: ProjectRef, actor: str, now: int) -> None:
        async def work(conn: Connection) -> None:
            project = await self._followed(conn, channel_id, ref)
            if await deadlines.deadline_of(conn, project.id) is None:
                raise _none(ref)
            await deadlines.set_deadline(conn, project.id, None)
            await _note(conn, project, channel_id, detail="off", actor=actor, now=now)

        await transact(self._database, work)
        self._wake()

    async def _followed(self, conn: Connection, channel_id: str, ref: ProjectRef) -> StoredProject:
        """The project's row, locked; a channel sets deadlines of what it follows."""
        self._access.check(channel_id, ref.server)
        project = await projects.find(conn, ref, lock=True)
        known = await subscriptions.find(conn, channel_id, project.subject) if project else None
        if project is None or known is None or known.state is SubscriptionState.ENDED:
            raise Refusal(
                f"This channel does not follow `{ref}`.",
                f"Follow it first, so that somebody hears of the deadline: `/oms subscribe {ref}`.",
            )
        return project


async def _note(
    conn: Connection, project: StoredProject, channel_id: str, *, detail: str, actor: str, now: int
) -> None:
    """Write down who did what, and let the cards show it."""
    await audit.note(
        conn,
        actor=actor,
        action="deadline",
        channel_id=channel_id,
        scope=project.subject,
        detail=detail,
        now=now,
    )
    await outbox.mark_cards_dirty(conn, [project.subject], outbox.STATE_DIRT)


def _moment(wanted: Wanted, now: int, zone: str | None, ref: ProjectRef) -> Moment:
    try:
        return moment(wanted, now=now, zone=zone)
    except ValueError as wrong:
        raise Refusal(str(wrong), f"Write it like `/oms deadline {ref} 02:00`: {FORMS}.") from wrong


def _none(ref: ProjectRef) -> Refusal:
    return Refusal(f"`{ref}` has no deadline.", f"`/oms deadline {ref} 02:00` sets one: {FORMS}.")
