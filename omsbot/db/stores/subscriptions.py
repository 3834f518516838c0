"""What each channel follows, and how."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, select

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.statements import insert_ignore, set_columns
from omsbot.db.schema import deliveries, posts, subscriptions
from omsbot.db.subjects import key_of, subject_of
from omsbot.domain.events import Level
from omsbot.domain.notify.delivery import DeliveryState
from omsbot.domain.notify.follow_options import FollowOptions
from omsbot.domain.notify.routing import Subscription
from omsbot.domain.project.subject import Subject

SETTLED = (DeliveryState.TOLD, DeliveryState.WITHHELD, DeliveryState.FAILED)


class SubscriptionState(StrEnum):
    ACTIVE = "active"
    ENDED = "ended"


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
    """These subscriptions, always locked in the same order, so that two transactions never deadlock."""
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
    """Make a subscription, or start an ended one again; returns its id."""
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
    """Drop what became of events for a subscription that ended, so that it may be notified of them again."""
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
