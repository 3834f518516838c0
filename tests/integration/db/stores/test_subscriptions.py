"""What each channel follows, and how."""

import asyncio

import pytest
from sqlalchemy import func, select

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.engine import Database, transact
from omsbot.db.schema import deliveries
from omsbot.db.schema import subscriptions as table
from omsbot.db.stores import channels, outbox, subscriptions
from omsbot.db.stores.subscriptions import StoredSubscription, SubscriptionState
from omsbot.domain.events import Level
from omsbot.domain.notify.delivery import PostState
from omsbot.domain.notify.follow_options import FollowOptions
from omsbot.domain.notify.routing import Subscription
from omsbot.domain.project.subject import Project, Server, Subject
from tests.builders import HOUR, NOW
from tests.integration.db.stored import CHANNEL, FIRST, posting, subscribed, to_tell, two_replicas


async def found(
    database: Database, subject: Subject = FIRST, channel_id: str = CHANNEL
) -> StoredSubscription:
    async with database.read() as conn:
        stored = await subscriptions.find(conn, channel_id, subject)
    assert stored is not None
    return stored


async def test_a_subscription_comes_back_as_it_was_started(database: Database) -> None:
    async with database.write() as conn:
        await channels.ensure(conn, CHANNEL, "T1")
        number = await subscriptions.start(
            conn,
            channel_id=CHANNEL,
            subject=Project(1),
            options=FollowOptions(Level.IMPORTANT, "<@U9>"),
            actor="U1",
            now=NOW,
        )
        got = await subscriptions.get(conn, number, lock=True)

    assert got == await found(database)
    assert got == StoredSubscription(
        number,
        CHANNEL,
        Project(1),
        FollowOptions(Level.IMPORTANT, "<@U9>"),
        SubscriptionState.ACTIVE,
        None,
        None,
        0,
        NOW,
        False,
    )


async def test_what_is_not_there_is_not_found(database: Database) -> None:
    async with database.write() as conn:
        assert await subscriptions.find(conn, CHANNEL, Project(1), lock=True) is None
        assert await subscriptions.get(conn, 404) is None
        assert await channels.attempts(conn, CHANNEL) == 0
        assert await subscriptions.card_ts(conn, []) == {}


async def test_an_ended_subscription_begins_anew_in_the_same_row(database: Database) -> None:
    async with database.write() as conn:
        number = await subscribed(conn, Project(1))
        await outbox.set_stream(conn, number, attempts=4, retry_at=NOW + HOUR, plain=1, card_post_id=7)
        await subscriptions.end(conn, number)
    ended = await found(database)
    assert (ended.state, ended.card_post_id) == (SubscriptionState.ENDED, None)

    async with database.write() as conn:
        assert await subscribed(conn, Project(1), level=Level.FAILURES, now=NOW + 5) == number

    anew = await found(database)
    assert (anew.state, anew.options.level, anew.card_post_id) == (
        SubscriptionState.ACTIVE,
        Level.FAILURES,
        None,
    )
    assert (anew.attempts, anew.retry_at, anew.plain) == (0, NOW + 5, False)


async def test_two_replicas_that_start_the_same_subscription_get_the_same_row(database: Database) -> None:
    looks: list[str] = []
    both = asyncio.Barrier(2)

    async def meeting(conn: Connection) -> int:
        """Both look before either writes, as two people who follow different projects of one server do."""
        await subscriptions.find(conn, CHANNEL, Server("default"))
        looks.append("looked")
        if database.dialect != "sqlite" and len(looks) <= 2:
            await both.wait()
        return await subscribed(conn, Server("default"))

    async with database.write() as conn:
        await channels.ensure(conn, CHANNEL, "T1")
    async with two_replicas(database) as replicas:
        numbers = await asyncio.gather(*(transact(replica, meeting) for replica in replicas))

    assert len(set(numbers)) == 1
    async with database.read() as conn:
        assert (await conn.execute(select(func.count()).select_from(table))).scalar_one() == 1


async def test_the_followers_of_a_subject_are_the_active_ones(database: Database) -> None:
    async with database.write() as conn:
        one = await subscribed(conn, Project(1), level=Level.FAILURES)
        two = await subscribed(conn, Project(1), channel_id="C2")
        ended = await subscribed(conn, Project(1), channel_id="C3")
        await subscribed(conn, Project(11))
        await subscriptions.end(conn, ended)

        assert sorted(await subscriptions.followers(conn, Project(1)), key=lambda each: each.id) == [
            Subscription(one, CHANNEL, Project(1), Level.FAILURES),
            Subscription(two, "C2", Project(1), Level.ALL),
        ]
        assert await subscriptions.count_followers(conn, Project(1)) == 2
        assert await subscriptions.count_followers(conn, Project(2)) == 0


async def test_what_a_channel_follows_is_listed_oldest_first(database: Database) -> None:
    async with database.write() as conn:
        late = await subscribed(conn, Project(1), now=NOW + 1)
        early = await subscribed(conn, Project(2), now=NOW)
        await subscribed(conn, Project(3), channel_id="C2")
        await subscriptions.end(conn, await subscribed(conn, Project(4)))

        assert [one.id for one in await subscriptions.in_channel(conn, CHANNEL)] == [early, late]


async def test_how_a_project_is_followed_can_be_changed(database: Database) -> None:
    async with database.write() as conn:
        number = await subscribed(conn, Project(1))
        await subscriptions.change(conn, number, FollowOptions(Level.FAILURES, "<!subteam^S1>"))

    now = await found(database)
    assert (now.options.level, now.options.mention) == (Level.FAILURES, "<!subteam^S1>")


async def test_a_card_is_linked_once_it_is_in_its_channel(database: Database) -> None:
    async with database.write() as conn:
        number = await subscribed(conn, Project(1))
        post = await posting(conn, number)
        await outbox.set_stream(conn, number, card_post_id=post.id)
        assert await subscriptions.card_ts(conn, [number]) == {}

        await outbox.move_post(conn, post, PostState.SENT, ts="17.001")

        assert await subscriptions.card_ts(conn, [number]) == {number: "17.001"}


@pytest.mark.parametrize("past", ["told", "withheld"])
async def test_what_an_ended_subscription_had_heard_may_be_told_anew(database: Database, past: str) -> None:
    async with database.write() as conn:
        number, other = (
            await subscribed(conn, Project(1)),
            await subscribed(conn, Project(1), channel_id="C2"),
        )
        event_id = await to_tell(conn, [number, other])
        await conn.execute(deliveries.update().values(state=past))

        await subscriptions.forget(conn, number, [event_id])

        rows = await conn.execute(select(deliveries.c.subscription_id))
        assert rows.scalars().all() == [other]


async def test_what_is_on_its_way_is_not_forgotten(database: Database) -> None:
    async with database.write() as conn:
        number = await subscribed(conn, Project(1))
        event_id = await to_tell(conn, [number])
        await conn.execute(deliveries.update().values(state="sending"))

        await subscriptions.forget(conn, number, [event_id])

        assert len((await conn.execute(select(deliveries.c.id))).all()) == 1
