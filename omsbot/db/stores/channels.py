"""Channels: whether Slack takes them, what they are called, and their quiet hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import bindparam, or_, select, update

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.statements import insert_ignore, set_columns
from omsbot.db.schema import channels, subscriptions
from omsbot.db.stores.subscriptions import SubscriptionState
from omsbot.db.subjects import is_project
from omsbot.domain.notify.quiet_hours import QuietHours

REASON_LIMIT = 128


class ChannelState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"  # Slack refuses it; `reason` says why


@dataclass(frozen=True, slots=True)
class PausedChannel:
    """A channel that Slack refuses, who subscribed there, and how many projects it follows."""

    id: str
    reason: str
    subscribers: tuple[str, ...]
    projects: int


async def ensure(conn: Connection, channel_id: str, team_id: str) -> None:
    fresh = {"id": channel_id, "team_id": team_id, "state": ChannelState.ACTIVE, "attempts": 0}
    await insert_ignore(conn, channels, [fresh])


async def pause(conn: Connection, channel_id: str, reason: str, *, probe_at: int | None) -> None:
    await conn.execute(
        update(channels)
        .where(channels.c.id == channel_id)
        .values(
            state=ChannelState.PAUSED,
            reason=reason[:REASON_LIMIT],
            probe_at=probe_at,
            attempts=channels.c.attempts + 1,
        )
    )


async def unannounced_pauses(conn: Connection) -> Sequence[PausedChannel]:
    """Paused channels whose subscribers do not know it yet."""
    rows = await conn.execute(
        select(channels.c.id, channels.c.reason, subscriptions.c.created_by)
        .join(subscriptions, subscriptions.c.channel_id == channels.c.id)
        .where(
            channels.c.state == ChannelState.PAUSED,
            channels.c.told_at.is_(None),
            subscriptions.c.state == SubscriptionState.ACTIVE,
            is_project(subscriptions.c.subject),
        )
        .order_by(channels.c.id, subscriptions.c.id)
    )
    found: dict[tuple[str, str], list[str | None]] = {}
    for row in rows:
        found.setdefault((row.id, row.reason or ""), []).append(row.created_by)
    return [
        PausedChannel(key[0], key[1], tuple(dict.fromkeys(filter(None, people))), len(people))
        for key, people in found.items()
    ]


async def note_announced(conn: Connection, *, channel_id: str, now: int) -> bool:
    """Take the task of announcing a pause; False if another has it."""
    done = await conn.execute(
        update(channels)
        .where(
            channels.c.id == channel_id, channels.c.state == ChannelState.PAUSED, channels.c.told_at.is_(None)
        )
        .values(told_at=now)
    )
    return done.rowcount == 1


async def attempts(conn: Connection, channel_id: str) -> int:
    """How often in a row Slack refused the channel."""
    query = select(channels.c.attempts).where(channels.c.id == channel_id)
    return (await conn.execute(query)).scalar_one_or_none() or 0


RESUME = (
    update(channels)
    .where(
        channels.c.id == bindparam("of"),
        or_(channels.c.state != ChannelState.ACTIVE, channels.c.attempts > 0),
    )
    .values(state=ChannelState.ACTIVE, reason=None, probe_at=None, attempts=0, told_at=None)
)


async def resume(conn: Connection, channel_id: str) -> None:
    """Use a channel again; what waits for it need not wait out its back-off."""
    if (await conn.execute(RESUME, {"of": channel_id})).rowcount:
        await conn.execute(
            update(subscriptions).where(subscriptions.c.channel_id == channel_id).values(retry_at=0)
        )


async def rename(conn: Connection, channel_id: str, name: str) -> None:
    await set_columns(conn, channels, {"id": channel_id}, {"name": name[:128]})


PAUSED = select(channels.c.reason).where(
    channels.c.id == bindparam("of"), channels.c.state == ChannelState.PAUSED
)


async def paused_reason(conn: Connection, channel_id: str) -> str | None:
    """Why Slack refuses a channel; None if it does not."""
    return (await conn.execute(PAUSED, {"of": channel_id})).scalar_one_or_none()


async def set_quiet_hours(conn: Connection, channel_id: str, hours: QuietHours | None) -> None:
    """Set a channel's quiet hours, or (None) end them."""
    columns = {"quiet": str(hours) if hours else None, "time_zone": hours.zone if hours else None}
    await set_columns(conn, channels, {"id": channel_id}, columns)
