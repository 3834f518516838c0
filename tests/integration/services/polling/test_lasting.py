"""What lasts without any change of status: found by polls whose answers stay the same, over restarts too."""

from itertools import pairwise

from sqlalchemy import event as sqlalchemy_event

from omsbot.db.engine.engine import Database
from omsbot.db.stores import projects, samples
from omsbot.domain.events import EventKind
from omsbot.domain.thresholds import RuleBook, Rules
from omsbot.sandbox.oms import SimulatedProject
from tests.builders import HOUR, MINUTE, SECOND
from tests.integration.services.rig import ALPHA, FULL, INTERVAL, rigged, running, world

STALLED, MOVING = EventKind.STEP_STALLED, EventKind.STEP_MOVING
STANDING = (SimulatedProject(ALPHA.oms_id, "stalled", "alpha", 200),)


async def test_a_stall_is_told_once_although_no_answer_changes(database: Database) -> None:
    async with rigged(database, projects=STANDING, rules=Rules(stall_seconds=60)) as bot:
        await bot.subscribe()
        for _ in range(30):
            await bot.poll(INTERVAL)

        assert await bot.kinds() == [STALLED]
        assert (await bot.stored()).version == 2  # the stall's; nothing else changed


async def test_a_restart_neither_forgets_nor_repeats_how_long_nothing_moved(database: Database) -> None:
    async with world(STANDING, rules=Rules(stall_seconds=60, remind_seconds=0)) as around:
        async with running(database, around) as before:
            await before.subscribe()
            await before.poll()
            await before.poll(30 * SECOND)
        async with running(database, around) as after:
            await after.poll(30 * SECOND)
            assert await after.kinds() == [STALLED]
        async with running(database, around) as later:
            for _ in range(6):
                await later.poll(MINUTE)
            assert await later.kinds() == [STALLED]


async def test_a_rule_that_is_new_at_a_start_judges_what_stands_still_already(database: Database) -> None:
    async with world(STANDING, rules=Rules(stall_seconds=0)) as around:
        async with running(database, around) as before:
            await before.subscribe()
            await before.poll()
        around.rules = RuleBook(Rules(stall_seconds=60))
        async with running(database, around) as after:
            async with database.write() as conn:
                await projects.judge_again(conn, now=around.clock())
            for _ in range(10):
                await after.poll(INTERVAL)
            assert await after.kinds() == [STALLED]


async def test_an_answer_that_stays_the_same_writes_no_more_than_its_times(sqlite_database: Database) -> None:
    async with rigged(sqlite_database, projects=STANDING) as bot:
        await bot.subscribe()
        await bot.poll()
        statements: list[str] = []
        engine = sqlite_database._writer.sync_engine

        def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
            statements.append(statement)

        sqlalchemy_event.listen(engine, "before_cursor_execute", note)
        await bot.poll(INTERVAL)
        sqlalchemy_event.remove(engine, "before_cursor_execute", note)
        assert not [one for one in statements if one.startswith("INSERT")]


async def test_the_countdown_of_a_pause_reaches_the_channel_and_in_the_end_mentions(
    database: Database,
) -> None:
    async with rigged(database, rules=Rules(remind_seconds=0)) as bot:
        await bot.follow(mention="<@U7>")
        bot.world.oms.pause(ALPHA.oms_id)
        await bot.poll(INTERVAL)
        await bot.tell()
        said = []
        for _ in range(13 * 4):
            await bot.poll(HOUR // 4)
            said += await bot.tell()

        texts = [one.text.split("\n")[0] for one in said if "still paused" in one.text]
        assert len(texts) == 5
        assert ["<@U7>" in text for text in texts] == [False, False, True, True, True]
        assert "12 h" in said[-1].text or "left" in said[-1].text


async def test_the_series_of_a_flapping_step_is_one_alert_with_a_count(database: Database) -> None:
    async with rigged(database, rules=Rules(flap_seconds=120)) as bot:
        await bot.follow()
        for _ in range(5):
            bot.world.oms.fail(ALPHA.oms_id, FULL, code="X-1", message="again")
            await bot.poll(INTERVAL)
            bot.world.oms.recover(ALPHA.oms_id)
            await bot.poll(INTERVAL)
        for _ in range(13):
            await bot.poll(INTERVAL)

        kinds = [kind for kind in await bot.kinds() if kind.startswith("step_")]
        assert kinds == [
            EventKind.STEP_FAILED,
            EventKind.STEP_RECOVERED,
            EventKind.STEP_FLAPPING,
            EventKind.STEP_STEADY,
        ]
        steady = (await bot.history())[-1].event
        assert steady.evidence.count == 5


async def test_figures_are_kept_as_samples_at_most_every_10_seconds(database: Database) -> None:
    async with rigged(database) as bot:
        await bot.subscribe()
        for _ in range(12):
            await bot.poll(INTERVAL // 2)
        project = await bot.stored()
        async with database.read() as conn:
            kept = await samples.load(conn, project.id, step=FULL)
    times = [one.at for one in kept]
    assert len(times) >= 3
    assert all(later - earlier >= 10 * SECOND for earlier, later in pairwise(times))
    assert [one.records for one in kept] == sorted(one.records or 0 for one in kept)
