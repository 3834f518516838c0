"""What the outcome of a call makes of a post, and of later ones."""

from collections.abc import AsyncIterator

import pytest

from omsbot.db.engine.engine import Database
from omsbot.domain.notify.delivery import NotSent, Outcome, Rejected, RejectionScope, Unknown
from omsbot.domain.project.project import ProjectRef
from tests.builders import HOUR, MINUTE, SECOND
from tests.integration.services.rig import ALPHA, CHANNEL, FULL, INTERVAL, Bot, rigged

REFUSED = Rejected(RejectionScope.OURS, "invalid_blocks")
KICKED = Rejected(RejectionScope.CHANNEL, "not_in_channel")
REVOKED = Rejected(RejectionScope.INSTALLATION, "token_revoked")
DELETED = Rejected(RejectionScope.MESSAGE, "thread_not_found")
LIMITED = NotSent("ratelimited", retry_after_s=30, limited=True)


@pytest.fixture
async def bot(sqlite_database: Database) -> AsyncIterator[Bot]:
    async with rigged(sqlite_database) as one:
        yield one


async def failing(bot: Bot, ref: ProjectRef = ALPHA) -> None:
    """Let a project fail, and learn of it."""
    bot.world.oms.fail(ref.oms_id, FULL, message="disk is full")
    await bot.poll(INTERVAL)


async def test_what_surely_was_not_sent_is_sent_later_ever_more_seldom(bot: Bot) -> None:
    await bot.follow()
    await failing(bot)
    bot.slack.will(*[NotSent("http_403")] * 3)
    bot.clock.forward(MINUTE)
    began = bot.clock()
    tried: list[int] = []

    while not bot.slack.said("FAILED"):
        tried += [bot.clock() - began] if await bot.dispatcher.dispatch() else []
        await bot.idle()
        bot.clock.forward(SECOND)

    assert tried == [0, 1 * SECOND, 3 * SECOND, 8 * SECOND]

    assert len(bot.slack.said("FAILED")) == 1
    assert await bot.deliveries() == [("step_failed", "told", "news")]


async def test_a_429_holds_its_channel_for_as_long_as_slack_asks(bot: Bot) -> None:
    await bot.follow()
    await bot.follow(channel="C2")
    await failing(bot)
    bot.slack.will(LIMITED)

    first, second = await bot.tell()

    assert {first.channel, second.channel} == {CHANNEL, "C2"}
    assert len(bot.slack.said("FAILED")) == 1
    assert await bot.tell(25 * SECOND) == []
    (late,) = await bot.tell(5 * SECOND)
    assert late.channel == first.channel


async def test_a_second_channel_that_is_limited_holds_everybody(bot: Bot) -> None:
    for channel in (CHANNEL, "C2"):
        await bot.follow(channel=channel)
    await failing(bot)
    bot.slack.will(LIMITED, LIMITED)
    assert len(await bot.tell()) == 2

    await bot.subscribe(channel="C3")
    assert await bot.tell(10 * SECOND) == []
    assert len(await bot.tell(30 * SECOND)) >= 3


async def test_refused_blocks_are_tried_once_more_as_plain_text(bot: Bot) -> None:
    await bot.follow()
    await failing(bot)
    bot.slack.will(REFUSED)

    refused, plain = await bot.tell()

    assert refused.message.blocks
    assert plain.message.blocks == ()
    assert plain.text == refused.text
    assert await bot.deliveries() == [("step_failed", "told", "news")]
    bot.world.oms.recover(ALPHA.oms_id)
    await bot.poll(INTERVAL)
    assert (await bot.tell())[0].message.blocks, "the next message has its blocks again"


async def test_what_is_refused_as_plain_text_too_has_failed_and_is_logged(
    bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    await bot.follow()
    await failing(bot)
    bot.slack.will(REFUSED, REFUSED)

    assert len(await bot.tell()) == 2

    assert await bot.deliveries() == [("step_failed", "failed", "refused")]
    assert "Slack refuses a message's content" in caplog.text
    assert await bot.tell(HOUR) == []


async def test_a_card_that_slack_refused_is_tried_anew_once_it_changed(bot: Bot) -> None:
    bot.slack.will(REFUSED, REFUSED)
    await bot.subscribe()
    assert len(await bot.tell()) == 2
    assert await bot.tell(HOUR) == [], "the same content is not tried again"

    await failing(bot)
    card, alert = await bot.tell()

    assert card.thread_ts is None
    assert alert.thread_ts == card.ts
    assert "FAILED" in alert.text


async def test_a_channel_that_refuses_is_paused_probed_and_resumed(bot: Bot) -> None:
    await bot.follow()
    await failing(bot)
    bot.slack.will(*[KICKED] * 2)

    assert len(await bot.tell()) == 1
    assert (await bot.queries.subscriptions(channel_id=CHANNEL, page=1, now=bot.clock())).items[
        0
    ].paused_reason == "not_in_channel"
    assert await bot.tell(55 * SECOND) == []
    assert len(await bot.tell(5 * SECOND)) == 1, "the first probe, after a minute"
    assert await bot.tell(4 * MINUTE) == []
    assert len(await bot.tell(MINUTE)) == 1, "the second, after five"

    assert len(bot.slack.said("FAILED")) == 1
    page = await bot.queries.subscriptions(channel_id=CHANNEL, page=1, now=bot.clock())
    assert page.items[0].paused_reason is None


async def test_an_invitation_lets_a_paused_channel_go_on_at_once(bot: Bot) -> None:
    await bot.follow()
    await failing(bot)
    bot.slack.will(KICKED)
    await bot.tell()

    await bot.control.invited(channel_id=CHANNEL, team_id="T1")

    assert len(await bot.tell()) == 1


async def test_a_paused_channel_holds_up_no_other(bot: Bot) -> None:
    await bot.follow()
    await bot.follow(channel="C2")
    bot.slack.will(KICKED)
    await failing(bot)

    await bot.tell()

    assert len(bot.slack.said("FAILED")) == 1


async def test_a_refused_installation_stops_all_and_loses_nothing(
    bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    for channel in (CHANNEL, "C2"):
        await bot.follow(channel=channel)
    await failing(bot)
    bot.slack.will(REVOKED, REVOKED)

    assert len(await bot.tell()) <= 2
    assert "Slack refuses the installation" in caplog.text
    assert await bot.tell(10 * SECOND) == []
    for _ in range(3):
        await bot.tell(MINUTE)

    assert {said.channel for said in bot.slack.said("FAILED")} == {CHANNEL, "C2"}
    assert {state for _, state, _ in await bot.deliveries()} == {"told"}


async def test_a_card_that_a_person_deleted_is_posted_anew(bot: Bot) -> None:
    card = await bot.follow()
    del bot.slack.messages[card.ts]
    await failing(bot)

    alert, anew = await bot.tell()
    bot.world.oms.recover(ALPHA.oms_id)
    await bot.poll(INTERVAL)
    (recovery,) = await bot.tell()

    assert "FAILED" in alert.text
    assert (anew.thread_ts, recovery.thread_ts) == (None, anew.ts)
    assert [state for kind, state in await bot.posts() if kind == "card"] == ["replaced", "sent"]


async def test_news_whose_thread_is_gone_go_under_a_new_card(bot: Bot) -> None:
    await bot.follow()
    await failing(bot)
    bot.slack.will(DELETED)

    refused, anew, alert = await bot.tell()

    assert refused.thread_ts is not None
    assert (anew.thread_ts, alert.thread_ts) == (None, anew.ts)
    assert "disk is full" in alert.text
    assert await bot.deliveries() == [("step_failed", "told", "news")]


@pytest.mark.parametrize("outcome", [Unknown("TimeoutError"), NotSent("http_403"), KICKED, REFUSED], ids=str)
async def test_a_failure_is_told_whatever_becomes_of_the_card(bot: Bot, outcome: Outcome) -> None:
    await bot.subscribe()
    bot.slack.will(outcome)
    await bot.tell()

    await failing(bot)
    for _ in range(3):
        await bot.tell(MINUTE)

    assert len(bot.slack.said("disk is full")) >= 1
    assert await bot.deliveries() == [("step_failed", "told", "news")]


async def test_while_a_card_is_of_unknown_fate_its_news_go_to_the_channel(bot: Bot) -> None:
    await bot.subscribe()
    bot.slack.will(Unknown("TimeoutError"))
    await bot.tell()
    await failing(bot)

    (alert,) = await bot.tell()

    assert (alert.thread_ts, alert.broadcast) == (None, False)


async def test_news_of_unknown_fate_are_overtaken_by_nothing(bot: Bot) -> None:
    await bot.follow()
    await failing(bot)
    bot.slack.will(Unknown("TimeoutError"))
    await bot.tell()
    bot.world.oms.recover(ALPHA.oms_id)
    await bot.poll(INTERVAL)

    assert await bot.tell() == []
    assert [state for _, state, _ in await bot.deliveries()] == ["sending", "pending"]


async def test_slack_is_taken_as_down_after_three_unknowns_and_probed_by_one_post_at_a_time(bot: Bot) -> None:
    channels = [f"C{number}" for number in range(1, 9)]
    for channel in channels:
        await bot.follow(channel=channel)
    await failing(bot)
    bot.slack.will(*[NotSent("ClientConnectorError")] * 100)
    tried = [len(await bot.tell(0)) for _ in range(20)]
    assert sum(tried) < len(channels) + 20, "not each channel again and again"

    bot.slack._posting.clear()
    for _ in range(10):
        await bot.tell(MINUTE)

    assert {said.channel for said in bot.slack.said("FAILED")} == set(channels)
