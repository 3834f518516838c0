"""What people ask the bot to do, and what Slack says of its channels."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from omsbot.db.engine.engine import Database
from omsbot.db.schema import audit
from omsbot.db.schema import channels as channels_table
from omsbot.db.stores import channels, events, subscriptions
from omsbot.db.stores.projects import Following
from omsbot.db.stores.subscriptions import StoredSubscription, SubscriptionState
from omsbot.domain.events import EventKind, Level
from omsbot.domain.notify.follow_options import FollowChange, FollowOptions
from omsbot.domain.project.project import ProjectRef
from omsbot.domain.project.subject import Server
from omsbot.services.refusal import Refusal
from tests.builders import HOUR
from tests.integration.db.stored import two_replicas
from tests.integration.services.rig import (
    ALPHA,
    BETA,
    CHANNEL,
    FULL,
    GAMMA,
    INTERVAL,
    Bot,
    rigged,
    running,
    world,
)


@pytest.fixture
async def bot(sqlite_database: Database) -> AsyncIterator[Bot]:
    async with rigged(sqlite_database) as one:
        yield one


async def subscription(
    bot: Bot, subject: ProjectRef | str = ALPHA, channel: str = CHANNEL
) -> StoredSubscription | None:
    """A channel's subscription to a project or, by name, to a server."""
    name = (await bot.stored(subject)).subject if isinstance(subject, ProjectRef) else Server(subject)
    async with bot.database.read() as conn:
        return await subscriptions.find(conn, channel, name)


async def failing(bot: Bot, ref: ProjectRef = ALPHA) -> None:
    bot.world.oms.fail(ref.oms_id, FULL)
    await bot.poll(INTERVAL)


# --- following


async def test_who_subscribes_follows_the_project_and_the_health_of_its_server(database: Database) -> None:
    async with rigged(database) as bot:
        done = await bot.control.subscribe(
            channel_id=CHANNEL, team_id="T1", ref=ALPHA, change=FollowChange(Level.IMPORTANT, "<@U9>"),
            actor="U1", now=bot.clock(),
        )  # fmt: skip

        assert done.created
        assert (done.view.options.level, done.view.options.mention) == (Level.IMPORTANT, "<@U9>")
        assert done.view.project.snapshot is not None
        health = await subscription(bot, "default")
        assert health is not None
        assert health.options.mention is None
        async with database.read() as conn:
            rows = (await conn.execute(select(audit.c.actor, audit.c.action, audit.c.detail))).all()
        assert [tuple(row) for row in rows] == [("U1", "subscribe", "important")]


async def test_a_wrong_id_is_refused_and_leaves_no_trace(bot: Bot) -> None:
    with pytest.raises(Refusal, match="does not know a project `np_nobody`") as refusal:
        await bot.subscribe(ProjectRef("default", "np_nobody"))

    assert refusal.value.hint is not None
    assert "/oms projects" in refusal.value.hint
    async with bot.database.read() as conn:
        assert await subscriptions.in_channel(conn, CHANNEL) == []


async def test_what_oms_refuses_is_told_with_what_to_do(bot: Bot) -> None:
    bot.world.oms.break_with("401")

    with pytest.raises(Refusal, match="rejects the bot's credential") as refusal:
        await bot.subscribe()

    assert refusal.value.hint


async def test_who_subscribes_again_changes_what_is_said_and_keeps_the_rest(bot: Bot) -> None:
    assert await bot.subscribe(level=Level.FAILURES, mention="<@U9>")

    assert not await bot.subscribe(level=Level.IMPORTANT)
    stream = await subscription(bot)
    assert stream is not None
    assert (stream.options.level, stream.options.mention) == (Level.IMPORTANT, "<@U9>")

    assert not await bot.subscribe(mention="<@U8>")
    stream = await subscription(bot)
    assert stream is not None
    assert (stream.options.level, stream.options.mention) == (Level.IMPORTANT, "<@U8>")


async def test_people_who_follow_projects_of_one_server_at_once_all_succeed(database: Database) -> None:
    async with (
        two_replicas(database) as (ours, theirs),
        world() as around,
        running(ours, around) as one,
        running(theirs, around) as two,
    ):
        created = await asyncio.gather(
            one.subscribe(ALPHA), two.subscribe(BETA), one.subscribe(GAMMA), two.subscribe(ALPHA)
        )

        assert sorted(created) == [False, True, True, True]
        async with database.read() as conn:
            assert len(await subscriptions.in_channel(conn, CHANNEL)) == 4


async def test_the_first_look_is_a_baseline_that_tells_only_what_is_wrong_now(bot: Bot) -> None:
    bot.world.oms.fail(ALPHA.oms_id, FULL)
    await bot.subscribe(ALPHA)
    await bot.subscribe(BETA)

    await bot.poll()

    (entry,) = await bot.history(ALPHA)
    assert entry.event.already
    assert (entry.event.kind, entry.state, entry.reason) == (
        EventKind.STEP_FAILED, "pending", "open_when_subscribed",
    )  # fmt: skip
    assert await bot.kinds(BETA) == []


async def test_what_is_open_is_told_once_to_each_new_channel(bot: Bot) -> None:
    await bot.subscribe()
    await failing(bot)

    await bot.subscribe(channel="C2")
    await bot.subscribe(channel="C2", level=Level.IMPORTANT)
    await bot.poll(INTERVAL)

    assert await bot.deliveries() == [
        ("step_failed", "pending", "news"),
        ("step_failed", "pending", "open_when_subscribed"),
    ]


async def test_what_a_new_channel_did_not_ask_for_is_withheld_by_name(bot: Bot) -> None:
    await bot.subscribe()
    bot.world.oms.pause(ALPHA.oms_id)
    await bot.poll(INTERVAL)

    await bot.subscribe(channel="C2", level=Level.FAILURES)

    (entry,) = await bot.history(channel="C2")
    assert (entry.state, entry.reason) == ("withheld", "below_level")


async def test_who_comes_back_hears_what_is_open_although_it_was_told_before(bot: Bot) -> None:
    await bot.follow()
    await bot.follow(channel="C2")
    await failing(bot)
    await bot.tell()
    await bot.unsubscribe(channel="C2")

    await bot.subscribe(channel="C2")

    (entry,) = await bot.history(channel="C2")
    assert (entry.state, entry.reason) == ("pending", "open_when_subscribed")
    await bot.tell()
    assert len(bot.slack.said("FAILED", channel="C2")) == 3, "an alert each time, and a card that shows it"
    assert len(bot.slack.said("FAILED", channel=CHANNEL)) == 1


async def test_who_left_before_it_was_told_hears_it_on_coming_back(bot: Bot) -> None:
    await bot.subscribe()
    await bot.subscribe(channel="C2")
    await bot.mute(for_ms=HOUR, channel="C2")
    await failing(bot)
    await bot.unsubscribe(channel="C2")
    assert (await bot.history(channel="C2"))[0].reason == "unsubscribed"

    await bot.subscribe(channel="C2")

    assert [(one.state, one.reason) for one in await bot.history(channel="C2")] == [
        ("pending", "open_when_subscribed")
    ]


async def test_a_project_that_nobody_followed_begins_with_a_new_baseline(bot: Bot) -> None:
    await bot.subscribe()
    await failing(bot)
    await bot.unsubscribe()
    bot.world.oms.recover(ALPHA.oms_id)
    assert await bot.poll(HOUR) == 0

    await bot.subscribe()
    await bot.poll()

    assert await bot.kinds() == [EventKind.STEP_FAILED], "nothing of what passed meanwhile"
    async with bot.database.read() as conn:
        assert await events.live(conn, (await bot.stored()).subject) == []


async def test_what_still_is_wrong_is_told_anew_with_the_new_baseline(bot: Bot) -> None:
    await bot.subscribe()
    await failing(bot)
    await bot.unsubscribe()

    await bot.subscribe()
    await bot.poll()

    first, second = await bot.history()
    assert (first.event.kind, second.event.kind) == (EventKind.STEP_FAILED, EventKind.STEP_FAILED)
    assert (second.event.already, second.state) == (True, "pending")


# --- leaving


async def test_who_unsubscribes_is_told_nothing_more_and_nobody_asks_oms(bot: Bot) -> None:
    await bot.subscribe()
    await failing(bot)
    bot.world.oms.recover(ALPHA.oms_id)

    await bot.unsubscribe()

    assert await bot.poll(HOUR) == 0
    assert await bot.deliveries() == [("step_failed", "withheld", "unsubscribed")]
    assert (await bot.stored()).state is Following.UNFOLLOWED
    health = await subscription(bot, "default")
    assert health is not None
    assert health.state is SubscriptionState.ENDED


async def test_the_other_channels_and_projects_are_left_as_they_are(bot: Bot) -> None:
    await bot.subscribe()
    await bot.subscribe(BETA)
    await bot.subscribe(channel="C2")

    await bot.unsubscribe()

    assert (await bot.stored()).state is Following.FOLLOWED
    health = await subscription(bot, "default")
    assert health is not None
    assert health.state is SubscriptionState.ACTIVE


async def test_a_card_says_that_nobody_keeps_it_up_to_date_any_more(bot: Bot) -> None:
    await bot.follow()

    await bot.unsubscribe()
    await bot.edit()

    assert "no longer kept up to date" in bot.slack.said()[0].text


async def test_a_project_is_polled_on_when_one_leaves_while_another_comes(database: Database) -> None:
    """The one who leaves must not miss the one whose subscription is being written at this moment."""
    async with rigged(database) as bot:
        await bot.subscribe()
        project = await bot.stored()
        async with database.write() as conn:
            await channels.ensure(conn, "C2", "T1")
        async with database.write() as conn:
            await bot.control._followed(conn, ALPHA, project.latest, bot.clock())  # type: ignore[arg-type]
            await subscriptions.start(
                conn, channel_id="C2", subject=project.subject, options=FollowOptions(),
                actor="U2", now=bot.clock(),
            )  # fmt: skip
            leaving = asyncio.create_task(bot.unsubscribe())
            await asyncio.wait({leaving}, timeout=0.2)
        await leaving

        assert (await bot.stored()).state is Following.FOLLOWED
        assert await bot.poll(INTERVAL) == 1


@pytest.mark.parametrize("ref", [ALPHA, BETA], ids=["not any more", "never"])
async def test_what_is_not_followed_cannot_be_left_or_muted(bot: Bot, ref: ProjectRef) -> None:
    await bot.subscribe()
    await bot.unsubscribe()

    for attempt in (bot.unsubscribe(ref), bot.mute(ref, for_ms=HOUR), bot.unmute(ref)):
        with pytest.raises(Refusal, match=f"does not follow `{ref}`"):
            await attempt


# --- channels


async def test_an_invitation_resumes_a_paused_channel(bot: Bot) -> None:
    await bot.subscribe()
    await bot.control.removed(channel_id=CHANNEL, reason="not_in_channel", now=bot.clock())
    async with bot.database.read() as conn:
        assert await channels.paused_reason(conn, CHANNEL) == "not_in_channel"
    woken = bot.woken

    await bot.control.invited(channel_id=CHANNEL, team_id="T1")

    async with bot.database.read() as conn:
        assert await channels.paused_reason(conn, CHANNEL) is None
    assert bot.woken == woken + 1


async def test_a_channel_keeps_its_new_name_and_a_strange_one_is_no_trouble(bot: Bot) -> None:
    await bot.control.invited(channel_id=CHANNEL, team_id="T1")
    await bot.control.renamed(channel_id=CHANNEL, name="迁移")
    await bot.control.renamed(channel_id="C404", name="nobody's")
    await bot.control.removed(channel_id="C404", reason="is_archived", now=bot.clock())

    async with bot.database.read() as conn:
        rows = await conn.execute(select(channels_table.c.id, channels_table.c.name))
        assert [tuple(row) for row in rows] == [(CHANNEL, "迁移")]
