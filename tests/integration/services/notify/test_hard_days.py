"""What goes wrong seldom and all at once: each of these once lost, doubled or held up something."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import update

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.engine import Database, transact
from omsbot.db.schema import events, limits
from omsbot.db.subjects import key_of
from omsbot.domain.notify.delivery import NotSent, Rejected, RejectionScope, Unknown
from omsbot.domain.notify.quiet_hours import read_quiet_hours
from omsbot.domain.notify.slack_limits import DOWN_AFTER
from omsbot.domain.project.project import ProjectRef
from omsbot.sandbox.oms import SimulatedProject
from omsbot.services.notify.outcome_policy import NEXT_LOOK_MS
from tests.builders import HOUR, MINUTE, SECOND
from tests.integration.services.rig import ALPHA, BETA, CHANNEL, FULL, INTERVAL, Bot, rigged

TIMED_OUT = Unknown("TimeoutError")


@pytest.fixture
async def bot(sqlite_database: Database) -> AsyncIterator[Bot]:
    async with rigged(sqlite_database) as one:
        yield one


async def failing(bot: Bot, *refs: Any) -> None:
    for ref in refs or (ALPHA,):
        bot.world.oms.fail(ref.oms_id, FULL)
    await bot.poll(INTERVAL)


async def test_news_that_cannot_be_read_holds_up_no_other_stream_of_its_channel(
    bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    await bot.follow(ALPHA)
    await bot.follow(BETA)
    await failing(bot, ALPHA, BETA)
    subject = key_of((await bot.stored(ALPHA)).subject)
    await transact(
        bot.database,
        lambda conn: conn.execute(update(events).where(events.c.subject == subject).values(body="{")),
    )

    await bot.tell(5 * SECOND)

    assert [BETA.oms_id in said.text for said in bot.slack.said("FAILED")] == [True]
    assert "a stream cannot be told" in caplog.text


async def test_an_overview_that_cannot_be_put_into_words_holds_up_no_other_channel_while_slack_is_down(
    sqlite_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    refs = [ProjectRef("default", f"np_{number:04}") for number in range(8)]
    fleet = [SimulatedProject(ref.oms_id, "slow", ref.oms_id, 600) for ref in refs]
    async with rigged(sqlite_database, projects=fleet) as bot:
        for ref in refs[:7]:
            await bot.follow(ref)
        await bot.subscribe(refs[7], channel="C2")
        await bot.tell(5 * SECOND)
        await failing(bot, *refs)
        broken = key_of((await bot.stored(refs[3])).subject)

        def breaking(conn: Connection) -> Any:
            return conn.execute(update(events).where(events.c.subject == broken).values(body="{"))

        await transact(sqlite_database, breaking)
        await transact(sqlite_database, lambda conn: conn.execute(update(limits).values(failures=DOWN_AFTER)))

        await bot.tell(10 * SECOND)

        assert "an overview cannot be told" in caplog.text
        told = "".join(said.text for said in bot.slack.said("FAILED"))
        assert [ref.oms_id in told for ref in refs] == [ref is not refs[3] for ref in refs]


async def test_what_a_mute_held_back_waits_on_where_quiet_hours_have_begun(bot: Bot) -> None:
    await bot.follow()
    await bot.mute(for_ms=HOUR)
    await failing(bot)
    hour = (bot.clock() // HOUR) % 24
    hours = read_quiet_hours(f"{hour:02}:00-{(hour + 4) % 24:02}:00", "UTC")
    await bot.control.quiet(channel_id=CHANNEL, team_id="T1", hours=hours, actor="U1", now=bot.clock())
    await bot.unmute()

    assert await bot.tell(HOUR) == []
    assert len(await bot.tell(4 * HOUR)) == 1


async def test_a_refused_look_is_no_reason_to_send_again(bot: Bot) -> None:
    await bot.follow()
    await failing(bot)
    bot.slack.will(TIMED_OUT, kept=True)
    await bot.tell()
    bot.slack.history = Rejected(RejectionScope.CHANNEL, "not_in_channel")
    for _ in range(5):
        await bot.settle(MINUTE)
    bot.slack.history = None
    await bot.settle(MINUTE)

    assert len(bot.slack.said("FAILED")) == 1
    assert await bot.deliveries() == [("step_failed", "told", "news")]


async def test_a_look_honours_the_pause_that_slack_asks_for(bot: Bot) -> None:
    await bot.follow()
    await failing(bot)
    bot.slack.will(TIMED_OUT, kept=True)
    await bot.tell()
    bot.slack.history = NotSent("ratelimited", retry_after_s=90, limited=True)
    await bot.settle(20 * SECOND)
    looks = len(bot.slack.looks)

    await bot.settle(NEXT_LOOK_MS)
    assert len(bot.slack.looks) == looks
    bot.slack.history = None
    await bot.settle(90 * SECOND)
    assert await bot.deliveries() == [("step_failed", "told", "news")]


async def test_a_card_that_a_kill_left_half_sent_does_not_hold_a_failure_back(bot: Bot) -> None:
    await bot.subscribe()
    await bot.claim_post()
    await failing(bot)
    assert await bot.tell() == []

    bot.slack.history = NotSent("ClientConnectorError")
    await bot.settle(30 * SECOND)

    (alert,) = await bot.tell()
    assert "FAILED" in alert.text
    assert alert.thread_ts is None


async def test_a_channel_that_refused_an_edit_is_tried_again_by_a_card(bot: Bot) -> None:
    await bot.follow()
    await failing(bot)
    await bot.tell()
    bot.slack.will_edit(Rejected(RejectionScope.CHANNEL, "not_in_channel"))
    assert [await bot.edit(), await bot.edit(), await bot.edit(2 * MINUTE)] == [1, 0, 1]

    bot.world.oms.recover(ALPHA.oms_id)
    await bot.poll(INTERVAL)
    assert len(await bot.tell()) == 1


async def test_an_invitation_sends_at_once_what_was_put_off(bot: Bot) -> None:
    await bot.follow()
    await failing(bot)
    bot.slack.will(*[Rejected(RejectionScope.CHANNEL, "not_in_channel")] * 3)
    for _ in range(3):
        await bot.tell(HOUR)

    await bot.control.invited(channel_id=CHANNEL, team_id="T1")

    assert len(await bot.tell(SECOND)) == 1


async def test_while_slack_is_down_one_edit_at_a_time_is_tried(bot: Bot) -> None:
    await bot.follow(ALPHA)
    await bot.follow(BETA)
    await failing(bot, ALPHA, BETA)
    await bot.tell()
    bot.slack.will_edit(*[TIMED_OUT] * 10)
    tried = 0
    for _ in range(20):
        tried += await bot.edit(5 * SECOND)

    assert 3 <= tried <= 12
