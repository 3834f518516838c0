"""Posts that are on their way to Slack.

Every change of a post's state names the state that it leaves, so that of two workers one wins.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Row, bindparam, select, update

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.statements import insert_returning_id, set_columns
from omsbot.db.schema import deliveries, posts, subscriptions
from omsbot.domain.notify.delivery import (
    POST_TRANSITIONS,
    SETTLE_AFTER_MS,
    DeliveryState,
    PostKind,
    PostState,
)

LEASE_MS = 30_000  # a post that is `sending` for longer was left by something that died


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


def stored(row: Row[Any]) -> StoredPost:
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


async def add_post(
    conn: Connection,
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


ONE = select(posts).where(posts.c.id == bindparam("of"))


async def get_post(conn: Connection, post_id: int) -> StoredPost | None:
    row = (await conn.execute(ONE, {"of": post_id})).one_or_none()
    return stored(row) if row else None


async def move_post(
    conn: Connection, post: StoredPost, to: PostState, *, due_at: int | None = None, **values: Any
) -> bool:
    """Move a post to another state; False if it has left the state that it was read in."""
    if to not in POST_TRANSITIONS[post.state]:
        raise ValueError(f"a post that is {post.state} cannot become {to}")
    own = {"id": post.id, "state": post.state}
    return await set_columns(conn, posts, own, {"state": to, "due_at": due_at, **values}) == 1


async def carry_over(conn: Connection, old: StoredPost, new: StoredPost) -> None:
    """Give what one post carries to the post that is sent in its place."""
    carried = {"post_id": old.id, "state": DeliveryState.SENDING}
    await set_columns(conn, deliveries, carried, {"post_id": new.id})


async def recover(conn: Connection) -> None:
    """After a restart of the only process: what it left `sending` is looked into as soon as possible."""
    await conn.execute(
        update(posts)
        .where(posts.c.state == PostState.SENDING, posts.c.due_at > posts.c.started_at + SETTLE_AFTER_MS)
        .values(due_at=posts.c.started_at + SETTLE_AFTER_MS)
    )
    left = select(posts.c.id).where(posts.c.state == PostState.SENDING, posts.c.kind == PostKind.CARD)
    ids = list((await conn.execute(left)).scalars())
    if ids:
        await conn.execute(update(subscriptions).where(subscriptions.c.post_id.in_(ids)).values(post_id=None))


# built once: every pass asks both
DUE = (
    select(posts)
    .where(posts.c.due_at <= bindparam("now", type_=BigInteger))
    .order_by(posts.c.due_at)
    .limit(bindparam("most"))
)
OPEN = DUE.where(posts.c.state.in_([PostState.SENDING, PostState.UNKNOWN]))
GIVEN_UP = DUE.where(posts.c.state == PostState.DISSOLVED)


async def due_posts(conn: Connection, *, now: int, limit: int) -> Sequence[StoredPost]:
    """Posts whose outcome must be looked into: left `sending`, or `unknown` for long enough."""
    return [stored(row) for row in await conn.execute(OPEN, {"now": now, "most": limit})]


async def due_twins(conn: Connection, *, now: int, limit: int) -> Sequence[StoredPost]:
    """Posts that were given up for lost a while ago: time to see whether one surfaced after all."""
    return [stored(row) for row in await conn.execute(GIVEN_UP, {"now": now, "most": limit})]


async def twin_settled(conn: Connection, post: StoredPost) -> None:
    await set_columns(conn, posts, {"id": post.id}, {"due_at": None})


async def look_again(conn: Connection, post: StoredPost, *, looks: int, due_at: int) -> None:
    """Note that the fate of a post stays open until the next look."""
    own = {"id": post.id, "state": post.state}
    await set_columns(conn, posts, own, {"state": PostState.UNKNOWN, "looks": looks, "due_at": due_at})
