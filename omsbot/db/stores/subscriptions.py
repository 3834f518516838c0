"""Channels, what each follows, and its silences."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, BindParameter, Row, bindparam, delete, func, or_, select, update

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.statements import insert_ignore, set_columns
from omsbot.db.schema import channels, deliveries, posts, silences, subscriptions
from omsbot.db.subjects import is_project, key_of, scope_key, scope_of, subject_of
from omsbot.domain.events import Level
from omsbot.domain.notify.delivery import DeliveryState
from omsbot.domain.notify.follow_options import FollowOptions
from omsbot.domain.notify.quiet_hours import QuietHours, quiet_until, read_quiet_hours
from omsbot.domain.notify.routing import Silence, Subscription
from omsbot.domain.project.subject import Subject

REASON_LIMIT = 128
SETTLED = (DeliveryState.TOLD, DeliveryState.WITHHELD, DeliveryState.FAILED)


class ChannelState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"  # Slack refuses it; `reason` says why


class SubscriptionState(StrEnum):
    ACTIVE = "active"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class PausedChannel:
    """A channel that Slack refuses, who subscribed there, and how many projects it follows."""

    id: str
    reason: str
    subscribers: tuple[str, ...]
    projects: int


@dataclass(frozen=True, slots=True)
class StoredSubscription:
    """One row. `card_post_id` is the post of its card, `post_id` the one post in flight."""

    id: int
    channel_id: str
    subject: Subject
    options: FollowOptions
    state: SubscriptionState
    card_post_id: int | None
    post_id: int | None
    attempts: int
    retry_at: int
    plain: bool


def _stored(row: Row[Any]) -> StoredSubscription:
    return StoredSubscription(
        id=row.id,
        channel_id=row.channel_id,
        subject=subject_of(row.subject),
        options=FollowOptions(_level(row), row.mention),
        state=SubscriptionState(row.state),
        card_post_id=row.card_post_id,
        post_id=row.post_id,
        attempts=row.attempts,
        retry_at=row.retry_at,
        plain=bool(row.plain),
    )


def _level(row: Row[Any]) -> Level:
    return Level[row.level.upper()]


def _columns(options: FollowOptions) -> dict[str, Any]:
    return {"level": str(options.level), "mention": options.mention}


async def ensure_channel(conn: Connection, channel_id: str, team_id: str) -> None:
    fresh = {"id": channel_id, "team_id": team_id, "state": ChannelState.ACTIVE, "attempts": 0}
    await insert_ignore(conn, channels, [fresh])


async def pause_channel(conn: Connection, channel_id: str, reason: str, *, probe_at: int | None) -> None:
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


async def untold_pauses(conn: Connection) -> Sequence[PausedChannel]:
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


async def note_pause_told(conn: Connection, *, channel_id: str, now: int) -> bool:
    """Take the task of telling of a pause; False where another has it."""
    done = await conn.execute(
        update(channels)
        .where(
            channels.c.id == channel_id, channels.c.state == ChannelState.PAUSED, channels.c.told_at.is_(None)
        )
        .values(told_at=now)
    )
    return done.rowcount == 1


async def channel_attempts(conn: Connection, channel_id: str) -> int:
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


async def resume_channel(conn: Connection, channel_id: str) -> None:
    """Take a channel for usable again; what waits for it need not wait out its back-off."""
    if (await conn.execute(RESUME, {"of": channel_id})).rowcount:
        await conn.execute(
            update(subscriptions).where(subscriptions.c.channel_id == channel_id).values(retry_at=0)
        )


async def rename_channel(conn: Connection, channel_id: str, name: str) -> None:
    await set_columns(conn, channels, {"id": channel_id}, {"name": name[:128]})


# statements are built once where every message or question runs them: building one costs more than running it
FOUND = select(subscriptions).where(
    subscriptions.c.channel_id == bindparam("place"), subscriptions.c.subject == bindparam("of")
)
FOUND_LOCKED = FOUND.with_for_update()


async def find(
    conn: Connection, channel_id: str, subject: Subject, *, lock: bool = False
) -> StoredSubscription | None:
    named = {"place": channel_id, "of": key_of(subject)}
    row = (await conn.execute(FOUND_LOCKED if lock else FOUND, named)).one_or_none()
    return _stored(row) if row else None


ONE = select(subscriptions).where(subscriptions.c.id == bindparam("of"))
ONE_LOCKED = ONE.with_for_update()


async def get(conn: Connection, subscription_id: int, *, lock: bool = False) -> StoredSubscription | None:
    row = (await conn.execute(ONE_LOCKED if lock else ONE, {"of": subscription_id})).one_or_none()
    return _stored(row) if row else None


MANY_LOCKED = (
    select(subscriptions)
    .where(subscriptions.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(subscriptions.c.id)
    .with_for_update()
)


async def locked(conn: Connection, subscription_ids: Collection[int]) -> Mapping[int, StoredSubscription]:
    """These subscriptions, locked in one order, whoever locks them, so that two never deadlock."""
    rows = await conn.execute(MANY_LOCKED, {"ids": list(subscription_ids)})
    return {row.id: _stored(row) for row in rows}


async def start(
    conn: Connection,
    *,
    channel_id: str,
    subject: Subject,
    options: FollowOptions,
    actor: str | None,
    now: int,
) -> int:
    """Make a subscription, or begin an ended one anew; returns its id."""
    values = {
        **_columns(options),
        "state": SubscriptionState.ACTIVE,
        "created_by": actor,
        "created_at": now,
        "attempts": 0,
        "retry_at": now,
        "plain": 0,
    }
    key = {"channel_id": channel_id, "subject": key_of(subject)}
    # two people who follow projects of one server at once both start the subscription to its health
    await insert_ignore(conn, subscriptions, [{**key, **values}])
    started = await find(conn, channel_id, subject, lock=True)
    assert started is not None, "a row that is never deleted"  # noqa: S101 narrows the type
    await set_columns(conn, subscriptions, {"id": started.id}, values)
    return started.id


async def forget(conn: Connection, subscription_id: int, event_ids: Collection[int]) -> None:
    """Drop what became of events for a subscription that ended, so that they may be told to it anew."""
    await conn.execute(
        delete(deliveries).where(
            deliveries.c.subscription_id == subscription_id,
            deliveries.c.event_id.in_(event_ids),
            deliveries.c.state.in_(SETTLED),
        )
    )


async def change(conn: Connection, subscription_id: int, options: FollowOptions) -> None:
    await set_columns(conn, subscriptions, {"id": subscription_id}, _columns(options))


async def end(conn: Connection, subscription_id: int) -> None:
    ended = {"state": SubscriptionState.ENDED, "card_post_id": None}
    await set_columns(conn, subscriptions, {"id": subscription_id}, ended)


FOLLOWERS = (
    select(subscriptions)
    .where(subscriptions.c.subject == bindparam("of"), subscriptions.c.state == SubscriptionState.ACTIVE)
    .order_by(subscriptions.c.id)
)


async def followers(conn: Connection, subject: Subject) -> Sequence[Subscription]:
    rows = await conn.execute(FOLLOWERS, {"of": key_of(subject)})
    return [Subscription(row.id, row.channel_id, subject_of(row.subject), _level(row)) for row in rows]


async def in_channel(conn: Connection, channel_id: str) -> Sequence[StoredSubscription]:
    """What a channel follows now, the oldest subscription first; servers included."""
    rows = await conn.execute(
        select(subscriptions)
        .where(subscriptions.c.channel_id == channel_id, subscriptions.c.state == SubscriptionState.ACTIVE)
        .order_by(subscriptions.c.created_at, subscriptions.c.id)
    )
    return [_stored(row) for row in rows]


PAUSED = select(channels.c.reason).where(
    channels.c.id == bindparam("of"), channels.c.state == ChannelState.PAUSED
)


async def channel_reason(conn: Connection, channel_id: str) -> str | None:
    """Why Slack refuses a channel; None where it does not."""
    return (await conn.execute(PAUSED, {"of": channel_id})).scalar_one_or_none()


# built once: every change, message and card asks both
PLACES: BindParameter[str] = bindparam("places", expanding=True)
SILENCES = select(silences).where(
    silences.c.channel_id.in_(PLACES), silences.c.until_at > bindparam("now", type_=BigInteger)
)
QUIET = select(channels.c.id, channels.c.quiet, channels.c.time_zone).where(
    channels.c.id.in_(PLACES), channels.c.quiet.is_not(None)
)


async def silences_of(conn: Connection, channel_ids: Collection[str], *, now: int) -> Sequence[Silence]:
    """The silences that hold now, those of quiet hours among them."""
    places = list(channel_ids)
    rows = await conn.execute(SILENCES, {"places": places, "now": now})
    said = [Silence(row.channel_id, scope_of(row.subject), row.until_at) for row in rows]
    quiet = await conn.execute(QUIET, {"places": places})
    hours = {row.id: read_quiet_hours(row.quiet, row.time_zone) for row in quiet}
    ends = {channel: quiet_until(one, now) for channel, one in hours.items()}
    return said + [Silence(channel, None, until) for channel, until in ends.items() if until is not None]


async def set_quiet_hours(conn: Connection, channel_id: str, hours: QuietHours | None) -> None:
    """Set a channel's quiet hours, or (None) end them."""
    said = {"quiet": str(hours) if hours else None, "time_zone": hours.zone if hours else None}
    await set_columns(conn, channels, {"id": channel_id}, said)


async def silence(
    conn: Connection, channel_id: str, scope: Subject | None, *, until: int, actor: str, now: int
) -> None:
    """Begin a silence in the place of any other over the same scope (None is everything)."""
    await unsilence(conn, channel_id, scope)
    await conn.execute(
        silences.insert().values(
            channel_id=channel_id, subject=scope_key(scope), until_at=until, actor=actor, created_at=now
        )
    )


async def unsilence(conn: Connection, channel_id: str, scope: Subject | None) -> int:
    """End the silences over a scope; returns how many there were."""
    done = await conn.execute(
        delete(silences).where(silences.c.channel_id == channel_id, silences.c.subject == scope_key(scope))
    )
    return done.rowcount


CARD_TS = (
    select(subscriptions.c.id, posts.c.ts)
    .join(posts, posts.c.id == subscriptions.c.card_post_id)
    .where(subscriptions.c.id.in_(bindparam("ids", expanding=True)), posts.c.ts.is_not(None))
)


async def card_ts(conn: Connection, subscription_ids: Collection[int]) -> dict[int, str]:
    """The Slack timestamp of each subscription's card that is in its channel."""
    rows = await conn.execute(CARD_TS, {"ids": list(subscription_ids)})
    return {row.id: row.ts for row in rows}


async def count_followers(conn: Connection, subject: Subject) -> int:
    query = (
        select(func.count())
        .select_from(subscriptions)
        .where(subscriptions.c.subject == key_of(subject), subscriptions.c.state == SubscriptionState.ACTIVE)
    )
    number: int = (await conn.execute(query)).scalar_one()
    return number
