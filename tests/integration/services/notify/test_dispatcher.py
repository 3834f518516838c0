"""Telling Slack: claim, send, settle."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from omsbot.db.engine.engine import Database
from omsbot.db.stores import outbox
from omsbot.domain.events import Level
from omsbot.domain.notify.slack_limits import LIMITS, POST
from omsbot.domain.project.project import ProjectRef
from omsbot.domain.thresholds import Rules
from omsbot.sandbox.oms import SimulatedProject
from tests.builders import HOUR, MINUTE, SECOND
from tests.integration.db.stored import two_replicas
from tests.integration.services.rig import ALPHA, BETA, CHANNEL, FULL, INTERVAL, Bot, rigged, running, world


@pytest.fixture
async def bot(sqlite_database: Database) -> AsyncIterator[Bot]:
    async with rigged(sqlite_database) as one:
        yield one


async def failing(bot: Bot, ref: ProjectRef = ALPHA) -> None:
    """Let a project fail, and learn of it."""
    bot.world.oms.fail(ref.oms_id, FULL, message="disk is full")
    await bot.poll(INTERVAL)


async def test_a_failure_is_one_reply_under_the_card_that_the_channel_sees_too(database: Database) -> None:
    async with rigged(database) as bot:
        card = await bot.follow()
        await failing(bot)

        (alert,) = await bot.tell()

        assert (alert.thread_ts, alert.broadcast) == (card.ts, True)
        assert "disk is full" in alert.text
        assert await bot.deliveries() == [("step_failed", "told", "news")]
        assert await bot.posts() == [("card", "sent"), ("news", "sent")]
        assert await bot.tell(HOUR) == []


async def test_a_failure_that_comes_back_names_the_one_before(database: Database) -> None:
    async with rigged(database, rules=Rules(flap_seconds=0)) as bot:
        await bot.follow()
        await failing(bot)
        (first,) = await bot.tell()
        bot.world.oms.recover(ALPHA.oms_id)
        await bot.poll(14 * MINUTE)
        await bot.tell()
        await failing(bot)
        bot.world.oms.recover(ALPHA.oms_id)
        await bot.poll(INTERVAL)

        (second,) = await bot.tell()

        assert "Failed here before" not in first.text
        (said,) = (line for line in second.text.split("\n") if line.startswith("Failed here before, "))
        assert said.endswith("recovered after 14 min.")


async def test_a_small_change_stays_in_the_thread(bot: Bot) -> None:
    await bot.follow()
    bot.world.oms.pause(ALPHA.oms_id)
    await bot.poll(INTERVAL)

    (reply,) = await bot.tell()

    assert (reply.thread_ts is not None, reply.broadcast) == (True, False)


async def test_each_channel_is_told_under_its_own_card(bot: Bot) -> None:
    first = await bot.follow()
    second = await bot.follow(channel="C2")
    await failing(bot)

    alerts = await bot.tell()

    assert {(one.channel, one.thread_ts) for one in alerts} == {(CHANNEL, first.ts), ("C2", second.ts)}


async def test_all_that_waits_for_a_channel_s_project_becomes_one_message(bot: Bot) -> None:
    await bot.follow()
    bot.world.oms.pause(ALPHA.oms_id)
    await bot.poll(INTERVAL)
    bot.world.oms.resume(ALPHA.oms_id)
    await bot.poll(6 * INTERVAL)
    await failing(bot)

    (message,) = await bot.tell()

    assert message.text.index("FAILED") < message.text.index("paused") < message.text.index("resumed")


async def test_the_one_to_notify_is_named_in_a_failure(bot: Bot) -> None:
    await bot.follow(mention="<@U9>")
    await failing(bot)
    assert "<@U9>" in (await bot.tell())[0].text

    bot.world.oms.recover(ALPHA.oms_id)
    await bot.poll(INTERVAL)
    assert "<@U9>" not in (await bot.tell())[0].text


async def test_what_is_below_the_level_of_a_channel_is_withheld_with_its_reason(bot: Bot) -> None:
    await bot.follow(level=Level.FAILURES)
    bot.world.oms.pause(ALPHA.oms_id)
    await bot.poll(INTERVAL)

    assert await bot.tell() == []
    assert await bot.deliveries() == [("step_paused", "withheld", "below_level")]


async def test_news_of_a_server_go_to_the_channel_itself(bot: Bot) -> None:
    await bot.follow()
    bot.world.oms.break_with("401")
    await bot.poll(INTERVAL)

    (message,) = await bot.tell()

    assert message.thread_ts is None
    assert "rejects the bot's credential" in message.text


async def test_more_streams_than_a_channel_can_take_are_told_in_one_overview(database: Database) -> None:
    refs = [ProjectRef("default", f"np_{number:04}") for number in range(8)]
    fleet = [SimulatedProject(ref.oms_id, "slow", f"orders-{ref.oms_id}", 600) for ref in refs]
    async with rigged(database, projects=fleet) as bot:
        for ref in refs:
            await bot.subscribe(ref)
        assert len(await bot.tell()) == 8, "a card for each"
        for ref in refs:
            bot.world.oms.fail(ref.oms_id, FULL)
        await bot.poll(INTERVAL)
        bot.world.oms.break_with("401")
        await bot.poll(INTERVAL)

        (message,) = await bot.tell()

        assert all(f"orders-{ref.oms_id} ({ref.oms_id})" in message.text for ref in refs)
        assert "News about 8 projects and 1 server" in message.text
        assert "OMS server default rejects the bot's login" in message.text
        assert set(await bot.deliveries()) == {
            ("step_failed", "told", "folded"),
            ("server_rejects_login", "told", "folded"),
        }
        assert await bot.tell(HOUR) == []


# --- mute


async def test_the_end_of_a_mute_tells_what_still_holds_and_counts_the_rest(bot: Bot) -> None:
    await bot.follow()
    await bot.follow(BETA)
    for ref in (ALPHA, BETA):
        await bot.mute(ref, for_ms=HOUR)
        await failing(bot, ref)
    bot.world.oms.recover(BETA.oms_id)
    await bot.poll(INTERVAL)
    assert await bot.tell() == []

    alpha, beta = sorted(await bot.tell(HOUR), key=lambda said: "np_beta" in said.text)

    assert "FAILED" in alpha.text
    assert "disk is full" in alpha.text
    assert "disk is full" not in beta.text
    assert "while muted" in str((beta.text, beta.message.blocks))
    assert sorted(await bot.deliveries()) == [
        ("step_failed", "told", "collapsed"),
        ("step_failed", "told", "muted"),
        ("step_recovered", "told", "collapsed"),
    ]


# --- races


async def test_two_replicas_that_tell_the_same_stream_at_once_post_once(database: Database) -> None:
    async with (
        two_replicas(database) as (ours, theirs),
        world() as around,
        running(ours, around) as one,
        running(theirs, around) as two,
    ):
        await one.follow()
        await failing(one)
        around.clock.forward(SECOND)
        async with database.read() as conn:
            (due,) = await outbox.due_streams(conn, now=around.clock())

        sent = await asyncio.gather(*(each.dispatcher.tell(due.subscription_id) for each in (one, two)))

        assert sorted(sent) == [False, True]
        assert len(around.slack.said("FAILED")) == 1
        assert await one.deliveries() == [("step_failed", "told", "news")]


async def test_replicas_that_do_everything_at_once_tell_each_thing_once(database: Database) -> None:
    channels = ("C1", "C2")
    async with (
        two_replicas(database) as (ours, theirs),
        world(rules=Rules(flap_seconds=0)) as around,
        running(ours, around) as one,
        running(theirs, around) as two,
    ):
        for ref in (ALPHA, BETA):
            for channel in channels:
                await one.subscribe(ref, channel=channel)
        for turn in range(3):
            act = around.oms.recover if turn % 2 else around.oms.fail
            for ref in (ALPHA, BETA):
                act(ref.oms_id)
            around.clock.forward(INTERVAL)
            for _ in range(3):
                passes = [
                    (each.poller.poll_due, each.dispatcher.dispatch, each.cards.edit_dirty)
                    for each in (one, two)
                ]
                await asyncio.gather(*(run() for each in passes for run in each))
                await asyncio.gather(one.idle(), two.idle())
                around.clock.forward(SECOND)
        await one.tell(INTERVAL)

        assert {state for _, state, _ in await one.deliveries()} == {"told"}
        for channel in channels:
            news = [said for said in around.slack.said(channel=channel) if said.thread_ts]
            assert len(around.slack.said(channel=channel)) == len(news) + 2, "one card for each project"
            for ref in (ALPHA, BETA):
                told = "\n".join(said.text for said in news if ref.oms_id in said.text)
                assert (told.count("FAILED"), told.count("migration recovered")) == (2, 1)


async def test_a_channel_is_sent_one_post_at_a_time(bot: Bot) -> None:
    bot.slack.hangs = asyncio.Event()
    await bot.subscribe(ALPHA)
    await bot.subscribe(BETA)

    started = []
    for _ in range(3):
        bot.clock.forward(2 * SECOND)
        started.append(await bot.dispatcher.dispatch())
    bot.slack.hangs.set()
    await bot.idle()

    assert started == [1, 0, 0]
    assert len(await bot.tell()) == 1


# --- the end of a process


async def test_no_more_is_put_into_words_than_the_app_may_post(bot: Bot) -> None:
    limit = LIMITS[POST]
    for number in range(limit.app_burst + 5):
        await bot.subscribe(channel=f"C{number}")

    started = []
    for wait_ms in (0, 0, limit.app_ms, limit.app_ms - 1, 1):
        bot.clock.forward(wait_ms)
        started.append(await bot.dispatcher.dispatch())
        await bot.idle()

    assert started == [limit.app_burst, 0, 1, 0, 1]
    assert len(bot.slack.tries) == limit.app_burst + 2


async def test_a_shutdown_in_mid_call_leaves_a_post_of_unknown_fate(bot: Bot) -> None:
    await bot.follow()
    await failing(bot)
    bot.slack.hangs = asyncio.Event()
    bot.clock.forward(2 * SECOND)
    await bot.dispatcher.dispatch()
    await bot.slack.called.wait()

    await bot.tasks.drain(0)

    assert await bot.posts() == [("card", "sent"), ("news", "unknown")]
    assert await bot.deliveries() == [("step_failed", "sending", "news")]
