"""Outages and bursts on a clock that is moved: what waits, what is told afterwards, and how fast."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import update

from omsbot.db.schema import subscriptions
from omsbot.domain.notify.slack_limits import LIMITS, POST
from omsbot.domain.project.oms_error import OmsError, OmsErrorKind
from omsbot.domain.project.project import Step
from tests.builders import HOUR, SECOND, step
from tests.reliability.saving import clear
from tests.reliability.stories import failing, going
from tests.reliability.world import Bot, World, refs

Result = dict[str, Any]
GROUPS, AT_ONCE = 3, 4  # of steps
READABLE_MS = 30 * SECOND


def channels(number: int) -> list[str]:
    return [f"C{index}" for index in range(number)]


async def followed(
    world: World, *, projects: int, places: Sequence[str], all_in_all: bool, cards: bool = True
) -> Bot:
    """Start with so many projects, each followed in every place or in one of them, and their cards."""
    await clear(world)
    bot = Bot(world)
    for number, ref in enumerate(refs(projects)):
        world.oms.answers[ref.oms_id] = going()
        for place in places if all_in_all else [places[number % len(places)]]:
            await bot.follow(ref, place)
    if not cards:
        async with world.database.plain_write() as conn:
            await conn.execute(update(subscriptions).values(card_post_id=0))
    while world.ledger.rows("SELECT 1 FROM subscriptions WHERE subject LIKE 'p:%' AND card_post_id IS NULL"):
        await bot.tell()
        world.clock.now += SECOND
    return bot


async def burst(world: World, *, projects: int = 1_000) -> Result:
    """Every project fails at once in one channel: when can the last failure be read?"""
    bot = await followed(world, projects=projects, places=["C1"], all_in_all=True)
    world.clock.now += 20 * SECOND
    before = world.slack.posts
    world.oms.answers = dict.fromkeys(world.oms.answers, failing())
    while len(world.ledger.kinds()) < projects:
        await bot.poll()
    began = world.clock()
    while world.ledger.rows("SELECT 1 FROM deliveries WHERE state IN ('pending', 'sending') LIMIT 1"):
        await bot.tell()
        world.clock.now += SECOND
    verdict = world.verdict()
    told = [one for one in world.slack.seen() if one.tells]
    return {
        "failures": projects,
        "messages": world.slack.posts - before,
        "readable_after_s": (max(one.at for one in told) - began) / 1000,
        "lost": len(verdict.lost),
        "double": len(verdict.double),
        "out_of_order": len(verdict.out_of_order),
    }


async def slack_down(world: World, *, projects: int = 100, places: int = 5, changes: int = 6) -> Result:
    """Slack is away for an hour while news collects; then it is back."""
    bot = await followed(world, projects=projects, places=channels(places), all_in_all=True)
    world.slack.down = True
    tries = world.slack.posts
    for number in range(changes):
        for place, oms_id in enumerate(world.oms.answers):
            fails = number == changes - 1 and place % 3 == 0
            world.oms.answers[oms_id] = (*(failing() if fails else going()), *_stages(number))
        for _ in range(12):
            world.clock.now += HOUR // changes // 12
            await bot.poll()
            await bot.tell()
            await bot.settle()
    waiting = world.ledger.rows("SELECT count(*) FROM deliveries WHERE state = 'pending'")[0][0]
    tries = world.slack.posts - tries
    world.slack.down = False
    world.slack.posted_at.clear()
    began = world.clock()
    while world.ledger.rows("SELECT 1 FROM deliveries WHERE state IN ('pending', 'sending') LIMIT 1"):
        await bot.tell()
        world.clock.now += SECOND // 5
    verdict = world.verdict()
    posted = sorted(at for times in world.slack.posted_at.values() for at in times)
    return {
        "waiting": waiting,
        "tries_while_down": tries,
        "messages_after": len(posted),
        "told_after_s": round((max(posted) - began) / 1000, 1),
        "most_a_second_in_all": _most(posted),
        "most_a_second_in_a_channel": max(_most(times) for times in world.slack.posted_at.values()),
        "collapsed": _count(world, "reason = 'collapsed'"),
        "failures_first": _failures_first(world, began),
        "lost": len(verdict.lost),
        "double": len(verdict.double),
        "out_of_order": len(verdict.out_of_order),
    }


async def oms_down(world: World, *, projects: int = 2_000, places: int = 4, pace_s: int = 1) -> Result:
    """OMS is away for an hour; then it is back: who is told what, and how often is it asked?"""
    bot = await followed(world, projects=projects, places=channels(places), all_in_all=False, cards=False)
    world.clock.now += 20 * SECOND
    posted = world.slack.posts
    world.oms.error = OmsError(OmsErrorKind.UNREACHABLE, "connection refused")
    world.oms.asked.clear()
    await _pass_by(bot, HOUR, pace_s)
    down = list(world.oms.asked)
    world.oms.error = None
    world.oms.asked.clear()
    await _pass_by(bot, 420 * SECOND, pace_s)
    back = list(world.oms.asked)
    kinds = Counter(world.ledger.kinds())
    told = world.ledger.rows(
        "SELECT s.channel_id, e.kind, count(*) FROM deliveries d JOIN events e ON e.id = d.event_id"
        " JOIN subscriptions s ON s.id = d.subscription_id WHERE d.state = 'told' GROUP BY 1, 2"
    )
    return {
        "projects": projects,
        "channels": places,
        "events": dict(kinds),
        "notices_a_channel": max((row[2] for row in told), default=0),
        "messages": world.slack.posts - posted,
        "asked_while_down": len(down),
        "asked_in_the_last_half_hour_down": sum(at > down[0] + HOUR // 2 for at in down),
        "most_asked_a_second_on_return": _most(back),
        "asked_again": len(back),
    }


async def _pass_by(bot: Bot, time: int, pace_s: int) -> None:
    for _ in range(time // SECOND // pace_s):
        bot.world.clock.now += pace_s * SECOND
        await bot.poll()
        await bot.tell()


def _stages(number: int) -> tuple[Step, ...]:
    """Steps that start and finish, a few at once, one group after another."""
    words = ["FINISHED"] * (number // 2) + ["RUNNING"] * (number % 2) + ["INIT"] * GROUPS
    return tuple(
        step(f"STAGE_{group}_{place}", words[group], order=10 + AT_ONCE * group + place)
        for group in range(GROUPS)
        for place in range(AT_ONCE)
    )


def _most(times: Sequence[int]) -> int:
    """The most calls within one second."""
    ordered, first, most = sorted(times), 0, 0
    for last, at in enumerate(ordered):
        while at - ordered[first] >= SECOND:
            first += 1
        most = max(most, last - first + 1)
    return most


def _count(world: World, where: str) -> int:
    count: int = world.ledger.rows(f"SELECT count(*) FROM deliveries WHERE {where}")[0][0]
    return count


def _failures_first(world: World, began: int) -> bool:
    """Whether each channel heard of every failure before anything else that waited."""
    kinds = dict(
        world.ledger.rows("SELECT d.id, e.severity FROM deliveries d JOIN events e ON e.id = d.event_id")
    )
    for place in {one.channel for one in world.slack.seen()}:
        after = [one for one in world.slack.seen(place) if one.at >= began and one.tells]
        urgent = [any(kinds[delivery] == "critical" for delivery in one.tells) for one in after]
        if urgent != sorted(urgent, reverse=True):
            return False
    return True


def app_wide_limit() -> int:
    """The most posts a second that the app may send."""
    return -(-SECOND // LIMITS[POST].app_ms)
