"""Subscriptions as streams of messages: which may post now, and what is in flight."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, exists, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from omsbot.db.outbox.posts import StoredPost
from omsbot.db.schema import channels, deliveries, events, limits, subscriptions
from omsbot.db.subscriptions import ChannelState, StoredSubscription, SubscriptionState
from omsbot.db.subscriptions import get as get_subscription
from omsbot.domain.delivery import (
    DeliveryState,
)
from omsbot.domain.events import Severity
from omsbot.domain.throttle import APP_WIDE, POST


@dataclass(frozen=True, slots=True)
class DueStream:
    """A subscription with something to post now; one without news only lacks its card."""

    subscription_id: int
    channel_id: str
    has_news: bool


async def due_streams(conn: AsyncConnection, *, now: int) -> Sequence[DueStream]:
    """All that waits to be posted now, most urgent first, then what waits longest."""
    urgency = case({severity.value: rank for rank, severity in enumerate(Severity)}, value=events.c.severity)
    waiting = (
        select(
            subscriptions.c.id,
            subscriptions.c.channel_id,
            func.min(urgency),
            func.min(deliveries.c.not_before),
        )
        .join(deliveries, deliveries.c.subscription_id == subscriptions.c.id)
        .join(events, events.c.id == deliveries.c.event_id)
        .join(channels, channels.c.id == subscriptions.c.channel_id)
        .where(_ready(now), deliveries.c.state == DeliveryState.PENDING, deliveries.c.not_before <= now)
        .group_by(subscriptions.c.id, subscriptions.c.channel_id)
    )
    cardless = (
        select(
            subscriptions.c.id,
            subscriptions.c.channel_id,
            literal(len(Severity)),
            subscriptions.c.created_at,
        )
        .join(channels, channels.c.id == subscriptions.c.channel_id)
        .where(_ready(now), subscriptions.c.subject.like("p:%"), subscriptions.c.card_post_id.is_(None))
    )
    rows = [tuple(row) for row in await conn.execute(waiting)]
    with_news = {row[0] for row in rows}
    rows += [tuple(row) for row in await conn.execute(cardless) if row[0] not in with_news]
    rows.sort(key=lambda row: (row[2], row[3], row[0]))
    return [DueStream(row[0], row[1], row[0] in with_news) for row in rows]


async def streams_of(conn: AsyncConnection, post: StoredPost) -> Sequence[StoredSubscription]:
    """The subscriptions that a post tells something to, locked in one order so that two never deadlock."""
    rows = await conn.execute(
        select(subscriptions.c.id)
        .where(or_(subscriptions.c.post_id == post.id, subscriptions.c.id == post.subscription_id))
        .order_by(subscriptions.c.id)
    )
    found = [await get_subscription(conn, row.id, lock=True) for row in rows]
    return [stream for stream in found if stream is not None]


def usable(now: int) -> Any:
    """A channel that Slack takes, or that is to be tried again."""
    return or_(
        channels.c.state == ChannelState.ACTIVE,
        and_(channels.c.probe_at.is_not(None), channels.c.probe_at <= now),
    )


def _ready(now: int) -> Any:
    """No post in flight, no back-off, and a channel that Slack takes and that has a free slot."""
    limited = exists().where(
        limits.c.method == POST,
        or_(limits.c.channel_id == subscriptions.c.channel_id, limits.c.channel_id == APP_WIDE),
        or_(limits.c.next_at > now, limits.c.blocked_until > now),
    )
    return and_(
        subscriptions.c.state == SubscriptionState.ACTIVE,
        subscriptions.c.post_id.is_(None),
        subscriptions.c.retry_at <= now,
        usable(now),
        ~limited,
    )


async def set_stream(conn: AsyncConnection, subscription_id: int, **values: Any) -> None:
    """Set columns of a stream: `post_id`, `card_post_id`, `attempts`, `retry_at`, `plain`."""
    await conn.execute(update(subscriptions).where(subscriptions.c.id == subscription_id).values(**values))


async def retry_at_once(conn: AsyncConnection, *, now: int) -> None:
    """Slack is back: no stream waits any longer because tries of it failed."""
    await conn.execute(update(subscriptions).where(subscriptions.c.retry_at > now).values(retry_at=now))


async def release_streams(conn: AsyncConnection, post: StoredPost) -> None:
    """Let news go on although the fate of this post is open."""
    await conn.execute(update(subscriptions).where(subscriptions.c.post_id == post.id).values(post_id=None))
