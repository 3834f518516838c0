"""Keeping each subscription's card true: a projection of the newest state, edited as seldom as it may be."""

import logging
from collections.abc import Callable
from enum import Enum, auto
from functools import partial

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.engine import Database, transact
from omsbot.db.stores import channels, limits, outbox, subscriptions
from omsbot.db.stores.outbox import StoredPost
from omsbot.db.stores.subscriptions import StoredSubscription
from omsbot.domain.notify.delivery import Outcome, PostState, Rejected, RejectionScope, Sent
from omsbot.domain.notify.slack_limits import APP_WIDE, CARD_EDIT_MS, EDIT
from omsbot.metrics import Metrics
from omsbot.services.notify.outcome_policy import OUTCOME_LABELS, hold_back, note_health
from omsbot.services.notify.ports import Messenger
from omsbot.services.tasks import Tasks
from omsbot.services.views import Views
from omsbot.slack.kit.blocks import Message
from omsbot.slack.messages.answers import notice
from omsbot.slack.messages.card import card

log = logging.getLogger(__name__)

CARDS_PER_PASS = 20
NOT_FOLLOWED = "This channel does not follow this project any more; this card is no longer kept up to date."


class NoEdit(Enum):
    NOT_NEEDED = auto()  # it shows that already, or another edits it
    NO_SLOT = auto()  # Slack's limits allow no edit now


class Cards:
    def __init__(
        self,
        database: Database,
        notifier: Messenger,
        views: Views,
        *,
        clock: Callable[[], int],
        tasks: Tasks,
        metrics: Metrics,
    ) -> None:
        self._database = database
        self._notifier = notifier
        self._views = views
        self._clock = clock
        self._tasks = tasks
        self._metrics = metrics

    async def edit_dirty(self) -> int:
        """One pass: bring the cards that are out of date up to date; returns how many edits were sent."""
        async with self._database.read() as conn:
            dirty = await outbox.dirty_cards(
                conn, now=self._clock(), rest_ms=CARD_EDIT_MS, limit=CARDS_PER_PASS
            )
        edited = 0
        for post in dirty:
            claim = await transact(self._database, partial(self._claim, post=post))
            if claim is NoEdit.NO_SLOT:
                break
            if isinstance(claim, Message):
                self._tasks.spawn(self._edit(post, claim))
                edited += 1
        return edited

    async def _edit(self, post: StoredPost, message: Message) -> None:
        outcome = await self._send(post, message)
        if isinstance(outcome, Rejected) and outcome.scope is RejectionScope.OURS:
            log.error("Slack refuses a card's content", extra={"post": post.uuid, "error": outcome.error})
            outcome = await self._send(post, message.plain())
        await transact(self._database, lambda conn: self._settle(conn, post, message, outcome))

    async def _send(self, post: StoredPost, message: Message) -> Outcome:
        outcome = await self._notifier.edit(channel=post.channel_id, ts=post.ts or "", message=message)
        self._metrics.slack_call(EDIT, OUTCOME_LABELS[type(outcome)])
        return outcome

    async def _claim(self, conn: Connection, *, post: StoredPost) -> Message | NoEdit:
        """Render a card and take the right to edit it."""
        now = self._clock()
        message = await self._render(conn, post, now)
        if message.content_hash() == post.shown_hash:
            await outbox.refreshed(conn, post, message.content_hash())
            return NoEdit.NOT_NEEDED
        if await limits.reserve(conn, EDIT, APP_WIDE, now=now) is not None:
            return NoEdit.NO_SLOT
        claimed = await outbox.claim_edit(conn, post, now=now, rest_ms=CARD_EDIT_MS)
        return message if claimed else NoEdit.NOT_NEEDED

    async def _render(self, conn: Connection, post: StoredPost, now: int) -> Message:
        stream = await subscriptions.get(conn, post.subscription_id)
        if stream is None or stream.card_post_id != post.id:
            return notice(NOT_FOLLOWED)
        return card(await self._views.subscription(conn, stream, now=now), now=now)

    async def _settle(self, conn: Connection, post: StoredPost, message: Message, outcome: Outcome) -> None:
        now = self._clock()
        stream = await subscriptions.get(conn, post.subscription_id, lock=True)
        await outbox.edit_ended(conn, post, now=now)
        await note_health(conn, EDIT, outcome, now)
        if isinstance(outcome, Sent):
            await outbox.refreshed(conn, post, message.content_hash())
            await channels.resume(conn, post.channel_id)
        elif await hold_back(conn, EDIT, post.channel_id, outcome, now):
            return
        elif isinstance(outcome, Rejected):
            await _give_up(conn, post, stream, outcome.error)
        else:
            # it stays dirty, so the next edit converges
            log.warning("a card could not be edited", extra={"post": post.uuid, "outcome": repr(outcome)})


async def _give_up(conn: Connection, post: StoredPost, stream: StoredSubscription | None, error: str) -> None:
    """Leave a card that cannot be edited any more as it is; where it is still wanted, a new one is posted."""
    await outbox.move_post(conn, post, PostState.REPLACED, reason=error[:128], dirty=0)
    if stream and stream.card_post_id == post.id:
        await outbox.set_stream(conn, stream.id, card_post_id=None)
