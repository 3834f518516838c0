"""Slack's limits as rows, so that a restart forgets none and replicas share them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.statements import insert_ignore, set_columns
from omsbot.db.schema import limits
from omsbot.domain.notify.slack_limits import (
    APP_WIDE,
    DOWN_AFTER,
    PROBE_LEASE_MS,
    Slot,
    next_allowed,
    probe_pause_ms,
    reserved,
)

KNOWN = (
    select(limits)
    .where(limits.c.method == bindparam("method"), limits.c.channel_id.in_(bindparam("keys", expanding=True)))
    .order_by(limits.c.channel_id)
    .with_for_update()
)


async def reserve(conn: Connection, method: str, channel_id: str, *, now: int) -> int | None:
    """Take the slot of a method in a channel: None if it was free, else when one is (ms).

    The rows are locked, app-wide first, so that two replicas cannot both win and cannot deadlock.
    """
    keys = [APP_WIDE, channel_id] if channel_id != APP_WIDE else [APP_WIDE]
    slots = await _locked(conn, method, keys)
    app, channel = slots[APP_WIDE], slots[channel_id]
    free_at = next_allowed(channel, app)
    if free_at > now:
        return free_at
    channel_next, app_next = reserved(method, app, now)
    if channel_id != APP_WIDE:
        await _set(conn, method, channel_id, next_at=channel_next)
    # while Slack is down this call is a probe, and no one else calls until its outcome is known
    probing = {"blocked_until": now + PROBE_LEASE_MS} if app.failures >= DOWN_AFTER else {}
    await _set(conn, method, APP_WIDE, next_at=app_next, **probing)
    return None


OF_APP = select(limits).where(limits.c.method == bindparam("method"), limits.c.channel_id == APP_WIDE)


async def of_app(conn: Connection, method: str) -> Slot:
    """What holds for a method in the whole app."""
    row = (await conn.execute(OF_APP, {"method": method})).one_or_none()
    return _slot(row) if row else Slot()


async def failed(conn: Connection, method: str, *, now: int) -> int:
    """Count a call that Slack did not answer; after a few in a row one probe at a time is let through."""
    known = (await _locked(conn, method, [APP_WIDE]))[APP_WIDE]
    failures = known.failures + 1
    probing = known.failures >= DOWN_AFTER  # the lease of a probe ends with its outcome
    until = now + probe_pause_ms(failures) if failures >= DOWN_AFTER else 0
    blocked = {"blocked_until": until if probing else max(until, known.blocked_until)} if until else {}
    await _set(conn, method, APP_WIDE, failures=failures, **blocked)
    return failures


async def answered(conn: Connection, method: str) -> bool:
    """Note that Slack answers; True if it was taken to be down: everyone may call again at once."""
    if not (await of_app(conn, method)).failures:
        return False
    row = (limits.c.method == method) & (limits.c.channel_id == APP_WIDE)
    up = update(limits).where(row, limits.c.failures >= DOWN_AFTER).values(failures=0, blocked_until=0)
    if (await conn.execute(up)).rowcount == 1:
        return True
    await conn.execute(update(limits).where(row).values(failures=0))
    return False


async def block(conn: Connection, method: str, channel_id: str, *, until: int, now: int) -> None:
    """Note a 429 of a method in a channel; where another channel is blocked too, the whole method is."""
    others = select(limits.c.channel_id).where(
        limits.c.method == method,
        limits.c.channel_id.not_in([channel_id, APP_WIDE]),
        limits.c.blocked_until > now,
    )
    widened = (await conn.execute(others.limit(1))).first() is not None
    for key in [APP_WIDE, channel_id] if widened else [channel_id]:
        await _pause(conn, method, key, until)


async def _pause(conn: Connection, method: str, channel_id: str, until: int) -> None:
    """Begin a pause; one that lasts longer is not cut short."""
    known = (await _locked(conn, method, [channel_id]))[channel_id]
    await _set(conn, method, channel_id, blocked_until=max(until, known.blocked_until))


async def _locked(conn: Connection, method: str, keys: Sequence[str]) -> Mapping[str, Slot]:
    """The rows of a method, locked in the order of their keys; those that are not there yet are written."""
    found = await _known(conn, method, keys)
    if len(found) < len(keys):
        fresh = {"next_at": 0, "blocked_until": 0, "failures": 0}
        await insert_ignore(conn, limits, [{"method": method, "channel_id": key, **fresh} for key in keys])
        found = await _known(conn, method, keys)
    return found


async def _known(conn: Connection, method: str, keys: Sequence[str]) -> Mapping[str, Slot]:
    rows = await conn.execute(KNOWN, {"method": method, "keys": keys})
    return {row.channel_id: _slot(row) for row in rows}


def _slot(row: Row[Any]) -> Slot:
    return Slot(row.next_at, row.blocked_until, row.failures)


async def _set(conn: Connection, method: str, channel_id: str, **values: int) -> None:
    await set_columns(conn, limits, {"method": method, "channel_id": channel_id}, values)


async def block_all(conn: Connection, method: str, *, until: int) -> None:
    """Let no one call a method until then."""
    await _pause(conn, method, APP_WIDE, until)
