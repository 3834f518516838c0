"""Slack's limits as rows, so that a restart forgets none and replicas share them."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from omsbot.db.schema import limits
from omsbot.db.statements import insert_ignore
from omsbot.domain.throttle import APP_WIDE, Slot, next_allowed, reserved


async def reserve(conn: AsyncConnection, method: str, channel_id: str, *, now: int) -> int | None:
    """Take the slot of a method in a channel: None where it is taken now, else the time at which one is free.

    The rows are locked, app-wide first, so that two replicas cannot both win and cannot deadlock.
    """
    keys = [APP_WIDE, channel_id] if channel_id != APP_WIDE else [APP_WIDE]
    await insert_ignore(
        conn,
        limits,
        [{"method": method, "channel_id": key, "next_at": 0, "blocked_until": 0} for key in keys],
    )
    slots = {key: await _slot(conn, method, key) for key in keys}
    app, channel = slots[APP_WIDE], slots[channel_id]
    free_at = next_allowed(channel, app)
    if free_at > now:
        return free_at
    channel_next, app_next = reserved(method, now)
    if channel_id != APP_WIDE:
        await _set(conn, method, channel_id, next_at=channel_next)
    await _set(conn, method, APP_WIDE, next_at=app_next)
    return None


async def block(conn: AsyncConnection, method: str, channel_id: str, *, until: int, now: int) -> None:
    """Note a 429 of a method in a channel; where another channel is blocked too, the whole method is."""
    others = select(limits.c.channel_id).where(
        limits.c.method == method,
        limits.c.channel_id.not_in([channel_id, APP_WIDE]),
        limits.c.blocked_until > now,
    )
    widened = (await conn.execute(others.limit(1))).first() is not None
    for key in {channel_id, APP_WIDE} if widened else {channel_id}:
        await insert_ignore(
            conn, limits, [{"method": method, "channel_id": key, "next_at": 0, "blocked_until": 0}]
        )
        await _set(conn, method, key, blocked_until=until)


async def _slot(conn: AsyncConnection, method: str, channel_id: str) -> Slot:
    query = select(limits).where(limits.c.method == method, limits.c.channel_id == channel_id)
    row = (await conn.execute(query.with_for_update())).one()
    return Slot(row.next_at, row.blocked_until)


async def _set(conn: AsyncConnection, method: str, channel_id: str, **values: int) -> None:
    await conn.execute(
        update(limits).where(limits.c.method == method, limits.c.channel_id == channel_id).values(**values)
    )


async def block_all(conn: AsyncConnection, method: str, *, until: int) -> None:
    """Let nobody call a method until then."""
    await insert_ignore(
        conn, limits, [{"method": method, "channel_id": APP_WIDE, "next_at": 0, "blocked_until": 0}]
    )
    await _set(conn, method, APP_WIDE, blocked_until=until)
