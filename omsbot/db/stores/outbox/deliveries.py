"""Deliveries that wait, and what becomes of them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Row, bindparam, func, select, update

from omsbot.db.codec import load_event
from omsbot.db.engine.connection import Connection
from omsbot.db.engine.statements import in_chunks, insert_ignore, set_columns
from omsbot.db.schema import conditions, deliveries, events, posts
from omsbot.db.stores.outbox.posts import StoredPost
from omsbot.domain.notify.compose import Composition, Pending
from omsbot.domain.notify.delivery import DeliveryState, Reason
from omsbot.domain.notify.routing import Routed

LATE_MS = 300_000  # a delivery that waits for longer is reported as late


async def add_deliveries(conn: Connection, event_id: int, routed: Sequence[Routed]) -> None:
    rows = [
        {
            "event_id": event_id,
            "subscription_id": one.subscription_id,
            "state": one.state,
            "reason": one.reason,
            "not_before": one.not_before,
        }
        for one in routed
    ]
    await insert_ignore(conn, deliveries, rows)


# built once: every message runs one of them
_WAITING = (
    select(
        deliveries.c.id,
        deliveries.c.subscription_id,
        deliveries.c.reason,
        deliveries.c.not_before,
        events.c.body,
        events.c.condition_id,
        conditions.c.live,
        posts.c.attempt,
    )
    .join(events, events.c.id == deliveries.c.event_id)
    .outerjoin(conditions, conditions.c.id == events.c.condition_id)
    .outerjoin(posts, posts.c.id == deliveries.c.post_id)
    .where(
        deliveries.c.state == DeliveryState.PENDING,
        deliveries.c.not_before <= bindparam("now", type_=BigInteger),
    )
    .order_by(events.c.version, events.c.ordinal)
)
WAITING = _WAITING.where(deliveries.c.subscription_id == bindparam("stream"))
WAITING_IN = _WAITING.where(deliveries.c.subscription_id.in_(bindparam("streams", expanding=True)))
TAKE = (
    update(deliveries)
    .where(deliveries.c.id.in_(bindparam("ids", expanding=True)), deliveries.c.state == DeliveryState.PENDING)
    .values(state=DeliveryState.SENDING, reason=bindparam("why"), post_id=bindparam("post"))
)


async def pending(conn: Connection, subscription_id: int, *, now: int) -> Sequence[Pending]:
    """What may be posted to a subscription now, in the order of its events."""
    rows = await conn.execute(WAITING, {"stream": subscription_id, "now": now})
    return [_pending(row, now) for row in rows]


async def pending_of(
    conn: Connection, subscription_ids: Collection[int], *, now: int
) -> Mapping[int, Sequence[Pending]]:
    """What may be posted to each of these subscriptions now."""
    found: dict[int, list[Pending]] = {number: [] for number in subscription_ids}
    for row in await conn.execute(WAITING_IN, {"streams": list(subscription_ids), "now": now}):
        found[row.subscription_id].append(_pending(row, now))
    return found


def _pending(row: Row[Any], now: int) -> Pending:
    return Pending(
        row.id,
        load_event(row.body),
        holds=None if row.condition_id is None else row.live == 1,
        reason=_reason_now(row.reason, row.not_before, now),
        condition=row.condition_id,
        again=(row.attempt or 1) > 1,
    )


def _reason_now(reason: str, not_before: int, now: int) -> Reason:
    """The reason of a delivery; what waited for long because of Slack is late."""
    return Reason.LATE if reason == Reason.NEWS and now - not_before > LATE_MS else Reason(reason)


async def take(conn: Connection, post_id: int, compositions: Collection[Composition]) -> None:
    """Put the deliveries of what was composed into a post."""
    items = [item for composition in compositions for item in composition.items]
    for reason in {item.reason for item in items}:
        ids = [item.delivery_id for item in items if item.reason is reason]
        for some in in_chunks(ids):
            await conn.execute(TAKE, {"ids": some, "why": reason, "post": post_id})


async def settle_deliveries(
    conn: Connection, post: StoredPost, state: DeliveryState, *, reason: Reason | None = None
) -> int:
    """Move what a post carries on, and return how many.

    Back to pending they belong to no post, but for those of a post that repeated another: it is the only note
    that they may have been posted already, which the next post has to say.
    """
    values: dict[str, Any] = {"state": state} | ({"reason": reason} if reason else {})
    if state is DeliveryState.PENDING and post.attempt == 1:
        values["post_id"] = None
    return await set_columns(conn, deliveries, {"post_id": post.id, "state": DeliveryState.SENDING}, values)


async def withhold_pending(conn: Connection, subscription_id: int, reason: Reason) -> None:
    waiting = {"subscription_id": subscription_id, "state": DeliveryState.PENDING}
    await set_columns(conn, deliveries, waiting, {"state": DeliveryState.WITHHELD, "reason": reason})


async def postpone_pending(conn: Connection, subscription_ids: Collection[int], *, until: int) -> None:
    """What is not posted yet waits for the end of a silence."""
    await conn.execute(
        update(deliveries)
        .where(
            deliveries.c.subscription_id.in_(subscription_ids), deliveries.c.state == DeliveryState.PENDING
        )
        .values(not_before=until, reason=Reason.MUTED)
    )


async def resume_pending(conn: Connection, subscription_ids: Collection[int], *, now: int) -> None:
    await conn.execute(
        update(deliveries)
        .where(
            deliveries.c.subscription_id.in_(subscription_ids),
            deliveries.c.state == DeliveryState.PENDING,
            deliveries.c.not_before > now,
        )
        .values(not_before=now)
    )


async def counts(conn: Connection, *, now: int) -> tuple[int, int | None]:
    """How many deliveries wait to be posted now, and since when the oldest (ms)."""
    query = select(func.count(), func.min(deliveries.c.not_before)).where(
        deliveries.c.state == DeliveryState.PENDING, deliveries.c.not_before <= now
    )
    number, oldest = (await conn.execute(query)).one()
    return number, oldest
