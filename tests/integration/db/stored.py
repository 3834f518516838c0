"""Rows that a test of one store needs of the others."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.engine import Database
from omsbot.db.stores import channels, events, outbox, projects, subscriptions
from omsbot.db.stores.outbox import StoredPost
from omsbot.db.stores.projects import Following, StoredProject
from omsbot.domain.events import Event, Level
from omsbot.domain.notify.delivery import DeliveryState, PostKind, PostState, Reason
from omsbot.domain.notify.follow_options import FollowOptions
from omsbot.domain.notify.routing import Routed
from omsbot.domain.project.project import ProjectRef
from omsbot.domain.project.subject import Project, Subject
from tests.builders import NOW, event

ALPHA = ProjectRef("default", "np_alpha")
BETA = ProjectRef("default", "np_beta")
CHANNEL = "C1"
FIRST = Project(1)  # what the first row of a test is about


@asynccontextmanager
async def two_replicas(database: Database) -> AsyncIterator[tuple[Database, Database]]:
    """Two bots on one database server; a SQLite file has one bot, whose workers share a connection."""
    if database.dialect == "sqlite":
        yield database, database
        return
    other = Database(database.url.render_as_string(hide_password=False), chance=database.chance)
    await other.open()
    try:
        yield database, other
    finally:
        await other.close()


async def followed(conn: Connection, ref: ProjectRef = ALPHA, *, now: int = NOW) -> StoredProject:
    """A project that is polled from `now` on."""
    project = await projects.ensure(conn, ref, now=now)
    await projects.follow(conn, project.id, Following.FOLLOWED, now=now)
    return await projects.get(conn, project.id)


async def subscribed(
    conn: Connection,
    subject: Subject,
    *,
    channel_id: str = CHANNEL,
    level: Level = Level.ALL,
    now: int = NOW,
) -> int:
    await channels.ensure(conn, channel_id, "T1")
    return await subscriptions.start(
        conn,
        channel_id=channel_id,
        subject=subject,
        options=FollowOptions(level),
        actor="U1",
        now=now,
    )


async def stream(
    conn: Connection, ref: ProjectRef = ALPHA, *, channel_id: str = CHANNEL, now: int = NOW
) -> int:
    """A subscription of a channel to a project."""
    project = await followed(conn, ref, now=now)
    return await subscribed(conn, project.subject, channel_id=channel_id, now=now)


async def stored_event(
    conn: Connection,
    one: Event | None = None,
    *,
    subject: Subject = FIRST,
    version: int = 1,
    ordinal: int = 0,
    condition_id: int | None = None,
) -> int:
    return await events.add(
        conn, subject, one or event(), version=version, ordinal=ordinal, condition_id=condition_id
    )


async def to_tell(
    conn: Connection,
    stream_ids: Sequence[int],
    one: Event | None = None,
    *,
    version: int = 1,
    ordinal: int = 0,
    condition_id: int | None = None,
    not_before: int = NOW,
    reason: Reason = Reason.NEWS,
) -> int:
    """An event with a delivery that waits for each stream; returns the event's id."""
    number = await stored_event(conn, one, version=version, ordinal=ordinal, condition_id=condition_id)
    routed = [Routed(stream_id, DeliveryState.PENDING, reason, not_before) for stream_id in stream_ids]
    await outbox.add_deliveries(conn, number, routed)
    return number


async def posting(
    conn: Connection,
    stream_id: int,
    *,
    uuid: str = "post-1",
    channel_id: str = CHANNEL,
    kind: PostKind = PostKind.NEWS,
    now: int = NOW,
) -> StoredPost:
    """A post that is on its way."""
    return await outbox.add_post(
        conn,
        uuid=uuid,
        channel_id=channel_id,
        subscription_id=stream_id,
        kind=kind,
        thread_ts=None,
        broadcast=False,
        body='{"text":"hello","blocks":[]}',
        attempt=1,
        now=now,
    )


async def card_of(conn: Connection, stream_id: int, *, channel_id: str = CHANNEL) -> StoredPost:
    """A card that is in its channel."""
    post = await posting(conn, stream_id, uuid=f"card-{stream_id}", kind=PostKind.CARD, channel_id=channel_id)
    await outbox.move_post(conn, post, PostState.SENT, ts=f"1.{stream_id}")
    await outbox.set_stream(conn, stream_id, card_post_id=post.id)
    return replace(post, state=PostState.SENT, ts=f"1.{stream_id}")


async def with_card(conn: Connection, ref: ProjectRef = ALPHA, *, channel_id: str = CHANNEL) -> int:
    """A subscription of a channel to a project, whose card is in the channel."""
    one = await stream(conn, ref, channel_id=channel_id)
    await card_of(conn, one, channel_id=channel_id)
    return one
