"""Cards that are out of date, and who may edit them."""

import asyncio

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.engine import Database, transact
from omsbot.db.stores import channels, limits, outbox
from omsbot.db.stores.outbox import PROGRESS_DIRT, STATE_DIRT
from omsbot.domain.notify.delivery import PostState
from omsbot.domain.notify.slack_limits import APP_WIDE, EDIT, LIMITS
from tests.builders import NOW
from tests.integration.db.stored import BETA, CHANNEL, card_of, followed, stream, two_replicas, with_card

REST_MS = 3_000


async def dirty(conn: Connection, *, now: int = NOW + REST_MS) -> list[tuple[int, int]]:
    """(stream, dirt) of each card that may be edited."""
    found = await outbox.dirty_cards(conn, now=now, rest_ms=REST_MS, limit=10)
    return [(post.subscription_id, post.dirty) for post in found]


async def test_the_cards_of_a_project_are_marked_dirty_in_every_channel(database: Database) -> None:
    async with database.write() as conn:
        project = await followed(conn)
        one, two = await with_card(conn), await with_card(conn, channel_id="C2")
        other = await with_card(conn, BETA)
        await stream(conn, channel_id="C3")

        await outbox.mark_cards_dirty(conn, [project.subject], PROGRESS_DIRT)
        assert sorted(await dirty(conn)) == sorted([(one, 1), (two, 1)])

        await outbox.mark_streams_dirty(conn, [other])
        await outbox.mark_cards_dirty(conn, [], STATE_DIRT)
        assert (await dirty(conn))[0] == (other, STATE_DIRT), "a change of state goes before progress"

        await outbox.mark_server_cards_dirty(conn, "default", STATE_DIRT)
        await outbox.mark_server_cards_dirty(conn, "other", STATE_DIRT)
        assert sorted(dirt for _, dirt in await dirty(conn)) == [1_001, 1_001, 2_000]


async def test_a_card_rests_between_two_edits_and_one_worker_gets_the_edit(database: Database) -> None:
    async with database.write() as conn:
        one = await with_card(conn)
        await outbox.mark_streams_dirty(conn, [one])
        assert await dirty(conn, now=NOW + REST_MS - 1) == []
        (card,) = await outbox.dirty_cards(conn, now=NOW + REST_MS, rest_ms=REST_MS, limit=10)

    async with two_replicas(database) as replicas:
        won = await asyncio.gather(
            *(
                transact(
                    each,
                    lambda conn: outbox.claim_edit(conn, card, now=NOW + REST_MS, rest_ms=REST_MS),
                )
                for each in replicas
            )
        )

    assert sorted(won) == [False, True]


async def test_no_card_is_out_of_date_for_now_while_slacks_limits_allow_no_edit(database: Database) -> None:
    async with database.write() as conn:
        one = await with_card(conn)
        await outbox.mark_streams_dirty(conn, [one])
        at = NOW + REST_MS
        assert await limits.reserve(conn, EDIT, APP_WIDE, now=at) is None

        assert await dirty(conn, now=at) == []
        free_at = at + LIMITS[EDIT].app_ms
        assert await dirty(conn, now=free_at) == [(one, STATE_DIRT)]

        await limits.block_all(conn, EDIT, until=free_at + 1)
        assert await dirty(conn, now=free_at) == []


async def test_what_changes_a_card_during_its_edit_keeps_it_dirty(database: Database) -> None:
    async with database.write() as conn:
        one = await with_card(conn)
        await outbox.mark_streams_dirty(conn, [one])
        (card,) = await outbox.dirty_cards(conn, now=NOW + REST_MS, rest_ms=REST_MS, limit=10)
        await outbox.mark_streams_dirty(conn, [one])

        await outbox.refreshed(conn, card, "hash")
        assert await dirty(conn) == [(one, STATE_DIRT)]

        (card,) = await outbox.dirty_cards(conn, now=NOW + REST_MS, rest_ms=REST_MS, limit=10)
        assert card.shown_hash == "hash"
        await outbox.refreshed(conn, card, "hash-2")
        assert await dirty(conn) == []


async def test_nobody_knows_what_a_card_shows_while_it_is_edited(database: Database) -> None:
    async with database.write() as conn:
        card = await card_of(conn, await stream(conn))
        await outbox.refreshed(conn, card, "hash")

        assert await outbox.claim_edit(conn, card, now=NOW + REST_MS, rest_ms=REST_MS)

        now = await outbox.get_post(conn, card.id)
        assert now is not None
        assert now.shown_hash is None


async def test_no_card_is_edited_in_a_paused_channel_nor_one_that_was_replaced(database: Database) -> None:
    async with database.write() as conn:
        one = await with_card(conn)
        await outbox.mark_streams_dirty(conn, [one])
        await channels.pause(conn, CHANNEL, "is_archived", probe_at=None)
        assert await dirty(conn) == []
        await channels.resume(conn, CHANNEL)
        (card,) = await outbox.dirty_cards(conn, now=NOW + REST_MS, rest_ms=REST_MS, limit=10)

        assert await outbox.move_post(conn, card, PostState.REPLACED)

        assert await dirty(conn) == []
