"""Silences: until when a channel wants to hear nothing of a subject, or of anything."""

from collections.abc import Collection, Sequence

from sqlalchemy import BigInteger, BindParameter, bindparam, delete, select

from omsbot.db.engine.connection import Connection
from omsbot.db.schema import channels, silences
from omsbot.db.subjects import scope_key, scope_of
from omsbot.domain.notify.quiet_hours import quiet_until, read_quiet_hours
from omsbot.domain.notify.routing import Silence
from omsbot.domain.project.subject import Subject

# built once: every change, message and card asks both
PLACES: BindParameter[str] = bindparam("places", expanding=True)
SILENCES = select(silences).where(
    silences.c.channel_id.in_(PLACES), silences.c.until_at > bindparam("now", type_=BigInteger)
)
QUIET = select(channels.c.id, channels.c.quiet, channels.c.time_zone).where(
    channels.c.id.in_(PLACES), channels.c.quiet.is_not(None)
)


async def current(conn: Connection, channel_ids: Collection[str], *, now: int) -> Sequence[Silence]:
    """The silences that hold now, those of quiet hours among them."""
    places = list(channel_ids)
    rows = await conn.execute(SILENCES, {"places": places, "now": now})
    muted = [Silence(row.channel_id, scope_of(row.subject), row.until_at) for row in rows]
    quiet = await conn.execute(QUIET, {"places": places})
    hours = {row.id: read_quiet_hours(row.quiet, row.time_zone) for row in quiet}
    ends = {channel: quiet_until(one, now) for channel, one in hours.items()}
    return muted + [Silence(channel, None, until) for channel, until in ends.items() if until is not None]


async def start(
    conn: Connection, channel_id: str, scope: Subject | None, *, until: int, actor: str, now: int
) -> None:
    """Start a silence, replacing any other over the same scope (None is everything)."""
    await end(conn, channel_id, scope)
    await conn.execute(
        silences.insert().values(
            channel_id=channel_id, subject=scope_key(scope), until_at=until, actor=actor, created_at=now
        )
    )


async def end(conn: Connection, channel_id: str, scope: Subject | None) -> int:
    """End the silences over a scope; returns how many there were."""
    done = await conn.execute(
        delete(silences).where(silences.c.channel_id == channel_id, silences.c.subject == scope_key(scope))
    )
    return done.rowcount
