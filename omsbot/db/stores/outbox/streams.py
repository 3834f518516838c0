"""Subscriptions as streams of messages: which may post now, and what is in flight."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.statements import set_columns, set_columns_of_each
from omsbot.db.schema import channels, deliveries, events, limits, subscriptions
from omsbot.db.stores.channels import ChannelState
from omsbot.db.stores.outbox.posts import StoredPost
from omsbot.db.stores.subscriptions import StoredSubscription, SubscriptionState
from omsbot.db.stores.subscriptions import locked as locked_subscriptions
from omsbot.db.subjects import is_project
from omsbot.domain.events import Severity
from omsbot.domain.notify.delivery import DeliveryState
from omsbot.domain.notify.slack_limits import APP_WIDE, POST

NOW: BindParameter[int] = bindparam("now", type_=BigInteger)  # of the queries that are built once


@dataclass(frozen=True, slots=True)
class DueStream:
    """A subscription with something to post now; one without news only lacks its card."""

    subscription_id: int
    channel_id: str
    has_news: bool


def free_slot(method: str, channel_id: Any = None) -> Any:
    """Whether Slack's limits allow a call of a method (in a channel) at the time of the parameter `now`."""
    of_app = limits.c.channel_id == APP_WIDE
    return ~exists().where(
        limits.c.method == method,
        of_app if channel_id is None else or_(limits.c.channel_id == channel_id, of_app),
        or_(limits.c.next_at > NOW, limits.c.blocked_until > NOW),
    )


# a channel that Slack takes, or that is to be tried again
USABLE = or_(
    channels.c.state == ChannelState.ACTIVE,
    and_(channels.c.probe_at.is_not(None), channels.c.probe_at <= NOW),
)
# no post in flight, no back-off, and a channel that is usable and has a free slot
READY = and_(
    subscriptions.c.state == SubscriptionState.ACTIVE,
    subscriptions.c.post_id.is_(None),
    subscriptions.c.retry_at <= NOW,
    USABLE,
    free_slot(POST, subscriptions.c.channel_id),
)
URGENCY = case({severity.value: rank for rank, severity in enumerate(Severity)}, value=events.c.severity)
# built once: every pass asks both
WITH_NEWS = (
    select(
        subscriptions.c.id,
        subscriptions.c.channel_id,
        func.min(URGENCY),
        func.min(deliveries.c.not_before),
    )
    .join(deliveries, deliveries.c.subscription_id == subscriptions.c.id)
    .join(events, events.c.id == deliveries.c.event_id)
    .join(channels, channels.c.id == subscriptions.c.channel_id)
    .where(READY, deliveries.c.state == DeliveryState.PENDING, deliveries.c.not_before <= NOW)
    .group_by(subscriptions.c.id, subscriptions.c.channel_id)
)
CARDLESS = (
    select(
        subscriptions.c.id,
        subscriptions.c.channel_id,
        literal(len(Severity)),
        subscriptions.c.created_at,
    )
    .join(channels, channels.c.id == subscriptions.c.channel_id)
    .where(READY, is_project(subscriptions.c.subject), subscriptions.c.card_post_id.is_(None))
)


async def due_streams(conn: Connection, *, now: int) -> Sequence[DueStream]:
    """All that waits to be posted now, most urgent first, then what waits longest."""
    rows = [tuple(row) for row in await conn.execute(WITH_NEWS, {"now": now})]
    with_news = {row[0] for row in rows}
    rows += [tuple(row) for row in await conn.execute(CARDLESS, {"now": now}) if row[0] not in with_news]
    rows.sort(key=lambda row: (row[2], row[3], row[0]))
    return [DueStream(row[0], row[1], row[0] in with_news) for row in rows]


TOLD_BY = select(subscriptions.c.id).where(
    or_(subscriptions.c.post_id == bindparam("post"), subscriptions.c.id == bindparam("own"))
)


async def streams_of(conn: Connection, post: StoredPost) -> Sequence[StoredSubscription]:
    """The subscriptions that a post notifies, locked."""
    rows = await conn.execute(TOLD_BY, {"post": post.id, "own": post.subscription_id})
    return list((await locked_subscriptions(conn, rows.scalars().all())).values())


async def set_stream(conn: Connection, subscription_id: int, **values: Any) -> None:
    """Set columns of a stream: `post_id`, `card_post_id`, `attempts`, `retry_at`, `plain`."""
    await set_columns(conn, subscriptions, {"id": subscription_id}, values)


async def set_streams(conn: Connection, values: Mapping[int, Mapping[str, Any]]) -> None:
    """Set columns of many streams by their ids, of each to values of its own."""
    await set_columns_of_each(conn, subscriptions, values)


async def retry_at_once(conn: Connection, *, now: int) -> None:
    """Slack is back: no stream waits any longer because tries of it failed."""
    await conn.execute(update(subscriptions).where(subscriptions.c.retry_at > now).values(retry_at=now))


async def release_streams(conn: Connection, post: StoredPost) -> None:
    """Let news go on although the fate of this post is open."""
    await conn.execute(update(subscriptions).where(subscriptions.c.post_id == post.id).values(post_id=None))
