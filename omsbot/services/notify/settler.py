"""Posts of an unknown fate: looked for in Slack, then settled as sent, or sent again.

One look reads the history of a thread, or of a channel, once for all open posts in it, within Slack's limits
for each of the two. A post that is not
there may still come: Slack shows some messages late. So it is looked for up to `LOOKS` times before it is
sent again, with a footer that says so. Without the scope to look it is sent again at once.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.engine import Database, transact
from omsbot.db.stores import limits, outbox
from omsbot.db.stores.outbox import StoredPost
from omsbot.db.stores.subscriptions import StoredSubscription, SubscriptionState
from omsbot.domain.notify.delivery import (
    DeliveryState,
    Failure,
    NotSent,
    PostKind,
    PostState,
    Reason,
    Rejected,
    RejectionScope,
    Sent,
    Unknown,
)
from omsbot.domain.notify.slack_limits import APP_WIDE, HISTORY, POST, REPLIES
from omsbot.services.notify.dispatcher import Dispatcher
from omsbot.services.notify.drafts import AGAIN
from omsbot.services.notify.outcome_policy import (
    NEXT_LOOK_MS,
    can_never_look,
    hold_back_looks,
    pause_after_look_ms,
)
from omsbot.services.notify.ports import Messenger
from omsbot.services.notify.post_writing import NewPost, write_post
from omsbot.services.notify.settlement import Outcomes
from omsbot.services.tasks import Tasks
from omsbot.slack.kit.blocks import Message

log = logging.getLogger(__name__)

POSTS_PER_PASS = 200
LOOKS = 3
LATEST_MS = 900_000  # after a post's start: by then a late copy has surfaced or never will
TWIN_AFTER_MS = 600_000
TWINS_PER_PASS = 5
WINDOW_MS = 60_000  # before a post's start: Slack's clock need not be ours

Place = tuple[str, str | None]  # a channel, and a thread in it


class Settler:
    def __init__(
        self,
        database: Database,
        notifier: Messenger,
        dispatcher: Dispatcher,
        outcomes: Outcomes,
        *,
        clock: Callable[[], int],
        timer: Callable[[], float],
        uuid: Callable[[], str],
        tasks: Tasks,
    ) -> None:
        """`timer` is monotonic, in seconds."""
        self._database = database
        self._notifier = notifier
        self._dispatcher = dispatcher
        self._outcomes = outcomes
        self._clock = clock
        self._timer = timer
        self._uuid = uuid
        self._tasks = tasks
        self._busy: set[Place] = set()

    async def settle_due(self) -> int:
        """One pass: start a look for every post whose fate is open for long enough; returns for how many.

        Where Slack's limits allow no more looks now, what is left has its turn in a later pass.
        """
        async with self._database.read() as conn:
            due = await outbox.due_posts(conn, now=self._clock(), limit=POSTS_PER_PASS)
        places: dict[Place, list[StoredPost]] = defaultdict(list)
        for post in due:
            places[post.channel_id, post.thread_ts].append(post)
        allowed = dict.fromkeys((HISTORY, REPLIES), True)
        begun = 0
        for place in [place for place in places if place not in self._busy]:
            method = _method(place)
            allowed[method] = allowed[method] and await self._reserve(method) is None
            if allowed[method]:
                self._busy.add(place)
                self._tasks.spawn(self._look_tracked(place, places[place]))
                begun += len(places[place])
        return begun

    async def _reserve(self, method: str) -> int | None:
        """Take a slot of a method; where none is free, the time at which one is."""
        now = self._clock()
        return await transact(self._database, lambda conn: limits.reserve(conn, method, APP_WIDE, now=now))

    async def _look_tracked(self, place: Place, posts: Sequence[StoredPost]) -> None:
        try:
            await self.look(place, posts)
        finally:
            self._busy.discard(place)

    async def look(self, place: Place, posts: Sequence[StoredPost]) -> None:
        """Look once for all open posts of a place, and settle each; the slot for it is taken."""
        found = await self._find(place, posts)
        for post in posts:
            began = self._timer()
            again = await transact(self._database, partial(self._judge, post=post, found=found))
            if again:
                await self._dispatcher.send(again, claimed_at=began)

    async def delete_twins(self) -> int:
        """One pass: of a post that was sent again, delete the first copy where it surfaced after all.

        Returns how many were looked for.
        """
        async with self._database.read() as conn:
            due = await outbox.due_twins(conn, now=self._clock(), limit=TWINS_PER_PASS)
        for number, post in enumerate(due):
            if await self._reserve(_method((post.channel_id, post.thread_ts))) is not None:
                return number
            await self._delete_twin(post)
        return len(due)

    async def _delete_twin(self, post: StoredPost) -> None:
        found = await self._find((post.channel_id, post.thread_ts), [post])
        if isinstance(found, NotSent | Unknown):
            return  # Slack does not answer: the next pass looks again
        twin = found.get(post.uuid) if isinstance(found, Mapping) else None
        if twin:
            outcome = await self._notifier.delete(channel=post.channel_id, ts=twin.ts)
            log.info("deleted a twin", extra={"post": post.uuid, "outcome": repr(outcome)})
            if isinstance(outcome, NotSent | Unknown):
                return
        await transact(self._database, lambda conn: outbox.twin_settled(conn, post))

    async def _find(self, place: Place, posts: Sequence[StoredPost]) -> Mapping[str, Sent] | Failure:
        """Look in the thread, and for what is not there in the channel: a deleted card leaves no thread.

        What was found counts also where the rest could not be looked for.
        """
        channel, thread_ts = place
        since = min(post.started_at for post in posts) - WINDOW_MS
        until = max(post.started_at for post in posts) + LATEST_MS
        uuids = {post.uuid for post in posts}
        ask = partial(self._ask, channel=channel, since=since, until=until)
        found = await ask(thread_ts=thread_ts, uuids=uuids)
        in_thread = found if isinstance(found, Mapping) else {}
        gone = isinstance(found, Rejected) and found.scope is RejectionScope.MESSAGE
        if thread_ts is None or uuids <= in_thread.keys() or not (in_thread or gone or found == {}):
            return found
        free_at = await self._reserve(HISTORY)
        if free_at is not None:
            return in_thread or NotSent("no look is allowed now", (free_at - self._clock()) / 1000)
        outside = await ask(thread_ts=None, uuids=uuids - in_thread.keys())
        if isinstance(outside, Mapping):
            return {**in_thread, **outside}
        return in_thread or outside

    async def _ask(
        self, *, channel: str, thread_ts: str | None, since: int, until: int, uuids: set[str]
    ) -> Mapping[str, Sent] | Failure:
        """Ask Slack once; a 429 holds back all looks by the same method, and nothing else."""
        found = await self._notifier.find(
            channel=channel, thread_ts=thread_ts, since=since, until=until, uuids=uuids
        )
        await hold_back_looks(self._database, _method((channel, thread_ts)), found, self._clock())
        return found

    async def _judge(
        self, conn: Connection, *, post: StoredPost, found: Mapping[str, Sent] | Failure
    ) -> StoredPost | None:
        """Settle one post after a look; returns the post to send in its place, if there is one."""
        now = self._clock()
        if isinstance(found, Mapping) and post.uuid in found:
            await self._outcomes.settle(conn, post, found[post.uuid])
            return None
        if can_never_look(found) or (isinstance(found, Mapping) and post.looks + 1 >= LOOKS):
            return await self._replace(conn, post, now)
        if isinstance(found, Mapping):
            await outbox.look_again(conn, post, looks=post.looks + 1, due_at=now + NEXT_LOOK_MS)
        else:  # Slack did not answer, or does not let us look just now: that was no look
            await outbox.look_again(conn, post, looks=post.looks, due_at=now + pause_after_look_ms(found))
        if post.kind is PostKind.CARD:
            await outbox.release_streams(conn, post)
        return None

    async def _replace(self, conn: Connection, old: StoredPost, now: int) -> StoredPost | None:
        """Write the post that takes the place of one that is not there."""
        streams = await outbox.streams_of(conn, old)
        if not any(_wants(stream, old) for stream in streams):
            await _give_up(conn, old, streams, now)
            return None
        free_at = await limits.reserve(conn, POST, old.channel_id, now=now)
        if free_at is not None:
            await outbox.look_again(conn, old, looks=old.looks, due_at=free_at)
            return None
        moved = await outbox.move_post(
            conn, old, PostState.DISSOLVED, reason="not confirmed", due_at=now + TWIN_AFTER_MS
        )
        if not moved:
            return None
        new = await write_post(
            conn,
            NewPost(
                channel_id=old.channel_id,
                subscription_id=old.subscription_id,
                kind=old.kind,
                message=Message.from_json(old.body).with_footer(AGAIN),
                thread_ts=old.thread_ts,
                broadcast=old.broadcast,
                attempt=old.attempt + 1,
            ),
            streams,
            uuid=self._uuid(),
            now=now,
            replaces=old,
        )
        await outbox.carry_over(conn, old, new)
        return new


def _method(place: Place) -> str:
    """What Slack calls a look there, which has a limit of its own."""
    return HISTORY if place[1] is None else REPLIES


def _wants(stream: StoredSubscription, post: StoredPost) -> bool:
    """Whether somebody still waits for a post; a subscription that began anew has another card."""
    is_its_card = post.kind is not PostKind.CARD or stream.card_post_id == post.id
    return stream.state is SubscriptionState.ACTIVE and is_its_card


async def _give_up(
    conn: Connection, post: StoredPost, streams: Sequence[StoredSubscription], now: int
) -> None:
    """Nobody wants the post any more; should it surface after all, it is deleted."""
    moved = await outbox.move_post(
        conn, post, PostState.DISSOLVED, reason="not wanted any more", due_at=now + TWIN_AFTER_MS
    )
    if not moved:
        return
    await outbox.settle_deliveries(conn, post, DeliveryState.WITHHELD, reason=Reason.UNSUBSCRIBED)
    for stream in streams:
        if stream.post_id == post.id:
            await outbox.set_stream(conn, stream.id, post_id=None)
