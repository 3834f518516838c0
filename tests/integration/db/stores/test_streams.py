"""Which subscriptions have something to be posted now, and what holds them."""

import pytest

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.engine import Database
from omsbot.db.stores import channels, limits, outbox, subscriptions
from omsbot.db.stores.outbox import DueStream
from omsbot.domain.events import EventKind
from omsbot.domain.notify.slack_limits import POST
from omsbot.domain.project.subject import Server
from tests.builders import HOUR, MINUTE, NOW, event
from tests.integration.db.stored import (
    BETA,
    CHANNEL,
    card_of,
    posting,
    stream,
    subscribed,
    to_tell,
    with_card,
)


async def due(conn: Connection, *, now: int = NOW) -> list[int]:
    return [stream.subscription_id for stream in await outbox.due_streams(conn, now=now)]


async def test_a_stream_without_a_card_is_due_but_not_that_of_a_server(database: Database) -> None:
    async with database.write() as conn:
        await subscribed(conn, Server("default"))
        assert await due(conn) == []
        one = await stream(conn)
        assert await due(conn) == [one]
        await card_of(conn, one)
        assert await due(conn) == []


async def test_the_most_urgent_stream_of_a_channel_goes_first(database: Database) -> None:
    async with database.write() as conn:
        cardless = await stream(conn)
        urgent = await with_card(conn, BETA)
        calm = await with_card(conn, channel_id="C2")
        await to_tell(conn, [calm], event(EventKind.STEP_STARTED), ordinal=0, not_before=NOW - HOUR)
        await to_tell(conn, [urgent], event(EventKind.STEP_FAILED), ordinal=1)

        assert await outbox.due_streams(conn, now=NOW) == [
            DueStream(urgent, CHANNEL, has_news=True),
            DueStream(calm, "C2", has_news=True),
            DueStream(cardless, CHANNEL, has_news=False),
        ]
        await outbox.set_stream(conn, urgent, retry_at=NOW + 1)
        assert await due(conn) == [calm, cardless]


HOLDS = {
    "a post in flight": {"post_id": 1},
    "a pause after a failure": {"retry_at": NOW + 1},
    "no subscription any more": {"state": "ended"},
}


@pytest.mark.parametrize("values", HOLDS.values(), ids=HOLDS)
async def test_a_stream_is_held_by(database: Database, values: dict[str, object]) -> None:
    async with database.write() as conn:
        one = await with_card(conn)
        await to_tell(conn, [one])
        assert await due(conn) == [one]

        await outbox.set_stream(conn, one, **values)

        assert await due(conn) == []


async def test_a_paused_channel_is_probed_at_its_time(database: Database) -> None:
    async with database.write() as conn:
        one = await with_card(conn)
        await to_tell(conn, [one])
        await channels.pause(conn, CHANNEL, "not_in_channel", probe_at=NOW + MINUTE)
        assert await due(conn) == []
        assert await due(conn, now=NOW + MINUTE) == [one]

        await channels.pause(conn, CHANNEL, "not_in_channel", probe_at=None)
        assert await due(conn, now=NOW + HOUR) == []


async def test_a_limited_channel_holds_up_no_other(database: Database) -> None:
    async with database.write() as conn:
        one, other = await with_card(conn), await with_card(conn, channel_id="C2")
        await to_tell(conn, [one, other])
        await limits.block(conn, POST, CHANNEL, until=NOW + MINUTE, now=NOW)
        assert await due(conn) == [other]

        await limits.block_all(conn, POST, until=NOW + MINUTE)
        assert await due(conn) == []


async def test_many_streams_are_changed_each_in_its_own_way(database: Database) -> None:
    async with database.write() as conn:
        one, two, three = [await stream(conn), await stream(conn, BETA), await stream(conn, channel_id="C2")]
        changes: dict[int, dict[str, int]] = {
            one: {"post_id": 7},
            two: {"post_id": 8},
            three: {"retry_at": NOW, "attempts": 2},
        }
        await outbox.set_streams(conn, changes)

        found = await subscriptions.locked(conn, [three, one, two])
        assert list(found) == sorted(changes)
        assert (found[one].post_id, found[two].post_id, found[three].post_id) == (7, 8, None)
        assert (found[three].retry_at, found[three].attempts, found[one].attempts) == (NOW, 2, 0)


async def test_the_streams_of_a_post_are_those_that_it_is_in_flight_for(database: Database) -> None:
    async with database.write() as conn:
        one, other = await stream(conn), await stream(conn, BETA)
        overview = await posting(conn, 0)
        for number in (one, other):
            await outbox.set_stream(conn, number, post_id=overview.id)
        late = await posting(conn, one, uuid="post-2")

        found = [each.id for each in await outbox.streams_of(conn, overview)]
        assert found == sorted([one, other])
        assert [each.id for each in await outbox.streams_of(conn, late)] == [one]
