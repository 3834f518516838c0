"""Cases that a sweep or a random walk found first, each as a story of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import update

from omsbot.db.schema import limits, subscriptions
from omsbot.domain.project.project import ProjectRef
from omsbot.services.notify.drafts import AGAIN
from tests.builders import MINUTE, SECOND, step
from tests.reliability.interruption import Failpoint, Interrupter, Mode, Side
from tests.reliability.slack import Reply
from tests.reliability.stories import CHANNEL, FULL, Story, begin, failing, going
from tests.reliability.world import INTERVAL, Bot, World, opened, refs, rest

ALPHA: ProjectRef = refs(1)[0]
OTHER_CHANNEL = "C2"


@pytest.fixture
async def world(quick_file: Path, quiet_log: None) -> AsyncIterator[World]:
    """One project is followed in one channel and has its card."""
    async with opened(quick_file) as made:
        await begin(Story("one", 1, (), ()), made)
        yield made


def moves_on(world: World, *, to: str = "FAILED", number: int = 1) -> None:
    failed = {"code": f"GHANA-{number}", "failed_at": number} if to == "FAILED" else {}
    world.oms.answers[ALPHA.oms_id] = (step(FULL, to, order=1, progress=20, **failed),)  # type: ignore[arg-type]
    world.clock.now += INTERVAL


def texts(world: World) -> list[str]:
    return [one.message.text for one in world.slack.seen()]


async def test_a_reply_that_lost_its_thread_and_its_answer_is_found_in_the_channel(world: World) -> None:
    (card,) = world.slack.seen()
    world.slack.remove(card.ts)
    world.slack.will(Reply.LOST_AFTER)
    moves_on(world)
    await rest(Bot(world), events=1)
    assert world.verdict().good, world.verdict()


async def test_a_twin_that_lost_its_thread_is_deleted(world: World) -> None:
    (card,) = world.slack.seen()
    world.slack.remove(card.ts)
    world.slack.will(Reply.VERY_LATE)
    moves_on(world)
    await rest(Bot(world), events=1)
    assert world.verdict().good, world.verdict()


async def test_what_was_in_flight_when_a_subscription_ended_does_not_wait_for_ever(world: World) -> None:
    world.slack.will(Reply.LIMITED)
    bot = Bot(world, Interrupter())
    moves_on(world)
    await bot.poll()

    async def unsubscribe(name: str) -> None:
        world.slack.interruption = None
        await bot.control.unsubscribe(channel_id=CHANNEL, ref=ALPHA, actor="U1", now=world.clock())

    bot.interrupter.before = unsubscribe  # type: ignore[method-assign]
    world.database.interruption = Interrupter()
    await bot.tell()
    states = world.ledger.rows("SELECT state, reason FROM deliveries")
    assert states == [("withheld", "unsubscribed")]


async def test_what_was_over_when_a_silence_ended_stays_so_when_slack_refuses_the_first_try(
    world: World,
) -> None:
    bot = Bot(world)
    now = world.clock()
    await bot.control.mute(channel_id=CHANNEL, ref=ALPHA, until=now + MINUTE, actor="U1", now=now)
    for to in ("FAILED", "RUNNING"):
        moves_on(world, to=to)
        await bot.poll()
    world.clock.now = now + MINUTE + SECOND
    world.slack.will(Reply.LIMITED)
    await rest(bot, events=2)
    (news,) = texts(world)[1:]
    assert "failed" not in news.splitlines()[0].lower()
    assert world.ledger.rows("SELECT DISTINCT state, reason FROM deliveries") == [("told", "collapsed")]


async def test_a_card_whose_edit_was_cut_off_shows_the_truth_when_it_is_the_old_one_again(
    world: World,
) -> None:
    before = world.slack.seen()[0].message.content_hash()
    steps = world.oms.answers[ALPHA.oms_id]
    bot = Bot(world)
    moves_on(world)
    await bot.poll()
    killer = Interrupter(Failpoint(1, Side.AFTER, Mode.CRASH))  # the commit of the claim, then the edit
    bot = Bot(world, killer)
    await bot.edit()
    assert killer.dead
    assert world.slack.seen()[0].message.content_hash() != before
    world.oms.answers[ALPHA.oms_id] = steps
    world.clock.now += INTERVAL
    bot = Bot(world)
    await bot.start()
    await rest(bot, events=2)
    assert world.verdict().good, world.verdict()


async def test_a_card_of_an_ended_subscription_is_not_sent_again(world: World) -> None:
    bot = Bot(world)
    await bot.control.unsubscribe(channel_id=CHANNEL, ref=ALPHA, actor="U1", now=world.clock())
    world.clock.now += MINUTE
    await bot.follow(ALPHA, CHANNEL)
    world.slack.will(Reply.LOST_BEFORE)
    await bot.tell()
    await bot.control.unsubscribe(channel_id=CHANNEL, ref=ALPHA, actor="U1", now=world.clock())
    await bot.follow(ALPHA, CHANNEL)
    await rest(bot)
    assert len(world.slack.seen()) == 2  # the first card, and the one of now
    assert world.verdict().good, world.verdict()


async def test_after_an_outage_what_was_tried_in_vain_is_told_at_once(world: World) -> None:
    _alpha, beta = refs(2)
    world.oms.answers[beta.oms_id] = going()
    bot = Bot(world)
    await bot.follow(beta, OTHER_CHANNEL)
    await rest(bot)
    world.slack.down = True
    moves_on(world)
    await bot.poll()
    for _ in range(300):  # alpha's news is tried again and again, ever more seldom
        await bot.tell()
        world.clock.now += SECOND
    world.slack.down = False
    world.oms.answers[beta.oms_id] = failing()
    world.clock.now += INTERVAL
    await bot.poll()
    async with world.database.plain_write() as conn:  # the next probe is not alpha's
        await conn.execute(update(limits).values(blocked_until=0))
        held = update(subscriptions).where(subscriptions.c.channel_id == CHANNEL)
        await conn.execute(held.values(retry_at=world.clock() + MINUTE))
    for _ in range(3):
        await bot.tell()
        world.clock.now += SECOND
    assert sorted(one.channel for one in world.slack.seen() if one.tells) == [CHANNEL, OTHER_CHANNEL]


@pytest.mark.parametrize("refusal", [Reply.LIMITED, Reply.NOT_SENT, Reply.REJECTS_CONTENT])
async def test_what_is_sent_again_says_so_also_when_slack_refuses_it_first(
    refusal: Reply, world: World
) -> None:
    world.slack.will(Reply.LOST_BEFORE, refusal)
    moves_on(world)
    await rest(Bot(world), events=1)
    assert texts(world)[-1].endswith(AGAIN)
    assert world.verdict().good, world.verdict()
