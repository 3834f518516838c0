"""Writing a post as `sending` before it is sent, and pointing its streams at it."""

from collections.abc import Sequence
from dataclasses import dataclass

from omsbot.db.engine.connection import Connection
from omsbot.db.stores import outbox
from omsbot.db.stores.outbox import StoredPost
from omsbot.db.stores.subscriptions import StoredSubscription
from omsbot.domain.notify.delivery import PostKind
from omsbot.slack.kit.blocks import Message


@dataclass(frozen=True, slots=True)
class NewPost:
    """A post to be written. `subscription_id` is 0 for one of many streams; `attempt` counts its copies."""

    channel_id: str
    subscription_id: int
    kind: PostKind
    message: Message
    thread_ts: str | None
    broadcast: bool
    attempt: int


async def write_post(
    conn: Connection,
    new: NewPost,
    streams: Sequence[StoredSubscription],
    *,
    uuid: str,
    now: int,
    replaces: StoredPost | None = None,
) -> StoredPost:
    """Write a post whose slot of Slack's limits is taken; with the commit a message may be out.

    `streams` wait for it from now on, in place of the post that it `replaces`.
    """
    post = await outbox.add_post(
        conn,
        uuid=uuid,
        channel_id=new.channel_id,
        subscription_id=new.subscription_id,
        kind=new.kind,
        thread_ts=new.thread_ts,
        broadcast=new.broadcast,
        body=new.message.as_json(),
        attempt=new.attempt,
        shown_hash=new.message.content_hash(),
        now=now,
    )
    await outbox.set_streams(conn, {stream.id: _pointers(stream, post, replaces) for stream in streams})
    return post


def _pointers(stream: StoredSubscription, post: StoredPost, replaces: StoredPost | None) -> dict[str, int]:
    """Which columns of a stream name the post: a card stays its card, and what is in flight is one post."""
    is_card = post.kind is PostKind.CARD and (replaces is None or stream.card_post_id == replaces.id)
    in_flight = stream.post_id is None or (replaces is not None and stream.post_id == replaces.id)
    return ({"card_post_id": post.id} if is_card else {}) | ({"post_id": post.id} if in_flight else {})
