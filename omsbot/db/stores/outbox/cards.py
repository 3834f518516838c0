"""Cards: which are out of date, and who may edit one."""

from collections.abc import Collection, Sequence

from sqlalchemy import BigInteger, bindparam, case, select, update

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.statements import in_chunks, set_columns
from omsbot.db.schema import channels, posts, projects, subscriptions
from omsbot.db.stores.outbox.posts import StoredPost, stored
from omsbot.db.stores.outbox.streams import USABLE, free_slot
from omsbot.db.stores.projects import Following
from omsbot.db.subjects import key_of
from omsbot.domain.notify.delivery import PostKind, PostState
from omsbot.domain.notify.slack_limits import EDIT
from omsbot.domain.project.subject import Project, Subject

EDIT_LEASE_MS = 20_000  # longer than two calls may take
STATE_DIRT, PROGRESS_DIRT = 1_000, 1


# built once: every change of a project marks its cards
CARDS = select(subscriptions.c.card_post_id).where(
    subscriptions.c.subject.in_(bindparam("subjects", expanding=True)),
    subscriptions.c.card_post_id.is_not(None),
)
MARK_DIRTY = (
    update(posts)
    .where(posts.c.id.in_(bindparam("ids", expanding=True)))
    .values(dirty=posts.c.dirty + bindparam("dirt", type_=BigInteger))
)


async def mark_cards_dirty(conn: Connection, subjects: Collection[Subject], dirt: int) -> None:
    """Mark the cards of these subjects as out of date."""
    for some in in_chunks([key_of(subject) for subject in subjects]):
        ids = list((await conn.execute(CARDS, {"subjects": some})).scalars())
        if ids:
            await conn.execute(MARK_DIRTY, {"ids": ids, "dirt": dirt})


async def mark_server_cards_dirty(conn: Connection, server: str, dirt: int) -> None:
    """Mark the cards of all followed projects of a server as out of date."""
    followed = select(projects.c.id).where(
        projects.c.server == server, projects.c.state == Following.FOLLOWED
    )
    ids = (await conn.execute(followed)).scalars()
    await mark_cards_dirty(conn, [Project(project_id) for project_id in ids], dirt)


async def mark_streams_dirty(conn: Connection, subscription_ids: Collection[int]) -> None:
    """Mark the cards of these subscriptions as out of date."""
    cards = select(subscriptions.c.card_post_id).where(
        subscriptions.c.id.in_(subscription_ids), subscriptions.c.card_post_id.is_not(None)
    )
    ids = list((await conn.execute(cards)).scalars())
    await conn.execute(MARK_DIRTY, {"ids": ids, "dirt": STATE_DIRT})


async def mark_post_dirty(conn: Connection, post_id: int) -> None:
    await conn.execute(MARK_DIRTY, {"ids": [post_id], "dirt": STATE_DIRT})


DIRTY = (
    select(posts)
    .join(channels, channels.c.id == posts.c.channel_id)
    .where(
        posts.c.dirty > 0,
        posts.c.edited_at <= bindparam("rested", type_=BigInteger),
        posts.c.state == PostState.SENT,
        posts.c.kind == PostKind.CARD,
        USABLE,
        free_slot(EDIT),
    )
    .order_by(posts.c.dirty.desc(), posts.c.edited_at)
    .limit(bindparam("most"))
)


async def dirty_cards(conn: Connection, *, now: int, rest_ms: int, limit: int) -> Sequence[StoredPost]:
    """Cards to edit, changes of state before progress; none that was edited within `rest_ms`.

    None at all while Slack's limits allow no edit.
    """
    rows = await conn.execute(DIRTY, {"now": now, "rested": now - rest_ms, "most": limit})
    return [stored(row) for row in rows]


async def claim_edit(conn: Connection, post: StoredPost, *, now: int, rest_ms: int) -> bool:
    """Take the right to edit a card until the edit is settled, or its lease is over.

    The card stays dirty until the edit is known to have arrived, and until then no one knows what it shows:
    an edit that is cut off is followed by another, whatever that says.
    """
    done = await conn.execute(
        update(posts)
        .where(posts.c.id == post.id, posts.c.state == PostState.SENT, posts.c.edited_at <= now - rest_ms)
        .values(edited_at=now + EDIT_LEASE_MS, shown_hash=None)
    )
    return done.rowcount == 1


async def edit_ended(conn: Connection, post: StoredPost, *, now: int) -> None:
    """Give the right to edit a card back; from now on it rests."""
    await set_columns(conn, posts, {"id": post.id}, {"edited_at": now})


async def refreshed(conn: Connection, post: StoredPost, shown_hash: str) -> None:
    """Note what a card shows; what changed since it was read keeps it dirty."""
    await conn.execute(
        update(posts)
        .where(posts.c.id == post.id)
        .values(
            dirty=case((posts.c.dirty > post.dirty, posts.c.dirty - post.dirty), else_=0),
            shown_hash=shown_hash,
        )
    )
