"""Telling Slack: claim, send, settle.

Theory of operation. A subscription is a stream with at most one post in flight. To tell something:

1. *Claim* (transaction C): lock the stream, take a slot of Slack's limits, write the post as `sending` with
   its body and its deliveries, commit. From here on the database knows that a message may be out.
2. *Send*: one call, never repeated by the client.
3. *Settle* (transaction S, `services.notify.settlement`): what Slack answered decides. Surely not sent: the
   deliveries wait again. Unknown, or found `sending` after a kill: `Settler` looks into it.

Each step names the state that it leaves, so two replicas, or a slow one and a fresh one, cannot both win.
When more streams of a channel have news than it can take in a few seconds, one post tells many of them.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.engine import Database, transact
from omsbot.db.stores import limits, outbox, silences, subscriptions
from omsbot.db.stores.outbox import DueStream, StoredPost
from omsbot.db.stores.subscriptions import StoredSubscription, SubscriptionState
from omsbot.domain.notify.delivery import Outcome, PostKind, Sent, Unknown
from omsbot.domain.notify.routing import silent_until
from omsbot.domain.notify.slack_limits import LIMITS, POST, calls_at_once, next_allowed
from omsbot.domain.project.subject import Project
from omsbot.metrics import Metrics
from omsbot.services.notify.drafts import Draft, Drafts
from omsbot.services.notify.outcome_policy import OUTCOME_LABELS
from omsbot.services.notify.ports import Poster
from omsbot.services.notify.post_writing import NewPost, write_post
from omsbot.services.notify.settlement import STALE, Outcomes
from omsbot.services.tasks import Tasks
from omsbot.slack.kit.blocks import Message

log = logging.getLogger(__name__)

FRESH_S = 2.0  # a claim that is older when the call would go out is given up
SOON_MS = 1_500  # somewhat more than from one pass to the next
PUT_OFF_MS = 60_000  # a stream whose news cannot be put into words
OVERVIEW_FROM = 6  # streams with news in one channel: more than it can take in 5 s
OVERVIEW_MOST = 60  # streams that one overview is tried for; how many fit depends on their texts


class Dispatcher:
    def __init__(
        self,
        database: Database,
        notifier: Poster,
        drafts: Drafts,
        outcomes: Outcomes,
        *,
        clock: Callable[[], int],
        timer: Callable[[], float],
        uuid: Callable[[], str],
        tasks: Tasks,
        metrics: Metrics,
        wake: Callable[[float], None],
    ) -> None:
        """`timer` is monotonic, in seconds; `wake` asks for the next pass, so many seconds from now."""
        self._database = database
        self._notifier = notifier
        self._drafts = drafts
        self._outcomes = outcomes
        self._clock = clock
        self._timer = timer
        self._uuid = uuid
        self._tasks = tasks
        self._metrics = metrics
        self._wake = wake
        self._busy: set[str] = set()

    async def dispatch(self) -> int:
        """One pass: start to tell what waits, one post a channel; returns how many were started.

        Not more are started than the app may post now: to put news into words costs more than all else, and
        would be for nothing.
        """
        now = self._clock()
        async with self._database.read() as conn:
            app = await limits.of_app(conn, POST)
            calls = calls_at_once(POST, app, now)
            due = await outbox.due_streams(conn, now=now) if calls else ()
        if not calls:
            self._wake_at(next_allowed(app, app))
        channels: dict[str, list[DueStream]] = defaultdict(list)
        for stream in due:
            channels[stream.channel_id].append(stream)
        free = [channel_id for channel_id in channels if channel_id not in self._busy]  # most urgent first
        for channel_id in free[:calls]:
            self._busy.add(channel_id)
            self._tasks.spawn(self._tell_tracked(channel_id, channels[channel_id]))
        if len(free) > calls:
            self._wake(LIMITS[POST].app_ms / 1000)
        return len(free[:calls])

    def _wake_at(self, at: int) -> None:
        """Ask for the next pass at a time; one that is far off comes by itself."""
        wait_ms = max(0, at - self._clock())
        if wait_ms < SOON_MS:
            self._wake(wait_ms / 1000)

    async def _tell_tracked(self, channel_id: str, due: Sequence[DueStream]) -> None:
        with_news = [stream.subscription_id for stream in due if stream.has_news]
        try:
            together = len(with_news) >= OVERVIEW_FROM and await self._tell_together(with_news)
            if not together:
                await self._tell_or_put_off(due[0].subscription_id)
        finally:
            self._busy.discard(channel_id)

    async def _tell_together(self, subscription_ids: Sequence[int]) -> bool:
        """Tell many streams in one post; False also where one of them cannot be put into words."""
        try:
            return await self.tell_many(subscription_ids)
        except Exception:
            log.exception("an overview cannot be told", extra={"subscriptions": len(subscription_ids)})
            return False

    async def _tell_or_put_off(self, subscription_id: int) -> None:
        """Tell a stream; one whose news cannot be put into words makes way for the others of its channel."""
        try:
            await self.tell(subscription_id)
        except Exception:
            log.exception("a stream cannot be told", extra={"subscription": subscription_id})
            put_off = partial(
                outbox.set_stream, subscription_id=subscription_id, retry_at=self._clock() + PUT_OFF_MS
            )
            await transact(self._database, put_off)
            self._wake(0.0)

    async def tell(self, subscription_id: int) -> bool:
        """Claim, send and settle one post of a stream; False where there was nothing to send."""
        return await self._claim_and_send(lambda conn: self._claim_one(conn, subscription_id))

    async def tell_many(self, subscription_ids: Sequence[int]) -> bool:
        """The same for many streams of one channel in one post, most urgent first."""
        return await self._claim_and_send(lambda conn: self._claim_many(conn, subscription_ids))

    async def _claim_and_send(self, claim: Callable[[Connection], Awaitable[StoredPost | None]]) -> bool:
        began = self._timer()

        async def timed(conn: Connection) -> StoredPost | None:
            nonlocal began
            began = self._timer()  # the wait for the database's turn does not count
            return await claim(conn)

        post = await transact(self._database, timed)
        if post is None:
            return False
        next_at = self._timer() + LIMITS[POST].channel_ms / 1000
        try:
            await self.send(post, claimed_at=began)
        finally:
            self._wake(max(0.0, next_at - self._timer()))
        return True

    async def send(self, post: StoredPost, *, claimed_at: float) -> None:
        """Send a post that is committed as `sending`, and settle it.

        `claimed_at` is when its claim began, by the timer. A process that was frozen since gives the claim
        up before the call: by now another may have taken the post for lost and told it.
        """
        try:
            outcome = await self._post(post) if self._timer() - claimed_at < FRESH_S else STALE
        except asyncio.CancelledError:
            # a shutdown: the call may have arrived, so the next run has to look into it
            await self.settle(post, Unknown("cancelled"))
            raise
        self._metrics.post(OUTCOME_LABELS[type(outcome)])
        self._metrics.slack_call(POST, OUTCOME_LABELS[type(outcome)])
        if not isinstance(outcome, Sent):
            log.warning("a post did not go through", extra={"post": post.uuid, "outcome": repr(outcome)})
        await self.settle(post, outcome)

    async def settle(self, post: StoredPost, outcome: Outcome) -> None:
        await transact(self._database, lambda conn: self._outcomes.settle(conn, post, outcome))

    async def _post(self, post: StoredPost) -> Outcome:
        return await self._notifier.post(
            channel=post.channel_id,
            message=Message.from_json(post.body),
            uuid=post.uuid,
            thread_ts=post.thread_ts,
            broadcast=post.broadcast,
        )

    async def _claim_one(self, conn: Connection, subscription_id: int) -> StoredPost | None:
        now = self._clock()
        streams = await _heard(conn, await _ready(conn, [subscription_id], now), now)
        draft = await self._drafts.of_one(conn, streams[0], now=now) if streams else None
        return await self._write(conn, streams, draft, now) if draft else None

    async def _claim_many(self, conn: Connection, subscription_ids: Sequence[int]) -> StoredPost | None:
        now = self._clock()
        streams = await _heard(conn, await _ready(conn, subscription_ids[:OVERVIEW_MOST], now), now)
        draft = await self._drafts.of_many(conn, streams, waiting=len(subscription_ids), now=now)
        if draft is None:  # all of it is over by now: each is told so for itself
            return await self._claim_one(conn, streams[0].id) if streams else None
        return await self._write(conn, streams, draft, now)

    async def _write(
        self, conn: Connection, streams: Sequence[StoredSubscription], draft: Draft, now: int
    ) -> StoredPost | None:
        """Take a slot and write the post; None where no slot is free."""
        first = streams[0]
        free_at = await limits.reserve(conn, POST, first.channel_id, now=now)
        if free_at is not None:
            self._wake_at(free_at)
            return None
        carried = [stream for stream in streams if stream.id in draft.carries] or [first]
        message = draft.message.plain() if any(stream.plain for stream in carried) else draft.message
        post = await write_post(
            conn,
            NewPost(
                channel_id=first.channel_id,
                subscription_id=0 if draft.kind is PostKind.OVERVIEW else first.id,
                kind=draft.kind,
                message=message,
                thread_ts=draft.thread_ts,
                broadcast=draft.broadcast,
                attempt=2 if draft.again else 1,
            ),
            carried,
            uuid=self._uuid(),
            now=now,
        )
        await outbox.take(conn, post.id, draft.carries.values())
        return post


async def _ready(conn: Connection, subscription_ids: Sequence[int], now: int) -> list[StoredSubscription]:
    """Lock these streams; those that may post now, in the order given."""
    locked = await subscriptions.locked(conn, subscription_ids)
    return [
        stream
        for number in subscription_ids
        if (stream := locked.get(number))
        and stream.state is SubscriptionState.ACTIVE
        and stream.post_id is None
        and stream.retry_at <= now
    ]


async def _heard(
    conn: Connection, streams: Sequence[StoredSubscription], now: int
) -> list[StoredSubscription]:
    """Those of a channel's streams over which no silence has come since their news was routed.

    What waited for Slack or for the end of a mute may have waited into quiet hours. A card is no news.
    """
    if not streams:
        return []
    holding = await silences.current(conn, [streams[0].channel_id], now=now)
    heard = []
    for stream in streams:
        until = silent_until(stream.channel_id, stream.subject, holding, now)
        if until is None or (stream.card_post_id is None and isinstance(stream.subject, Project)):
            heard.append(stream)
        else:
            await outbox.postpone_pending(conn, [stream.id], until=until)
    return heard
