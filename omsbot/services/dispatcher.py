"""Telling Slack: claim, send, settle.

Theory of operation. A subscription is a stream with at most one post in flight. To tell something:

1. *Claim* (transaction C): lock the stream, take a slot of Slack's limits, write the post as `sending` with
   its body and its deliveries, commit. From here on the database knows that a message may be out.
2. *Send*: one call, never repeated by the client.
3. *Settle* (transaction S): what Slack answered decides (`omsbot.domain.delivery.settle`). Surely not sent:
   the deliveries wait again. Unknown, or found `sending` after a kill: `Settler` looks into it.

Each step names the state that it leaves, so two replicas, or a slow one and a fresh one, cannot both win.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from omsbot.db import limits, outbox, projects, subscriptions
from omsbot.db.engine import Database, transact
from omsbot.db.outbox import StoredPost
from omsbot.db.subjects import project_id, server_name
from omsbot.db.subscriptions import StoredSubscription, SubscriptionState
from omsbot.domain.compose import Composition, compose
from omsbot.domain.delivery import (
    NotSent,
    Outcome,
    PostKind,
    PostState,
    Rejected,
    RejectionScope,
    Sent,
    Settlement,
    Unknown,
    settle,
)
from omsbot.domain.project import DEFAULT_SERVER
from omsbot.domain.throttle import LIMITS, POST
from omsbot.metrics import Metrics
from omsbot.services.tasks import Tasks
from omsbot.services.views import Views
from omsbot.slack.alerts import NewsContext, news
from omsbot.slack.blocks import Message
from omsbot.slack.card import card
from omsbot.slack.notifier import Notifier

log = logging.getLogger(__name__)

STREAMS_PER_PASS = 100
INSTALLATION_PAUSE_MS = 60_000  # after Slack refused the installation as a whole
OUTCOME_LABELS = {Sent: "sent", NotSent: "not_sent", Unknown: "unknown", Rejected: "rejected"}
CHANNEL_PROBE_STEPS_MS = (60_000, 300_000, 900_000, 3_600_000)


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that is about to become a post."""

    kind: PostKind
    message: Message
    thread_ts: str | None = None
    broadcast: bool = False
    composition: Composition | None = None


class Dispatcher:
    def __init__(
        self,
        database: Database,
        notifier: Notifier,
        views: Views,
        *,
        clock: Callable[[], int],
        uuid: Callable[[], str],
        tasks: Tasks,
        metrics: Metrics,
        wake: Callable[[float], None],
    ) -> None:
        """`wake` asks for the next pass, so many seconds from now."""
        self._database = database
        self._notifier = notifier
        self._views = views
        self._clock = clock
        self._uuid = uuid
        self._tasks = tasks
        self._metrics = metrics
        self._wake = wake
        self._busy: set[str] = set()

    async def dispatch(self) -> int:
        """One pass: start to tell what waits, one post a channel; returns how many were started."""
        async with self._database.read() as conn:
            streams = await outbox.due_streams(conn, now=self._clock(), limit=STREAMS_PER_PASS)
        free = [(stream, channel) for stream, channel in streams if channel not in self._busy]
        for stream, channel in free:
            self._busy.add(channel)
            self._tasks.spawn(self._tell_tracked(stream, channel))
        return len(free)

    async def _tell_tracked(self, subscription_id: int, channel_id: str) -> None:
        try:
            told = await self.tell(subscription_id)
        finally:
            self._busy.discard(channel_id)
        if told:
            self._wake(LIMITS[POST].channel_ms / 1000)

    async def tell(self, subscription_id: int) -> bool:
        """Claim, send and settle one post of a stream; False where there was nothing to send."""
        post = await transact(self._database, lambda conn: self._claim(conn, subscription_id))
        if post is None:
            return False
        await self.send(post)
        return True

    async def send(self, post: StoredPost) -> None:
        """Send a post that is committed as `sending`, and settle it."""
        try:
            outcome = await self._notifier.post(
                channel=post.channel_id,
                message=Message.from_json(post.body),
                uuid=post.uuid,
                thread_ts=post.thread_ts,
                broadcast=post.broadcast,
            )
        except asyncio.CancelledError:
            # a shutdown: the call may have arrived, so the next run has to look into it
            await transact(self._database, lambda conn: self.settle(conn, post, Unknown("cancelled")))
            raise
        self._metrics.post(OUTCOME_LABELS[type(outcome)])
        if not isinstance(outcome, Sent):
            log.warning("a post did not go through", extra={"post": post.uuid, "outcome": repr(outcome)})
        await transact(self._database, lambda conn: self.settle(conn, post, outcome))

    async def _claim(self, conn: AsyncConnection, subscription_id: int) -> StoredPost | None:
        now = self._clock()
        stream = await subscriptions.get(conn, subscription_id, lock=True)
        if stream is None or stream.state is not SubscriptionState.ACTIVE:
            return None
        if stream.post_id is not None or stream.retry_at > now:
            return None
        draft = await self._draft(conn, stream, now)
        if draft is None or await limits.reserve(conn, POST, stream.channel_id, now=now) is not None:
            return None
        message = draft.message.plain() if stream.plain else draft.message
        post = await outbox.add_post(
            conn,
            uuid=self._uuid(),
            channel_id=stream.channel_id,
            subscription_id=stream.id,
            kind=draft.kind,
            thread_ts=draft.thread_ts,
            broadcast=draft.broadcast,
            body=message.as_json(),
            attempt=stream.attempts + 1,
            shown_hash=message.content_hash(),
            now=now,
        )
        if draft.composition:
            await outbox.take(conn, post.id, draft.composition)
        as_card = {"card_post_id": post.id} if draft.kind is PostKind.CARD else {}
        await outbox.set_stream(conn, stream.id, post_id=post.id, **as_card)
        return post

    async def _draft(self, conn: AsyncConnection, stream: StoredSubscription, now: int) -> Draft | None:
        """The card where there is none yet, else all that waits to be told, as one message."""
        number = project_id(stream.subject)
        if number is not None and stream.card_post_id is None:
            return Draft(PostKind.CARD, card(await self._views.subscription(conn, stream, now=now), now=now))
        pending = await outbox.pending(conn, stream.id, now=now)
        if not pending:
            return None
        composition = compose(pending)
        parent = await outbox.get_post(conn, stream.card_post_id) if stream.card_post_id else None
        thread_ts = parent.ts if parent and parent.state is PostState.SENT else None
        context = NewsContext(
            view=await self._views.project(conn, await projects.get(conn, number)) if number else None,
            server=server_name(stream.subject) or DEFAULT_SERVER,
            mention=stream.mention if composition.mention else None,
            thread=thread_ts is not None,
        )
        return Draft(
            PostKind.NEWS,
            news(composition, context, now=now),
            thread_ts=thread_ts,
            broadcast=composition.broadcast and thread_ts is not None,
            composition=composition,
        )

    async def settle(self, conn: AsyncConnection, post: StoredPost, outcome: Outcome) -> bool:
        """Transaction S; False where another settled the post before."""
        now = self._clock()
        stream = await subscriptions.get(conn, post.subscription_id, lock=True)
        if stream is None:
            return False
        verdict = settle(outcome, attempt=stream.attempts + 1, plain=stream.plain, now=now)
        if not await self._move(conn, post, outcome, verdict):
            return False
        moved = await outbox.settle_deliveries(conn, post.id, verdict.deliveries)
        self._metrics.delivery(verdict.deliveries, moved)
        limited = isinstance(outcome, NotSent) and outcome.limited
        await outbox.set_stream(conn, stream.id, **_stream_after(stream, post, verdict, now, limited=limited))
        if isinstance(outcome, Sent):
            await subscriptions.resume_channel(conn, post.channel_id)
            await self._notice_deleted_card(conn, stream, post, outcome)
        else:
            await self._hold_back(conn, stream, post, outcome, now)
        return True

    async def _move(
        self, conn: AsyncConnection, post: StoredPost, outcome: Outcome, verdict: Settlement
    ) -> bool:
        if isinstance(outcome, Sent):
            return await outbox.move_post(conn, post, PostState.SENT, ts=outcome.ts, reason=None)
        due_at = verdict.due_at if verdict.post is PostState.UNKNOWN else None
        if post.state is verdict.post:
            return False
        return await outbox.move_post(conn, post, verdict.post, due_at=due_at, reason=outcome.error[:128])

    async def _notice_deleted_card(
        self, conn: AsyncConnection, stream: StoredSubscription, post: StoredPost, outcome: Sent
    ) -> None:
        """A reply that Slack put outside its thread says that a person deleted the card: post it anew."""
        if post.thread_ts is not None and outcome.thread_ts != post.thread_ts:
            await _replace_card(conn, stream, post.thread_ts)

    async def _hold_back(
        self, conn: AsyncConnection, stream: StoredSubscription, post: StoredPost, outcome: Outcome, now: int
    ) -> None:
        """Note what a failed try says of later ones."""
        match outcome:
            case NotSent(limited=True, retry_after_s=after):
                until = now + int((after or 1) * 1000)
                await limits.block(conn, POST, post.channel_id, until=until, now=now)
            case Rejected(scope=RejectionScope.CHANNEL, error=error):
                tries = await subscriptions.channel_attempts(conn, post.channel_id)
                pause = CHANNEL_PROBE_STEPS_MS[min(tries, len(CHANNEL_PROBE_STEPS_MS) - 1)]
                await subscriptions.pause_channel(conn, post.channel_id, error, probe_at=now + pause)
            case Rejected(scope=RejectionScope.MESSAGE) if post.thread_ts:
                await _replace_card(conn, stream, post.thread_ts)
            case Rejected(scope=RejectionScope.OURS, error=error):
                log.error("Slack refuses a message's content", extra={"post": post.uuid, "error": error})
            case Rejected(scope=RejectionScope.INSTALLATION, error=error):
                log.error("Slack refuses the installation", extra={"error": error})
                await limits.block_all(conn, POST, until=now + INSTALLATION_PAUSE_MS)


def _stream_after(
    stream: StoredSubscription, post: StoredPost, verdict: Settlement, now: int, *, limited: bool
) -> dict[str, object]:
    """What a settled post makes of its stream.

    News of an unknown fate stays in flight, so that nothing overtakes it; a card of an unknown fate holds
    no news up.
    """
    over = verdict.post in {PostState.SENT, PostState.FAILED}
    unknown = verdict.post is PostState.UNKNOWN
    values: dict[str, object] = {
        "attempts": 0 if over else stream.attempts + (not limited),
        "retry_at": now if limited or unknown else max(now, verdict.due_at or now),
        "plain": int(verdict.retry_plain or (stream.plain and not over)),
    }
    if stream.post_id == post.id and not (unknown and post.kind is PostKind.NEWS):
        values["post_id"] = None
    if stream.card_post_id == post.id and verdict.post is PostState.DISSOLVED:
        values["card_post_id"] = None
    return values


async def _replace_card(conn: AsyncConnection, stream: StoredSubscription, card_ts: str) -> None:
    """Give up a card that is not there any more; the next pass posts a new one."""
    if stream.card_post_id is None:
        return
    post = await outbox.get_post(conn, stream.card_post_id)
    if post and post.ts == card_ts and post.state is PostState.SENT:
        await outbox.move_post(conn, post, PostState.REPLACED, reason="deleted in Slack", dirty=0)
        await outbox.set_stream(conn, stream.id, card_post_id=None)
