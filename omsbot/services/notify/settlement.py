"""Transaction S: what the outcome of a call makes of a post, of its deliveries, and of later calls."""

import logging
from collections.abc import Callable, Sequence

from omsbot.db.engine.connection import Connection
from omsbot.db.stores import channels, outbox
from omsbot.db.stores.outbox import StoredPost
from omsbot.db.stores.subscriptions import StoredSubscription, SubscriptionState
from omsbot.domain.notify.delivery import (
    DeliveryState,
    NotSent,
    Outcome,
    PostKind,
    PostState,
    Reason,
    Rejected,
    RejectionScope,
    Sent,
    Settlement,
    settle,
)
from omsbot.domain.notify.slack_limits import POST
from omsbot.metrics import Metrics
from omsbot.services.notify.outcome_policy import hold_back, note_health

log = logging.getLogger(__name__)

STALE = NotSent("the claim went stale before the call")  # our own doing: it says nothing of Slack


class Outcomes:
    def __init__(self, metrics: Metrics, *, clock: Callable[[], int]) -> None:
        self._metrics = metrics
        self._clock = clock

    async def settle(self, conn: Connection, post: StoredPost, outcome: Outcome) -> bool:
        """Settle a post; False where another settled it before."""
        now = self._clock()
        streams = await outbox.streams_of(conn, post)
        attempt = max((stream.attempts for stream in streams), default=0) + 1
        plain = any(stream.plain for stream in streams)
        verdict = settle(outcome, attempt=attempt, plain=plain, now=now)
        if not await _move(conn, post, outcome, verdict):
            return False
        refused = Reason.REFUSED if verdict.deliveries is DeliveryState.FAILED else None
        moved = await outbox.settle_deliveries(conn, post, verdict.deliveries, reason=refused)
        self._metrics.delivery(verdict.deliveries, moved)
        limited = outcome is STALE or (isinstance(outcome, NotSent) and outcome.limited)
        after = {one.id: _stream_after(one, post, verdict, now, limited=limited) for one in streams}
        await outbox.set_streams(conn, after)
        for stream in streams:
            if stream.state is SubscriptionState.ENDED:  # what was in flight then waits for nobody now
                await outbox.withhold_pending(conn, stream.id, Reason.UNSUBSCRIBED)
        if outcome is not STALE:
            await note_health(conn, POST, outcome, now)
        if isinstance(outcome, Sent):
            await channels.resume(conn, post.channel_id)
            await _notice_deleted_card(conn, streams, post, outcome)
        else:
            await _hold_back(conn, streams, post, outcome, now)
        return True


async def _move(conn: Connection, post: StoredPost, outcome: Outcome, verdict: Settlement) -> bool:
    if isinstance(outcome, Sent):
        return await outbox.move_post(conn, post, PostState.SENT, ts=outcome.ts, reason=None)
    if post.state is verdict.post:
        return False
    due_at = verdict.due_at if verdict.post is PostState.UNKNOWN else None
    return await outbox.move_post(conn, post, verdict.post, due_at=due_at, reason=outcome.error[:128])


def _stream_after(
    stream: StoredSubscription, post: StoredPost, verdict: Settlement, now: int, *, limited: bool
) -> dict[str, object]:
    """What a settled post makes of a stream.

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
    if stream.post_id == post.id and (not unknown or post.kind is PostKind.CARD):
        values["post_id"] = None
    if stream.card_post_id == post.id and verdict.post is PostState.DISSOLVED:
        values["card_post_id"] = None
    return values


async def _hold_back(
    conn: Connection,
    streams: Sequence[StoredSubscription],
    post: StoredPost,
    outcome: Outcome,
    now: int,
) -> None:
    """Note what a failed try says of later ones."""
    if await hold_back(conn, POST, post.channel_id, outcome, now):
        return
    match outcome:
        case Rejected(scope=RejectionScope.MESSAGE):
            await _replace_cards(conn, streams, post.thread_ts)
        case Rejected(scope=RejectionScope.OURS, error=error):
            log.error("Slack refuses a message's content", extra={"post": post.uuid, "error": error})


async def _notice_deleted_card(
    conn: Connection, streams: Sequence[StoredSubscription], post: StoredPost, outcome: Sent
) -> None:
    """A reply that Slack put outside its thread says that a person deleted the card: post it anew."""
    if post.thread_ts is not None and outcome.thread_ts != post.thread_ts:
        await _replace_cards(conn, streams, post.thread_ts)


async def _replace_cards(
    conn: Connection, streams: Sequence[StoredSubscription], card_ts: str | None
) -> None:
    """Give up a card that is not there any more; the next pass posts a new one."""
    for stream in streams:
        card = await outbox.get_post(conn, stream.card_post_id) if stream.card_post_id else None
        if card and card.ts == card_ts and card.state is PostState.SENT:
            await outbox.move_post(conn, card, PostState.REPLACED, reason="deleted in Slack", dirty=0)
            await outbox.set_stream(conn, stream.id, card_post_id=None)
