"""The outbox: deliveries that wait, and posts that are on their way to Slack.

Every change of a post's state names the state that it leaves, so that of two workers one wins.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, and_, case, exists, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from omsbot.db.codec import load_event
from omsbot.db.projects import Following
from omsbot.db.schema import channels, conditions, deliveries, events, limits, posts, projects, subscriptions
from omsbot.db.statements import insert_ignore, insert_returning_id
from omsbot.db.subjects import of_project
from omsbot.db.subscriptions import ChannelState, StoredSubscription, SubscriptionState
from omsbot.db.subscriptions import get as get_subscription
from omsbot.domain.compose import Composition, Pending
from omsbot.domain.delivery import (
    POST_TRANSITIONS,
    SETTLE_AFTER_MS,
    DeliveryState,
    PostKind,
    PostState,
    Reason,
)
from omsbot.domain.events import Severity
from omsbot.domain.routing import Routed
from omsbot.domain.throttle import APP_WIDE, POST

EDIT_LEASE_MS = 20_000  # longer than two calls may take
LEASE_MS = 30_000  # a post that is `sending` for longer was left by something that died
LATE_MS = 300_000  # a delivery that waits for longer is told as late
STATE_DIRT, PROGRESS_DIRT = 1_000, 1


@dataclass(frozen=True, slots=True)
class StoredPost:
    id: int
    uuid: str
    channel_id: str
    subscription_id: int
    kind: PostKind
    thread_ts: str | None
    broadcast: bool
    body: str
    state: PostState
    attempt: int
    started_at: int
    looks: int
    ts: str | None
    shown_hash: str | None
    dirty: int


def _stored(row: Row[Any]) -> StoredPost:
    return StoredPost(
        id=row.id,
        uuid=row.uuid,
        channel_id=row.channel_id,
        subscription_id=row.subscription_id,
        kind=PostKind(row.kind),
        thread_ts=row.thread_ts,
        broadcast=bool(row.broadcast),
        body=row.body,
        state=PostState(row.state),
        attempt=row.attempt,
        started_at=row.started_at,
        looks=row.looks,
        ts=row.ts,
        shown_hash=row.shown_hash,
        dirty=row.dirty,
    )


# --- deliveries


async def add_deliveries(conn: AsyncConnection, event_id: int, routed: Sequence[Routed]) -> None:
    rows = [
        {
            "event_id": event_id,
            "subscription_id": one.subscription_id,
            "state": one.state,
            "reason": one.reason,
            "not_before": one.not_before,
        }
        for one in routed
    ]
    await insert_ignore(conn, deliveries, rows)


async def pending(conn: AsyncConnection, subscription_id: int, *, now: int) -> Sequence[Pending]:
    """What may be told to a subscription now, in the order of its events."""
    rows = await conn.execute(
        select(
            deliveries.c.id,
            deliveries.c.reason,
            deliveries.c.not_before,
            events.c.body,
            events.c.condition_id,
            conditions.c.live,
        )
        .join(events, events.c.id == deliveries.c.event_id)
        .outerjoin(conditions, conditions.c.id == events.c.condition_id)
        .where(
            deliveries.c.subscription_id == subscription_id,
            deliveries.c.state == DeliveryState.PENDING,
            deliveries.c.not_before <= now,
        )
        .order_by(events.c.version, events.c.ordinal)
    )
    return [
        Pending(
            row.id,
            load_event(row.body),
            holds=None if row.condition_id is None else row.live == 1,
            reason=_reason_now(row.reason, row.not_before, now),
            condition=row.condition_id,
        )
        for row in rows
    ]


def _reason_now(reason: str, not_before: int, now: int) -> Reason:
    """The reason of a delivery; what waited for long because of Slack is late."""
    return Reason.LATE if reason == Reason.NEWS and now - not_before > LATE_MS else Reason(reason)


async def take(conn: AsyncConnection, post_id: int, composition: Composition) -> None:
    """Put the deliveries of a composed message into a post."""
    for reason in {item.reason for item in composition.items}:
        ids = [item.delivery_id for item in composition.items if item.reason is reason]
        await conn.execute(
            update(deliveries)
            .where(deliveries.c.id.in_(ids), deliveries.c.state == DeliveryState.PENDING)
            .values(state=DeliveryState.SENDING, reason=reason, post_id=post_id)
        )


async def settle_deliveries(
    conn: AsyncConnection, post_id: int, state: DeliveryState, *, reason: Reason | None = None
) -> int:
    """Move what a post carries on, and return how many; back to pending they belong to no post."""
    values: dict[str, Any] = {"state": state} | ({"reason": reason} if reason else {})
    if state is DeliveryState.PENDING:
        values["post_id"] = None
    done = await conn.execute(
        update(deliveries)
        .where(deliveries.c.post_id == post_id, deliveries.c.state == DeliveryState.SENDING)
        .values(values)
    )
    return done.rowcount


async def withhold_pending(conn: AsyncConnection, subscription_id: int, reason: Reason) -> None:
    await conn.execute(
        update(deliveries)
        .where(deliveries.c.subscription_id == subscription_id, deliveries.c.state == DeliveryState.PENDING)
        .values(state=DeliveryState.WITHHELD, reason=reason)
    )


async def postpone_pending(conn: AsyncConnection, subscription_ids: Collection[int], *, until: int) -> None:
    """What is not told yet waits for the end of a silence."""
    await conn.execute(
        update(deliveries)
        .where(
            deliveries.c.subscription_id.in_(subscription_ids), deliveries.c.state == DeliveryState.PENDING
        )
        .values(not_before=until, reason=Reason.MUTED)
    )


async def resume_pending(conn: AsyncConnection, subscription_ids: Collection[int], *, now: int) -> None:
    await conn.execute(
        update(deliveries)
        .where(
            deliveries.c.subscription_id.in_(subscription_ids),
            deliveries.c.state == DeliveryState.PENDING,
            deliveries.c.not_before > now,
        )
        .values(not_before=now)
    )


async def counts(conn: AsyncConnection, *, now: int) -> tuple[int, int | None]:
    """How many deliveries wait to be told now, and since when the oldest (ms)."""
    query = select(func.count(), func.min(deliveries.c.not_before)).where(
        deliveries.c.state == DeliveryState.PENDING, deliveries.c.not_before <= now
    )
    number, oldest = (await conn.execute(query)).one()
    return number, oldest


# --- streams


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


def _usable(now: int) -> Any:
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
        _usable(now),
        ~limited,
    )


async def set_stream(conn: AsyncConnection, subscription_id: int, **values: Any) -> None:
    """Set columns of a stream: `post_id`, `card_post_id`, `attempts`, `retry_at`, `plain`."""
    await conn.execute(update(subscriptions).where(subscriptions.c.id == subscription_id).values(**values))


# --- posts


async def add_post(
    conn: AsyncConnection,
    *,
    uuid: str,
    channel_id: str,
    subscription_id: int,
    kind: PostKind,
    thread_ts: str | None,
    broadcast: bool,
    body: str,
    attempt: int,
    now: int,
    shown_hash: str | None = None,
) -> StoredPost:
    """Write a post that is about to be sent."""
    values = {
        "uuid": uuid,
        "channel_id": channel_id,
        "subscription_id": subscription_id,
        "kind": kind,
        "thread_ts": thread_ts,
        "broadcast": int(broadcast),
        "body": body,
        "state": PostState.SENDING,
        "attempt": attempt,
        "started_at": now,
        "due_at": now + LEASE_MS,
        "looks": 0,
        "shown_hash": shown_hash,
        "dirty": 0,
        "edited_at": now,
    }
    post_id = await insert_returning_id(conn, posts, values)
    post = await get_post(conn, post_id)
    assert post is not None, "a row that this transaction wrote"  # noqa: S101 narrows the type
    return post


async def get_post(conn: AsyncConnection, post_id: int) -> StoredPost | None:
    row = (await conn.execute(select(posts).where(posts.c.id == post_id))).one_or_none()
    return _stored(row) if row else None


async def move_post(
    conn: AsyncConnection, post: StoredPost, to: PostState, *, due_at: int | None = None, **values: Any
) -> bool:
    """Move a post to another state; False where it is not any more in the state that it was read in."""
    if to not in POST_TRANSITIONS[post.state]:
        raise ValueError(f"a post that is {post.state} cannot become {to}")
    done = await conn.execute(
        update(posts)
        .where(posts.c.id == post.id, posts.c.state == post.state)
        .values(state=to, due_at=due_at, **values)
    )
    return done.rowcount == 1


async def carry_over(conn: AsyncConnection, old: StoredPost, new: StoredPost) -> None:
    """Give what one post carries to the post that is sent in its place."""
    await conn.execute(
        update(deliveries)
        .where(deliveries.c.post_id == old.id, deliveries.c.state == DeliveryState.SENDING)
        .values(post_id=new.id)
    )


async def recover(conn: AsyncConnection) -> None:
    """After a restart of the only process: what it left `sending` is looked into as soon as may be."""
    await conn.execute(
        update(posts)
        .where(posts.c.state == PostState.SENDING, posts.c.due_at > posts.c.started_at + SETTLE_AFTER_MS)
        .values(due_at=posts.c.started_at + SETTLE_AFTER_MS)
    )
    left = select(posts.c.id).where(posts.c.state == PostState.SENDING, posts.c.kind == PostKind.CARD)
    ids = list((await conn.execute(left)).scalars())
    await conn.execute(update(subscriptions).where(subscriptions.c.post_id.in_(ids)).values(post_id=None))


async def due_posts(conn: AsyncConnection, *, now: int, limit: int) -> Sequence[StoredPost]:
    """Posts whose outcome must be looked into: left `sending`, or `unknown` for long enough."""
    rows = await conn.execute(
        select(posts)
        .where(posts.c.state.in_([PostState.SENDING, PostState.UNKNOWN]), posts.c.due_at <= now)
        .order_by(posts.c.due_at)
        .limit(limit)
    )
    return [_stored(row) for row in rows]


async def due_twins(conn: AsyncConnection, *, now: int, limit: int) -> Sequence[StoredPost]:
    """Posts that were given up for lost a while ago: time to see whether one surfaced after all."""
    rows = await conn.execute(
        select(posts)
        .where(posts.c.state == PostState.DISSOLVED, posts.c.due_at <= now)
        .order_by(posts.c.due_at)
        .limit(limit)
    )
    return [_stored(row) for row in rows]


async def twin_settled(conn: AsyncConnection, post: StoredPost) -> None:
    await conn.execute(update(posts).where(posts.c.id == post.id).values(due_at=None))


async def release_streams(conn: AsyncConnection, post: StoredPost) -> None:
    """Let news go on although the fate of this post is open."""
    await conn.execute(update(subscriptions).where(subscriptions.c.post_id == post.id).values(post_id=None))


async def look_again(conn: AsyncConnection, post: StoredPost, *, looks: int, due_at: int) -> None:
    """Note that the fate of a post stays open until the next look."""
    await conn.execute(
        update(posts)
        .where(posts.c.id == post.id, posts.c.state == post.state)
        .values(state=PostState.UNKNOWN, looks=looks, due_at=due_at)
    )


# --- cards


async def soil_cards(conn: AsyncConnection, subjects: Collection[str], dirt: int) -> None:
    """Mark the cards of these subjects as out of date."""
    cards = select(subscriptions.c.card_post_id).where(
        subscriptions.c.subject.in_(subjects), subscriptions.c.card_post_id.is_not(None)
    )
    ids = list((await conn.execute(cards)).scalars())
    if ids:
        await conn.execute(update(posts).where(posts.c.id.in_(ids)).values(dirty=posts.c.dirty + dirt))


async def soil_server_cards(conn: AsyncConnection, server: str, dirt: int) -> None:
    """Mark the cards of all followed projects of a server as out of date."""
    followed = select(projects.c.id).where(
        projects.c.server == server, projects.c.state == Following.FOLLOWED
    )
    ids = (await conn.execute(followed)).scalars()
    await soil_cards(conn, [of_project(project_id) for project_id in ids], dirt)


async def soil_streams(conn: AsyncConnection, subscription_ids: Collection[int]) -> None:
    """Mark the cards of these subscriptions as out of date."""
    cards = select(subscriptions.c.card_post_id).where(
        subscriptions.c.id.in_(subscription_ids), subscriptions.c.card_post_id.is_not(None)
    )
    for post_id in list((await conn.execute(cards)).scalars()):
        await soil_post(conn, post_id)


async def soil_post(conn: AsyncConnection, post_id: int) -> None:
    await conn.execute(update(posts).where(posts.c.id == post_id).values(dirty=posts.c.dirty + STATE_DIRT))


async def dirty_cards(conn: AsyncConnection, *, now: int, rest_ms: int, limit: int) -> Sequence[StoredPost]:
    """Cards to edit, changes of state before progress; none that was edited within `rest_ms`."""
    rows = await conn.execute(
        select(posts)
        .join(channels, channels.c.id == posts.c.channel_id)
        .where(
            posts.c.dirty > 0,
            posts.c.edited_at <= now - rest_ms,
            posts.c.state == PostState.SENT,
            posts.c.kind == PostKind.CARD,
            _usable(now),
        )
        .order_by(posts.c.dirty.desc(), posts.c.edited_at)
        .limit(limit)
    )
    return [_stored(row) for row in rows]


async def claim_edit(conn: AsyncConnection, post: StoredPost, *, now: int, rest_ms: int) -> bool:
    """Take the right to edit a card until the edit is settled, or its lease is over.

    The card stays dirty until the edit is known to have arrived, and until then nobody knows what it shows:
    an edit that is cut off is followed by another, whatever that says.
    """
    done = await conn.execute(
        update(posts)
        .where(posts.c.id == post.id, posts.c.state == PostState.SENT, posts.c.edited_at <= now - rest_ms)
        .values(edited_at=now + EDIT_LEASE_MS, shown_hash=None)
    )
    return done.rowcount == 1


async def edit_ended(conn: AsyncConnection, post: StoredPost, *, now: int) -> None:
    """Give the right to edit a card back; from now on it rests."""
    await conn.execute(update(posts).where(posts.c.id == post.id).values(edited_at=now))


async def cleaned(conn: AsyncConnection, post: StoredPost, shown_hash: str) -> None:
    """Note what a card shows; what soiled it since it was read keeps it dirty."""
    await conn.execute(
        update(posts)
        .where(posts.c.id == post.id)
        .values(
            dirty=case((posts.c.dirty > post.dirty, posts.c.dirty - post.dirty), else_=0),
            shown_hash=shown_hash,
        )
    )
