"""Posts of an unknown fate: looked for, then settled or sent again."""

from collections.abc import AsyncIterator

import pytest

from omsbot.db.engine.engine import Database
from omsbot.db.stores import limits, outbox, projects
from omsbot.db.stores.outbox import LEASE_MS
from omsbot.domain.notify.delivery import SETTLE_AFTER_MS, NotSent, Rejected, RejectionScope, Unknown
from omsbot.domain.notify.slack_limits import APP_WIDE, HISTORY, LIMITS, POST, REPLIES
from omsbot.services.notify.drafts import AGAIN
from omsbot.services.notify.outcome_policy import NEXT_LOOK_MS
from omsbot.services.notify.settler import LOOKS, TWIN_AFTER_MS
from tests.builders import HOUR, MINUTE, SECOND
from tests.integration.db.stored import two_replicas
from tests.integration.services.fake_slack import Said
from tests.integration.services.rig import ALPHA, BETA, FULL, INTERVAL, Bot, rigged, running, world

TIMED_OUT = Unknown("TimeoutError")
TOLD = [("step_failed", "told", "news")]
NO_SCOPE = Rejected(RejectionScope.INSTALLATION, "missing_scope")


@pytest.fixture
async def bot(sqlite_database: Database) -> AsyncIterator[Bot]:
    async with rigged(sqlite_database) as one:
        yield one


async def in_doubt(bot: Bot, *, arrived: bool) -> Said:
    """A failure alert of which Slack said nothing; returns what was sent."""
    await bot.follow()
    bot.world.oms.fail(ALPHA.oms_id, FULL)
    await bot.poll(INTERVAL)
    bot.slack.will(TIMED_OUT, kept=arrived)
    (alert,) = await bot.tell()
    assert await bot.deliveries() == [("step_failed", "sending", "news")]
    return alert


async def looked(bot: Bot, times: int = LOOKS) -> None:
    await bot.settle(SETTLE_AFTER_MS)
    for _ in range(times - 1):
        await bot.settle(NEXT_LOOK_MS)


async def test_a_post_that_slack_has_is_settled_by_one_look_and_not_sent_again(database: Database) -> None:
    async with rigged(database) as bot:
        await in_doubt(bot, arrived=True)

        assert await bot.settle(SETTLE_AFTER_MS - 5 * SECOND) == 0, "Slack may show a message late"
        assert await bot.settle(5 * SECOND) == 1

        assert await bot.deliveries() == TOLD
        assert await bot.posts() == [("card", "sent"), ("news", "sent")]
        assert len(bot.slack.said("FAILED")) == 1
        assert await bot.settle(HOUR) == 0


async def test_a_post_that_is_nowhere_is_sent_again_with_a_footer_that_says_so(database: Database) -> None:
    async with rigged(database) as bot:
        lost = await in_doubt(bot, arrived=False)

        await looked(bot, LOOKS - 1)
        assert bot.slack.said("FAILED") == []
        await bot.settle(NEXT_LOOK_MS)

        (again,) = bot.slack.said("FAILED")
        assert again.uuid != lost.uuid
        assert again.text.endswith(AGAIN)
        assert (again.thread_ts, again.broadcast) == (lost.thread_ts, True)
        assert await bot.deliveries() == TOLD
        assert await bot.posts() == [("card", "sent"), ("news", "dissolved"), ("news", "sent")]


async def test_a_post_that_shows_up_late_is_found_by_a_later_look(bot: Bot) -> None:
    lost = await in_doubt(bot, arrived=False)
    await looked(bot, 1)
    bot.slack.messages[lost.ts] = lost

    await bot.settle(NEXT_LOOK_MS)

    assert await bot.deliveries() == TOLD
    assert len(bot.slack.said("FAILED")) == 1


async def test_one_look_settles_all_open_posts_of_a_channel(bot: Bot) -> None:
    bot.slack.will(TIMED_OUT, TIMED_OUT, kept=True)
    await bot.subscribe()
    await bot.tell()
    await bot.subscribe(channel="C1", ref=ALPHA)
    bot.world.oms.fail(ALPHA.oms_id, FULL)
    await bot.poll(INTERVAL)
    await bot.tell()
    assert await bot.posts() == [("card", "unknown"), ("news", "unknown")]

    await bot.settle(MINUTE)

    assert len(bot.slack.looks) == 1
    assert await bot.posts() == [("card", "sent"), ("news", "sent")]


@pytest.mark.parametrize("silent", [TIMED_OUT, NotSent("ratelimited", 30, limited=True)], ids=["down", "429"])
async def test_while_slack_does_not_show_its_history_nothing_is_sent_again(
    bot: Bot, silent: Unknown | NotSent
) -> None:
    await in_doubt(bot, arrived=True)
    bot.slack.history = silent
    for _ in range(LOOKS + 3):
        await bot.settle(SETTLE_AFTER_MS)
    assert len(bot.slack.tries) == 2

    bot.slack.history = None
    await bot.settle(SETTLE_AFTER_MS)

    assert await bot.deliveries() == TOLD
    assert len(bot.slack.tries) == 2


async def test_without_the_right_to_look_it_is_sent_again_at_once(bot: Bot) -> None:
    await in_doubt(bot, arrived=True)
    bot.slack.history = NO_SCOPE

    await bot.settle(SETTLE_AFTER_MS)

    _, again = bot.slack.said("FAILED")
    assert again.text.endswith(AGAIN)
    assert await bot.deliveries() == TOLD


async def test_what_was_sent_again_may_be_of_unknown_fate_too(bot: Bot) -> None:
    await in_doubt(bot, arrived=False)
    bot.slack.will(TIMED_OUT)
    await looked(bot)
    assert await bot.deliveries() == [("step_failed", "sending", "news")]

    await looked(bot)

    (again,) = bot.slack.said("FAILED")
    assert again.text.count(AGAIN) == 1
    assert await bot.deliveries() == TOLD


async def test_the_copy_that_surfaced_after_all_is_deleted_ten_minutes_later(bot: Bot) -> None:
    lost = await in_doubt(bot, arrived=False)
    await looked(bot)
    bot.slack.messages[lost.ts] = lost

    assert await bot.settler.delete_twins() == 0
    bot.clock.forward(TWIN_AFTER_MS)
    assert await bot.settler.delete_twins() == 1

    (kept,) = bot.slack.said("FAILED")
    assert kept.uuid != lost.uuid
    bot.clock.forward(HOUR)
    assert await bot.settler.delete_twins() == 0


async def test_while_slack_does_not_answer_the_twin_is_looked_for_later(bot: Bot) -> None:
    await in_doubt(bot, arrived=False)
    await looked(bot)
    bot.clock.forward(TWIN_AFTER_MS)
    bot.slack.history = TIMED_OUT
    assert await bot.settler.delete_twins() == 1

    bot.slack.history = None
    bot.clock.forward(LIMITS[REPLIES].app_ms)
    assert await bot.settler.delete_twins() == 1
    assert await bot.settler.delete_twins() == 0


async def test_a_lost_card_is_posted_again_and_its_thread_goes_on_under_the_new_one(bot: Bot) -> None:
    bot.slack.will(TIMED_OUT)
    await bot.subscribe()
    await bot.tell()
    await looked(bot)
    (card,) = bot.slack.said()
    bot.world.oms.fail(ALPHA.oms_id, FULL)
    await bot.poll(INTERVAL)

    (alert,) = await bot.tell()

    assert alert.thread_ts == card.ts


async def test_a_found_card_gets_the_news_in_its_thread(bot: Bot) -> None:
    bot.slack.will(TIMED_OUT, kept=True)
    await bot.subscribe()
    await bot.tell()
    await looked(bot, 1)
    (card,) = bot.slack.said()
    bot.world.oms.fail(ALPHA.oms_id, FULL)
    await bot.poll(INTERVAL)

    (alert,) = await bot.tell()

    assert alert.thread_ts == card.ts


async def test_what_nobody_wants_any_more_is_not_sent_again(bot: Bot) -> None:
    await in_doubt(bot, arrived=False)
    await bot.unsubscribe()

    await looked(bot)

    assert bot.slack.said("FAILED") == []
    assert await bot.deliveries() == [("step_failed", "withheld", "unsubscribed")]
    assert await bot.settle(HOUR) == 0
    await bot.follow()
    assert len(bot.slack.said("FAILED")) >= 1, "the stream is free"


async def test_the_limits_of_slack_hold_for_what_is_sent_again(bot: Bot) -> None:
    await in_doubt(bot, arrived=False)
    await looked(bot, LOOKS - 1)
    bot.clock.forward(NEXT_LOOK_MS)
    await bot.subscribe(BETA)
    await bot.dispatcher.dispatch()
    await bot.idle()

    await bot.settle()
    assert bot.slack.said(AGAIN) == []
    await bot.settle(2 * SECOND)

    assert len(bot.slack.said(AGAIN)) == 1


# --- kills


@pytest.mark.parametrize("arrived", [True, False], ids=["it arrived", "it did not arrive"])
async def test_a_post_that_was_in_flight_at_a_kill_is_told_once(database: Database, arrived: bool) -> None:
    async with world() as around:
        async with running(database, around) as killed:
            await killed.follow()
            around.oms.fail(ALPHA.oms_id, FULL)
            await killed.poll(INTERVAL)
            around.clock.forward(2 * SECOND)
            post = await killed.claim_post()
            if arrived:
                await killed.dispatcher._post(post)

        async with running(database, around) as fresh:
            assert await fresh.tell() == [], "its stream has a post in flight"
            for _ in range(4):
                await fresh.settle(LEASE_MS)

            assert len(around.slack.said("FAILED")) == 1
            assert await fresh.deliveries() == TOLD


async def test_a_restart_of_the_only_process_looks_sooner_and_polls_at_once(bot: Bot) -> None:
    await bot.follow()
    bot.world.oms.fail(ALPHA.oms_id, FULL)
    await bot.poll(INTERVAL)
    bot.clock.forward(2 * SECOND)
    await bot.claim_post()
    await bot.claim_polls()
    async with bot.database.write() as conn:
        await outbox.recover(conn)
        await projects.recover(conn, now=bot.clock())

    assert await bot.poll() == 0 or await bot.poll(INTERVAL) == 1
    assert await bot.settle(SETTLE_AFTER_MS) == 1
    assert SETTLE_AFTER_MS < LEASE_MS


async def test_of_two_replicas_that_look_at_once_one_sends_again(database: Database) -> None:
    async with (
        two_replicas(database) as (ours, theirs),
        world() as around,
        running(ours, around) as one,
        running(theirs, around) as two,
    ):
        await in_doubt(one, arrived=False)
        await looked(one, LOOKS - 1)
        around.clock.forward(NEXT_LOOK_MS)

        for _ in range(2):
            assert await one.settler.settle_due() + await two.settler.settle_due() >= 0
            await one.idle()
            await two.idle()
            around.clock.forward(SECOND)

        assert len(around.slack.said("FAILED")) == 1
        assert await one.deliveries() == TOLD


async def test_what_is_sent_again_says_so_however_often_slack_does_not_take_it(bot: Bot) -> None:
    lost = await in_doubt(bot, arrived=False)
    bot.slack.will(NotSent("ratelimited", retry_after_s=1, limited=True))
    await looked(bot)
    assert await bot.deliveries() == [("step_failed", "pending", "news")]
    bot.slack.will(NotSent("ClientConnectorError"))
    for _ in range(3):
        await bot.tell(MINUTE)

    refused, again, last = bot.slack.tries[-3:]
    assert len({lost.uuid, refused.uuid, again.uuid, last.uuid}) == 4
    assert all(one.text.endswith(AGAIN) for one in (refused, again, last))
    assert await bot.deliveries() == TOLD


async def test_looks_keep_to_slacks_limits_and_what_has_to_wait_is_looked_for_later(bot: Bot) -> None:
    await in_doubt(bot, arrived=True)
    async with bot.database.write() as conn:
        assert await limits.reserve(conn, REPLIES, APP_WIDE, now=bot.clock() + SETTLE_AFTER_MS) is None

    assert await bot.settle(SETTLE_AFTER_MS) == 0
    assert await bot.settle(LIMITS[REPLIES].app_ms) == 1
    assert await bot.deliveries() == TOLD


async def test_a_limit_on_looks_into_threads_holds_back_these_alone(bot: Bot) -> None:
    await in_doubt(bot, arrived=True)
    bot.slack.history = NotSent("ratelimited", retry_after_s=60, limited=True)
    assert await bot.settle(SETTLE_AFTER_MS) == 1
    bot.slack.history = None

    async with bot.database.write() as conn:
        now = bot.clock()
        assert await limits.reserve(conn, REPLIES, APP_WIDE, now=now) == now + MINUTE
        assert await limits.reserve(conn, HISTORY, APP_WIDE, now=now) is None
        assert await limits.reserve(conn, POST, "C9", now=now) is None
    assert await bot.settle(MINUTE) == 1
    assert await bot.deliveries() == TOLD
