"""The outbox: what waits, what is on its way, and who may settle it."""

import asyncio

import pytest
from sqlalchemy import select

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.engine import Database, transact
from omsbot.db.schema import deliveries
from omsbot.db.stores import events, outbox, subscriptions
from omsbot.db.stores.outbox import LEASE_MS, StoredPost
from omsbot.domain.detection.conditions import ConditionKind
from omsbot.domain.events import EventKind
from omsbot.domain.notify.compose import compose
from omsbot.domain.notify.delivery import SETTLE_AFTER_MS, DeliveryState, PostKind, PostState, Reason
from omsbot.domain.project.subject import Project
from tests.builders import HOUR, MINUTE, NOW, SECOND, condition, event
from tests.integration.db.stored import (
    BETA,
    CHANNEL,
    posting,
    stream,
    to_tell,
    two_replicas,
)

REST_MS = 3_000


async def states(conn: Connection) -> list[tuple[str, str, int | None]]:
    """(state, reason, post) of each delivery, in the order in which they were written."""
    columns = deliveries.c.state, deliveries.c.reason, deliveries.c.post_id
    rows = await conn.execute(select(*columns).order_by(deliveries.c.id))
    return [(row.state, row.reason, row.post_id) for row in rows]


async def taken(conn: Connection, stream_id: int) -> StoredPost:
    """A post with everything that waits for a stream."""
    post = await posting(conn, stream_id)
    await outbox.take(conn, post.id, [compose(await outbox.pending(conn, stream_id, now=NOW))])
    return post


async def test_an_event_is_delivered_once_to_a_subscription(database: Database) -> None:
    async with database.write() as conn:
        one = await stream(conn)
        await to_tell(conn, [one, one])

        assert await states(conn) == [("pending", "news", None)]


async def test_what_waits_comes_in_the_order_of_its_events_whatever_their_ids(database: Database) -> None:
    async with database.write() as conn:
        one = await stream(conn)
        for version, ordinal in ((10, 0), (9, 1), (9, 0)):
            await to_tell(conn, [one], event(at=NOW + version + ordinal), version=version, ordinal=ordinal)

        waiting = await outbox.pending(conn, one, now=NOW)

    assert [item.event.observed_at - NOW for item in waiting] == [9, 10, 10]
    assert [item.delivery_id for item in waiting] == sorted((i.delivery_id for i in waiting), reverse=True)


async def test_what_waits_says_whether_its_condition_still_holds(database: Database) -> None:
    async with database.write() as conn:
        one = await stream(conn)
        ids = [
            await events.open_condition(conn, Project(1), condition(ConditionKind.FAILING, key))
            for key in "AB"
        ]
        await events.clear_condition(conn, ids[1], now=NOW)
        for ordinal, condition_id in enumerate([*ids, None]):
            await to_tell(conn, [one], ordinal=ordinal, condition_id=condition_id)

        assert [item.holds for item in await outbox.pending(conn, one, now=NOW)] == [True, False, None]


async def test_what_is_postponed_does_not_wait_yet_and_is_not_counted(database: Database) -> None:
    async with database.write() as conn:
        one = await stream(conn)
        await to_tell(conn, [one], ordinal=0, not_before=NOW - SECOND)
        await to_tell(conn, [one], ordinal=1, not_before=NOW + HOUR)

        assert len(await outbox.pending(conn, one, now=NOW)) == 1
        assert await outbox.counts(conn, now=NOW) == (1, NOW - SECOND)
        assert await outbox.counts(conn, now=NOW - MINUTE) == (0, None)


async def test_a_silence_postpones_what_waits_and_its_end_lets_it_go(database: Database) -> None:
    async with database.write() as conn:
        one, other = await stream(conn), await stream(conn, BETA)
        await to_tell(conn, [one, other])

        await outbox.postpone_pending(conn, [one], until=NOW + HOUR)
        assert [await outbox.pending(conn, each, now=NOW) == [] for each in (one, other)] == [True, False]

        await outbox.resume_pending(conn, [one], now=NOW + 5)
        (item,) = await outbox.pending(conn, one, now=NOW + 5)
        assert item.reason is Reason.MUTED


async def test_who_unsubscribes_is_told_nothing_more(database: Database) -> None:
    async with database.write() as conn:
        one = await stream(conn)
        await to_tell(conn, [one], ordinal=0)
        post = await taken(conn, one)
        await to_tell(conn, [one], ordinal=1)

        await outbox.withhold_pending(conn, one, Reason.UNSUBSCRIBED)

        assert await states(conn) == [("sending", "news", post.id), ("withheld", "unsubscribed", None)]


async def test_a_post_takes_what_it_tells_each_with_its_reason(database: Database) -> None:
    async with database.write() as conn:
        one = await stream(conn)
        for ordinal in range(22):
            await to_tell(conn, [one], event(EventKind.STEP_STARTED), ordinal=ordinal)
        post = await taken(conn, one)

        found = await states(conn)

    assert {(state, number) for state, _, number in found} == {("sending", post.id)}
    assert [reason for _, reason, _ in found] == [*["news"] * 20, *["folded"] * 2]


@pytest.mark.parametrize(
    ("to", "kept"),
    [
        pytest.param(DeliveryState.TOLD, True, id="told"),
        pytest.param(DeliveryState.PENDING, False, id="pending again"),
    ],
)
async def test_what_a_post_carries_moves_on_with_it(
    database: Database, to: DeliveryState, kept: bool
) -> None:
    async with database.write() as conn:
        one = await stream(conn)
        await to_tell(conn, [one])
        post = await taken(conn, one)

        assert await outbox.settle_deliveries(conn, post, to) == 1
        assert await outbox.settle_deliveries(conn, post, to) == 0, "it is settled"
        assert await states(conn) == [(to, "news", post.id if kept else None)]


async def test_a_post_that_is_sent_again_takes_over_what_is_open(database: Database) -> None:
    async with database.write() as conn:
        one = await stream(conn)
        await to_tell(conn, [one])
        old = await taken(conn, one)
        new = await posting(conn, one, uuid="post-2")

        await outbox.carry_over(conn, old, new)

        assert await states(conn) == [("sending", "news", new.id)]


# --- posts


async def test_a_post_comes_back_as_it_was_written(database: Database) -> None:
    async with database.write() as conn:
        one = await stream(conn)
        post = await outbox.add_post(
            conn, uuid="u-1", channel_id=CHANNEL, subscription_id=one, kind=PostKind.NEWS,
            thread_ts="17.1", broadcast=True, body='{"text":"迁移 🛑"}', attempt=3, now=NOW, shown_hash="h",
        )  # fmt: skip

        assert await outbox.get_post(conn, post.id) == post
        assert await outbox.get_post(conn, 404) is None
    assert (post.state, post.thread_ts, post.broadcast, post.attempt, post.body) == (
        PostState.SENDING, "17.1", True, 3, '{"text":"迁移 🛑"}',
    )  # fmt: skip


async def test_a_post_moves_on_only_from_the_state_in_which_it_was_read(database: Database) -> None:
    async with database.write() as conn:
        post = await posting(conn, await stream(conn))

        assert await outbox.move_post(conn, post, PostState.UNKNOWN, due_at=NOW)
        assert not await outbox.move_post(conn, post, PostState.SENT, ts="1.1"), "it has left `sending`"

        left = await outbox.get_post(conn, post.id)
    assert left is not None
    assert (left.state, left.ts) == (PostState.UNKNOWN, None)


async def test_a_move_that_the_table_of_states_does_not_know_is_a_mistake(database: Database) -> None:
    async with database.write() as conn:
        post = await posting(conn, await stream(conn))
        with pytest.raises(ValueError, match="sending cannot become replaced"):
            await outbox.move_post(conn, post, PostState.REPLACED)


async def test_of_two_replicas_that_settle_a_post_one_wins(database: Database) -> None:
    async with database.write() as conn:
        one = await stream(conn)
        await to_tell(conn, [one])
        post = await taken(conn, one)

    async def settle(conn: Connection, to: PostState, then: DeliveryState) -> bool:
        await subscriptions.get(conn, one, lock=True)
        if not await outbox.move_post(conn, post, to, ts="1.1"):
            return False
        await outbox.settle_deliveries(conn, post, then)
        return True

    async with two_replicas(database) as (ours, theirs):
        won = await asyncio.gather(
            transact(ours, lambda conn: settle(conn, PostState.SENT, DeliveryState.TOLD)),
            transact(theirs, lambda conn: settle(conn, PostState.DISSOLVED, DeliveryState.PENDING)),
        )

    assert sorted(won) == [False, True]
    async with database.read() as conn:
        (found,) = await states(conn)
        settled = await outbox.get_post(conn, post.id)
    assert settled is not None
    told = settled.state is PostState.SENT
    assert found == (("told", "news", post.id) if told else ("pending", "news", None))


async def test_a_post_is_looked_into_when_its_lease_or_its_wait_is_over(database: Database) -> None:
    async with database.write() as conn:
        one = await stream(conn)
        left = await posting(conn, one, uuid="left")
        unknown = await posting(conn, one, uuid="unknown")
        await outbox.move_post(conn, unknown, PostState.UNKNOWN, due_at=NOW + SETTLE_AFTER_MS)
        sent = await posting(conn, one, uuid="sent")
        await outbox.move_post(conn, sent, PostState.SENT, ts="1.1")

        async def found(at: int, limit: int = 10) -> list[str]:
            return [post.uuid for post in await outbox.due_posts(conn, now=at, limit=limit)]

        assert await found(NOW + SETTLE_AFTER_MS - 1) == []
        assert await found(NOW + SETTLE_AFTER_MS) == ["unknown"]
        assert await found(NOW + LEASE_MS) == ["unknown", "left"]
        assert await found(NOW + LEASE_MS, limit=1) == ["unknown"]

        await outbox.recover(conn)
        assert set(await found(NOW + SETTLE_AFTER_MS)) == {"unknown", "left"}

        await outbox.look_again(conn, left, looks=1, due_at=NOW + HOUR)
        again = await outbox.get_post(conn, left.id)
        assert again is not None
        assert (again.state, again.looks) == (PostState.UNKNOWN, 1)
        assert await found(NOW + LEASE_MS) == ["unknown"]


async def test_a_post_that_was_settled_meanwhile_is_not_looked_at_again(database: Database) -> None:
    async with database.write() as conn:
        post = await posting(conn, await stream(conn))
        await outbox.move_post(conn, post, PostState.SENT, ts="1.1")

        await outbox.look_again(conn, post, looks=1, due_at=NOW)

        assert await outbox.due_posts(conn, now=NOW + HOUR, limit=10) == []


async def test_a_post_that_was_given_up_is_looked_for_once_more_as_a_twin(database: Database) -> None:
    async with database.write() as conn:
        one = await stream(conn)
        lost = await posting(conn, one, uuid="lost")
        await outbox.move_post(conn, lost, PostState.DISSOLVED, due_at=NOW + MINUTE)
        refused = await posting(conn, one, uuid="refused")
        await outbox.move_post(conn, refused, PostState.DISSOLVED)

        assert await outbox.due_twins(conn, now=NOW + MINUTE - 1, limit=5) == []
        (twin,) = await outbox.due_twins(conn, now=NOW + MINUTE, limit=5)
        assert twin.uuid == "lost"
        await outbox.twin_settled(conn, twin)
        assert await outbox.due_twins(conn, now=NOW + HOUR, limit=5) == []
