"""Completions that were posted in a channel that still has the project's card, to put a chart under it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from omsbot.db.engine.connection import Connection
from omsbot.db.schema import channels, deliveries, events, posts, subscriptions
from omsbot.db.stores.channels import ChannelState
from omsbot.db.stores.subscriptions import SubscriptionState
from omsbot.db.subjects import is_project, subject_of
from omsbot.domain.events import EventKind
from omsbot.domain.notify.delivery import DeliveryState, PostState
from omsbot.domain.project.subject import Project


@dataclass(frozen=True, slots=True)
class Completion:
    """One completion, as one channel was notified of it; `card_ts` is where its thread is."""

    event_id: int
    subscription_id: int
    project_id: int
    channel_id: str
    card_ts: str

    @property
    def period(self) -> str:
        """What names it among the runs of a job."""
        return f"{self.subscription_id}:{self.event_id}"


async def told_completions(conn: Connection, *, since: int) -> Sequence[Completion]:
    """Completions that were due after a time (ms) and have been posted, the oldest first."""
    rows = await conn.execute(
        select(
            deliveries.c.event_id,
            deliveries.c.subscription_id,
            subscriptions.c.subject,
            subscriptions.c.channel_id,
            posts.c.ts,
        )
        .join(events, events.c.id == deliveries.c.event_id)
        .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
        .join(channels, channels.c.id == subscriptions.c.channel_id)
        .join(posts, posts.c.id == subscriptions.c.card_post_id)
        .where(
            deliveries.c.state == DeliveryState.TOLD,
            deliveries.c.not_before > since,
            events.c.kind == EventKind.PROJECT_COMPLETED,
            is_project(subscriptions.c.subject),
            subscriptions.c.state == SubscriptionState.ACTIVE,
            channels.c.state == ChannelState.ACTIVE,
            posts.c.state == PostState.SENT,
            posts.c.ts.is_not(None),
        )
        .order_by(deliveries.c.event_id, deliveries.c.id)
    )
    return [
        Completion(row.event_id, row.subscription_id, subject.id, row.channel_id, row.ts)
        for row in rows
        if isinstance(subject := subject_of(row.subject), Project)
    ]
