"""Keeping each card true, with as few edits as may be."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from omsbot.db.engine.engine import Database
from omsbot.domain.notify.delivery import NotSent, Outcome, Rejected, RejectionScope, Unknown
from omsbot.domain.notify.slack_limits import CARD_EDIT_MS, EDIT, LIMITS
from tests.builders import MINUTE, SECOND
from tests.integration.db.stored import two_replicas
from tests.integration.services.rig import ALPHA, BETA, FULL, GAMMA, INTERVAL, Bot, rigged, running, world


@pytest.fixture
async def bot(sqlite_database: Database) -> AsyncIterator[Bot]:
    async with rigged(sqlite_database) as one:
        yield one


def shown(bot: Bot, number: int = 0) -> str:
    """What a card says now."""
    return bot.slack.said()[number].text


async def fails(bot: Bot, after: int = INTERVAL) -> None:
    bot.world.oms.fail(ALPHA.oms_id, FULL)
    await bot.poll(after)


async def test_a_card_shows_what_was_seen_last(database: Database) -> None:
    async with rigged(database) as bot:
        await bot.follow()
        await fails(bot)

        assert await bot.edit() == 1

        assert "FAILED" in shown(bot)
        assert await bot.edit() == 0


async def test_changes_that_come_together_are_one_edit(bot: Bot) -> None:
    await bot.follow()
    bot.clock.forward(CARD_EDIT_MS)
    await fails(bot, 0)
    await bot.edit(0)
    bot.world.oms.recover(ALPHA.oms_id)
    await bot.poll(INTERVAL)
    bot.world.oms.pause(ALPHA.oms_id)
    await bot.poll(INTERVAL)

    edits = [await bot.edit(0), await bot.edit(CARD_EDIT_MS - 1), await bot.edit(1)]

    assert edits == [1, 0, 0]
    assert "paused" in shown(bot).lower() or "SUSPEND" in shown(bot)


async def test_a_card_rests_for_a_while_after_an_edit(bot: Bot) -> None:
    await bot.follow()
    await bot.mute(for_ms=MINUTE)
    assert await bot.edit(CARD_EDIT_MS) == 1
    await bot.unmute()

    assert [await bot.edit(after) for after in (0, CARD_EDIT_MS - 1, 1)] == [0, 0, 1]


async def test_nothing_is_sent_where_nothing_to_be_seen_changed(bot: Bot) -> None:
    await bot.follow()
    await bot.mute(for_ms=MINUTE)
    await bot.unmute()

    assert await bot.edit() == 0
    assert bot.slack.edits == []
    assert await bot.edit(MINUTE) == 0


async def test_cards_are_edited_at_the_pace_of_the_whole_app(bot: Bot) -> None:
    for ref in (ALPHA, BETA, GAMMA):
        await bot.follow(ref)
    await bot.mute(None, for_ms=MINUTE)
    pace = LIMITS[EDIT].app_ms

    assert [await bot.edit(after) for after in (CARD_EDIT_MS, 0, pace, pace, pace)] == [1, 0, 1, 1, 0]


async def test_a_change_of_state_goes_before_progress(bot: Bot) -> None:
    for ref in (ALPHA, BETA):
        await bot.follow(ref)
    bot.world.oms.set_fields(ALPHA.oms_id, FULL, {"progress": 77})
    await bot.poll(INTERVAL)
    await bot.edit()
    bot.world.oms.set_fields(ALPHA.oms_id, FULL, {"progress": 90})
    bot.world.oms.fail(BETA.oms_id, FULL)
    await bot.poll(INTERVAL)

    await bot.edit()

    _, message = bot.slack.edits[-1]
    assert "FAILED" in message.text


async def test_a_429_pauses_the_edits_and_loses_none(bot: Bot) -> None:
    await bot.follow()
    await fails(bot)
    bot.slack.will_edit(NotSent("ratelimited", retry_after_s=30, limited=True))

    assert await bot.edit() == 1
    assert await bot.edit(25 * SECOND) == 0
    assert await bot.edit(5 * SECOND) == 1
    assert "FAILED" in shown(bot)


@pytest.mark.parametrize("outcome", [Unknown("TimeoutError"), NotSent("ClientConnectorError")], ids=str)
@pytest.mark.parametrize("kept", [True, False], ids=["it arrived", "it did not"])
async def test_an_edit_that_may_not_have_arrived_is_made_again(
    bot: Bot, outcome: Outcome, kept: bool
) -> None:
    await bot.follow()
    await fails(bot)
    bot.slack.will_edit(outcome, kept=kept)

    assert [await bot.edit(), await bot.edit(), await bot.edit()] == [1, 1, 0]
    assert "FAILED" in shown(bot)


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(Rejected(RejectionScope.MESSAGE, "message_not_found"), id="a person deleted it"),
        pytest.param(Rejected(RejectionScope.MESSAGE, "edit_window_closed"), id="it is too old"),
    ],
)
async def test_a_card_that_cannot_be_edited_is_posted_anew(bot: Bot, refusal: Rejected) -> None:
    old = await bot.follow()
    await fails(bot)
    await bot.tell()
    bot.slack.will_edit(refusal)
    await bot.edit()

    (anew,) = await bot.tell()

    assert "FAILED" in anew.text
    assert (anew.thread_ts, anew.ts != old.ts) == (None, True)
    assert [state for kind, state in await bot.posts() if kind == "card"] == ["replaced", "sent"]
    assert await bot.edit(MINUTE) == 0


async def test_a_card_whose_blocks_are_refused_is_edited_as_plain_text(bot: Bot) -> None:
    await bot.follow()
    await fails(bot)
    await bot.tell()
    bot.slack.will_edit(Rejected(RejectionScope.OURS, "invalid_blocks"))

    assert await bot.edit() == 1

    assert "FAILED" in shown(bot)
    assert [len(message.blocks) > 0 for _, message in bot.slack.edits] == [True, False]
    assert await bot.tell() == []


async def test_a_channel_that_refuses_an_edit_is_paused(bot: Bot) -> None:
    await bot.follow()
    await fails(bot)
    await bot.tell()
    bot.slack.will_edit(Rejected(RejectionScope.CHANNEL, "is_archived"))

    assert [await bot.edit(), await bot.edit(10 * SECOND), await bot.edit(MINUTE)] == [1, 0, 1]


async def test_a_card_whose_project_is_left_says_so_once(bot: Bot) -> None:
    await bot.follow()
    await bot.unsubscribe()

    assert [await bot.edit(), await bot.edit()] == [1, 0]
    assert "no longer kept up to date" in shown(bot)


async def test_a_card_that_was_on_its_way_when_its_project_was_left_says_so_too(bot: Bot) -> None:
    bot.slack.hangs = asyncio.Event()
    await bot.subscribe()
    bot.clock.forward(2 * SECOND)
    await bot.dispatcher.dispatch()
    await bot.slack.called.wait()
    await bot.unsubscribe()
    bot.slack.hangs.set()
    await bot.idle()

    await bot.edit()

    assert "no longer kept up to date" in shown(bot)


async def test_no_card_is_edited_in_a_channel_that_refuses(bot: Bot) -> None:
    await bot.follow()
    await bot.control.removed(channel_id="C1", reason="not_in_channel", now=bot.clock())
    await fails(bot)
    assert await bot.edit() == 0

    await bot.control.invited(channel_id="C1", team_id="T1")

    assert await bot.edit() == 1


async def test_of_two_replicas_one_edits_a_card(database: Database) -> None:
    async with (
        two_replicas(database) as (ours, theirs),
        world() as around,
        running(ours, around) as one,
        running(theirs, around) as two,
    ):
        await one.follow()
        await fails(one)
        around.clock.forward(CARD_EDIT_MS)

        edits = await asyncio.gather(one.cards.edit_dirty(), two.cards.edit_dirty())
        await asyncio.gather(one.idle(), two.idle())

        assert sorted(edits) == [0, 1]
        assert "FAILED" in around.slack.said()[0].text
        assert await two.edit(MINUTE) == 0


async def test_an_edit_that_takes_long_is_not_begun_again_and_hides_no_later_change(bot: Bot) -> None:
    await bot.follow()
    await fails(bot)
    bot.slack.slow_edit = asyncio.Event()
    assert await bot.edit_slowly() == 1
    assert await bot.edit_slowly() == 0
    bot.slack.slow_edit.set()
    await bot.idle()

    bot.world.oms.recover(ALPHA.oms_id)
    await bot.poll(INTERVAL)
    await bot.edit()

    assert "FAILED" not in shown(bot)
