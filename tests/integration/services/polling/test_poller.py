"""Asking OMS, and storing what its answers tell."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import func, select

from omsbot.db.engine.engine import Database
from omsbot.db.schema import posts
from omsbot.db.stores.projects import LEASE_MS
from omsbot.domain.events import EventKind
from omsbot.domain.project.oms_error import OmsError, OmsErrorKind
from omsbot.domain.project.project import ProjectRef, Snapshot, StepStatus
from omsbot.oms.wire import Unchanged
from omsbot.sandbox.oms import SimulatedProject
from omsbot.services.polling.poller import SIDE_BY_SIDE
from tests.builders import HOUR, MINUTE, snapshot
from tests.integration.db.stored import two_replicas
from tests.integration.services.rig import ALPHA, BETA, FULL, INTERVAL, Bot, rigged, running, world

EMPTY = b'{"success":true,"data":[]}'


@pytest.fixture
async def bot(sqlite_database: Database) -> AsyncIterator[Bot]:
    async with rigged(sqlite_database) as one:
        yield one


async def dirt(bot: Bot) -> int:
    async with bot.database.read() as conn:
        return int((await conn.execute(select(func.sum(posts.c.dirty)))).scalar_one())


# --- transaction P


async def test_a_project_is_polled_at_its_pace_however_many_channels_follow_it(database: Database) -> None:
    async with rigged(database) as bot:
        await bot.subscribe()
        await bot.subscribe(channel="C2")
        asked = bot.world.oms.asked[ALPHA.oms_id]

        polled = [await bot.poll(after) for after in (0, 0, INTERVAL - 1, 1)]

        assert polled == [1, 0, 0, 1]
        assert bot.world.oms.asked[ALPHA.oms_id] == asked + 2


async def test_a_change_is_stored_with_what_it_tells_to_each_channel(database: Database) -> None:
    async with rigged(database) as bot:
        await bot.subscribe()
        await bot.subscribe(channel="C2")
        await bot.poll()
        bot.world.oms.fail(ALPHA.oms_id, FULL, code="X-1", message="disk is full")

        await bot.poll(INTERVAL)

        assert await bot.kinds() == [EventKind.STEP_FAILED]
        assert await bot.deliveries() == [("step_failed", "pending", "news")] * 2
        project = await bot.stored()
        assert project.latest is not None
        assert project.latest.by_key()[FULL].status is StepStatus.FAILED
        assert project.version == 2


async def test_two_replicas_poll_each_project_once(database: Database) -> None:
    async with (
        two_replicas(database) as (ours, theirs),
        world() as around,
        running(ours, around) as one,
        running(theirs, around) as two,
    ):
        for ref in (ALPHA, BETA):
            await one.subscribe(ref)
        before = around.oms.asked.total()

        due = await asyncio.gather(one.poll(), two.poll())

        assert sum(due) == 2
        assert around.oms.asked.total() == before + 2


async def test_a_slow_poll_that_lost_its_claim_writes_nothing(bot: Bot) -> None:
    await bot.subscribe()
    slow = (await bot.claim_polls())[0]
    bot.world.oms.fail(ALPHA.oms_id, FULL)
    assert await bot.poll(LEASE_MS) == 1
    told, stored = await bot.kinds(), await bot.stored()
    assert told == [EventKind.STEP_FAILED]
    bot.world.oms.recover(ALPHA.oms_id)

    await bot.poller.poll(slow)
    await bot.idle()

    assert (await bot.kinds(), await bot.stored()) == (told, stored)


async def test_a_slow_poll_that_failed_after_it_lost_its_claim_writes_nothing(bot: Bot) -> None:
    await bot.subscribe()
    slow = (await bot.claim_polls())[0]
    await bot.poll(LEASE_MS)
    stored = await bot.stored()
    bot.world.oms.break_with("html")

    await bot.poller.poll(slow)
    await bot.idle()

    assert await bot.stored() == stored


async def test_a_claim_that_waited_for_half_its_lease_is_given_back_unasked(bot: Bot) -> None:
    await bot.subscribe()
    late = (await bot.claim_polls())[0]
    asked = bot.world.oms.asked.total()
    bot.clock.forward(LEASE_MS // 2 + 1)

    bot.poller._workers["default"].put(late)
    await bot.idle()

    stored = await bot.stored()
    assert bot.world.oms.asked.total() == asked
    assert (stored.claim, stored.next_poll_at) == (None, late.due_at)
    assert await bot.poll() == 1
    assert bot.world.oms.asked.total() == asked + 1


async def test_no_more_than_so_many_questions_are_under_way_at_once(sqlite_database: Database) -> None:
    refs = [ProjectRef("default", f"np_{number:04}") for number in range(SIDE_BY_SIDE + 5)]
    fleet = [SimulatedProject(ref.oms_id, "stalled", ref.oms_id, 200) for ref in refs]
    async with rigged(sqlite_database, projects=fleet) as bot:
        for ref in refs:
            await bot.subscribe(ref)
        asking: list[int] = []
        steps_unless = bot.clients["default"].steps_unless

        async def counted(oms_id: str, digest: int | None) -> Snapshot | Unchanged:
            asking.append(1)
            most.append(len(asking))
            try:
                return await steps_unless(oms_id, digest)
            finally:
                asking.pop()

        most: list[int] = []
        bot.clients["default"].steps_unless = counted  # type: ignore[method-assign]
        assert await bot.poll(INTERVAL) == len(refs)

        assert (max(most), len(most)) == (SIDE_BY_SIDE, len(refs))
        assert not bot.poller._under_way.number("default")


async def test_an_unchanged_answer_inserts_nothing_and_notes_the_look(bot: Bot) -> None:
    await bot.subscribe()
    bot.world.oms.pause(ALPHA.oms_id)
    await bot.poll()
    stored = await bot.stored()

    await bot.poll(6 * INTERVAL)

    now = await bot.stored()
    assert (now.version, now.observed_at) == (stored.version, bot.clock())


async def test_counters_alone_are_kept_as_the_latest_but_make_no_new_version(bot: Bot) -> None:
    await bot.subscribe()
    first = (await bot.stored()).latest

    await bot.poll(3 * MINUTE)

    now = await bot.stored()
    assert now.latest is not None
    assert first is not None
    assert now.latest.by_key()[FULL].info != first.by_key()[FULL].info
    assert now.version == 1


async def test_progress_is_worth_an_edit_of_the_card_every_five_percent(bot: Bot) -> None:
    await bot.follow()
    bot.world.oms.set_fields(ALPHA.oms_id, FULL, {"progress": 11})
    await bot.poll()
    await bot.edit()
    edits = []

    for progress in (14, 15, 19, 20):
        bot.world.oms.set_fields(ALPHA.oms_id, FULL, {"progress": progress})
        await bot.poll(INTERVAL)
        edits.append(await bot.edit())

    assert edits == [0, 1, 0, 1]


async def test_a_lag_that_grows_is_worth_an_edit_of_the_card(sqlite_database: Database) -> None:
    synced = SimulatedProject(ALPHA.oms_id, "synced", "orders", 2_000)
    async with rigged(sqlite_database, projects=[synced]) as bot:
        await bot.follow()
        bot.world.oms.lag(ALPHA.oms_id, 1_000)

        await bot.poll(2 * INTERVAL)

        assert await dirt(bot) > 0
        assert await bot.edit() == 1


async def test_what_happened_while_the_bot_was_away_is_told_once_and_as_late(bot: Bot) -> None:
    await bot.subscribe()
    bot.world.oms.fail(ALPHA.oms_id, FULL)

    await bot.poll(HOUR)
    await bot.poll(INTERVAL)

    (entry,) = await bot.history()
    assert (entry.event.kind, entry.event.late) == (EventKind.STEP_FAILED, True)


async def test_news_wake_the_dispatcher_and_quiet_polls_do_not(bot: Bot) -> None:
    await bot.subscribe()
    woken = bot.woken
    await bot.poll()
    assert bot.woken == woken

    bot.world.oms.pause(ALPHA.oms_id)
    await bot.poll(INTERVAL)

    assert bot.woken == woken + 1
    assert b'omsbot_events_total{kind="step_paused"} 1.0' in bot.metrics.render()
    assert b'omsbot_polls_total{outcome="ok",server="default"} 2.0' in bot.metrics.render()


# --- answers that are not to be believed


async def test_an_empty_list_after_a_full_one_is_believed_at_the_third_look(bot: Bot) -> None:
    await bot.subscribe()
    bot.world.oms.set_answer(ALPHA.oms_id, EMPTY)

    for _ in range(2):
        await bot.poll(INTERVAL)
        assert (await bot.stored()).latest is not None
        assert await bot.kinds() == []
    await bot.poll(INTERVAL)

    assert set(await bot.kinds()) == {EventKind.STEP_VANISHED}
    assert (await bot.stored()).latest == snapshot(at=bot.clock(), server_at=bot.clock())


async def test_an_empty_list_between_full_ones_is_never_told(bot: Bot) -> None:
    await bot.subscribe()
    for _ in range(4):
        bot.world.oms.set_answer(ALPHA.oms_id, EMPTY)
        await bot.poll(INTERVAL)
        await bot.poll(INTERVAL)
        bot.world.oms.set_answer(ALPHA.oms_id, None)
        await bot.poll(INTERVAL)

    assert await bot.kinds() == []
    assert not (await bot.stored()).troubled


async def test_an_empty_list_from_a_server_that_just_came_back_is_not_believed_sooner(bot: Bot) -> None:
    await bot.subscribe()
    bot.world.oms.break_with("500", count=2)
    for _ in range(2):
        await bot.poll(INTERVAL)
    bot.world.oms.set_answer(ALPHA.oms_id, EMPTY)

    for _ in range(2):
        await bot.poll(INTERVAL)

    assert EventKind.STEP_VANISHED not in await bot.kinds()


async def test_trouble_that_is_over_is_told_and_a_suspicion_is_not(bot: Bot) -> None:
    await bot.subscribe()
    bot.world.oms.break_with("html", project=ALPHA.oms_id)
    await bot.poll()
    assert (await bot.stored()).troubled
    bot.world.oms.break_with("none")
    await bot.poll(INTERVAL)
    assert (await bot.kinds(), (await bot.stored()).troubled) == ([], False)

    bot.world.oms.break_with("html", project=ALPHA.oms_id)
    for _ in range(5):
        await bot.poll(INTERVAL)
    bot.world.oms.break_with("none")
    await bot.poll(INTERVAL)

    assert await bot.kinds() == [EventKind.PROJECT_UNREADABLE, EventKind.PROJECT_READABLE]
    assert not (await bot.stored()).troubled


async def test_a_released_project_is_told_as_gone_after_a_second_look_a_minute_later(bot: Bot) -> None:
    await bot.follow()
    bot.world.oms.release(ALPHA.oms_id)

    await bot.poll(INTERVAL)
    assert await bot.poll(MINUTE - 1) == 0
    assert await bot.kinds() == []
    await bot.poll(1)
    await bot.poll(MINUTE)

    assert await bot.kinds() == [EventKind.PROJECT_GONE]
    await bot.edit()
    assert "does not know this project" in bot.slack.said()[0].text


async def test_what_a_kill_left_claimed_is_polled_when_its_lease_is_over(bot: Bot) -> None:
    await bot.subscribe()
    await bot.claim_polls()

    assert await bot.poll(LEASE_MS - 1) == 0
    assert await bot.poll(1) == 1


async def test_a_baseline_is_never_refused_as_a_fault(bot: Bot) -> None:
    bot.world.oms.set_answer(ALPHA.oms_id, EMPTY)
    await bot.subscribe()
    await bot.poll()

    assert await bot.kinds() == []
    with pytest.raises(OmsError, match="does not know") as gone:
        await bot.clients["default"].steps("np_nobody")
    assert gone.value.kind is OmsErrorKind.GONE
