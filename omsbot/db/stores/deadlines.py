"""The deadlines of projects."""

from dataclasses import dataclass

from sqlalchemy import select

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.statements import set_columns
from omsbot.db.schema import channels, projects


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a project is to be done, in ms, and the Slack id of the person who set it."""

    at: int
    by: str | None


async def deadline_of(conn: Connection, project_id: int) -> Deadline | None:
    query = select(projects.c.deadline_at, projects.c.deadline_by).where(projects.c.id == project_id)
    row = (await conn.execute(query)).one_or_none()
    return Deadline(row.deadline_at, row.deadline_by) if row and row.deadline_at is not None else None


async def set_deadline(conn: Connection, project_id: int, deadline: Deadline | None) -> None:
    """Set the deadline in the place of any other, or (None) remove it."""
    values = {
        "deadline_at": deadline.at if deadline else None,
        "deadline_by": deadline.by if deadline else None,
        "check_at": 0,  # judged at the next poll, whatever that shows
    }
    await set_columns(conn, projects, {"id": project_id}, values)


async def zone_of(conn: Connection, channel_id: str) -> str | None:
    """The time zone in which a channel has its quiet hours; None where it never named one."""
    query = select(channels.c.time_zone).where(channels.c.id == channel_id)
    return (await conn.execute(query)).scalar_one_or_none()
