"""A wall clock that was set back: every time that is due moves back with it.

Due times are wall clock, so that they hold across restarts and between replicas. After a step back of an
hour they would all lie an hour ahead, and nothing would be polled or posted for that hour.
"""

from typing import Any

from sqlalchemy import Column, Table, update

from omsbot.db.engine.connection import Connection
from omsbot.db.schema import channels, deliveries, limits, posts, projects, servers, subscriptions

DUE: tuple[tuple[Table, Column[Any]], ...] = (
    (projects, projects.c.next_poll_at),
    (projects, projects.c.check_at),
    (servers, servers.c.probe_at),
    (subscriptions, subscriptions.c.retry_at),
    (channels, channels.c.probe_at),
    (posts, posts.c.due_at),
    (posts, posts.c.edited_at),
    (limits, limits.c.next_at),
    (limits, limits.c.blocked_until),
)


async def pull_back(conn: Connection, *, now: int, by_ms: int) -> None:
    """Move what is due after `now` (the new time) back by what the clock was set back.

    A silence ends when it was said to end: what it postpones stays, unless it was due at once.
    """
    for table, column in DUE:
        await conn.execute(update(table).where(column > now).values({column.name: column - by_ms}))
    told_at_once = deliveries.c.not_before.between(now, now + by_ms)
    await conn.execute(update(deliveries).where(told_at_once).values(not_before=now))
