"""A deadline and the polls: told when the estimate passes it, and a report when all is done."""

from omsbot.db.engine.engine import Database
from omsbot.domain.events import EventKind
from omsbot.domain.forecast.deadline import read_deadline
from omsbot.domain.thresholds import Rules
from omsbot.sandbox.oms import SimulatedProject
from omsbot.services.requests.deadlines import Deadlines
from tests.builders import MINUTE
from tests.integration.services.rig import ALPHA, CHANNEL, INTERVAL, Bot, rigged

OFF = Rules(stall_seconds=0, slow_ratio=0, remind_seconds=0)
STEADY = (SimulatedProject(ALPHA.oms_id, "steady", "alpha", 600),)
WHOLE = (SimulatedProject(ALPHA.oms_id, "full_only", "alpha", 0),)


async def deadline(bot: Bot, text: str) -> None:
    await Deadlines(bot.database, bot.access, wake=lambda: None).set(
        channel_id=CHANNEL, ref=ALPHA, wanted=read_deadline(text), actor="U1", now=bot.clock()
    )


async def test_an_estimate_past_the_deadline_is_told_and_so_is_that_it_is_in_time_again(
    database: Database,
) -> None:
    async with rigged(database, projects=STEADY, rules=OFF) as bot:
        await bot.subscribe()
        for _ in range(12):
            await bot.poll(MINUTE)
        await deadline(bot, "in 10m")
        await bot.poll(INTERVAL)
        assert await bot.kinds() == [EventKind.PROJECT_OVERDUE]

        await deadline(bot, "in 20h")
        await bot.poll(INTERVAL)
        assert await bot.kinds() == [EventKind.PROJECT_OVERDUE, EventKind.PROJECT_IN_TIME]


async def test_a_completed_project_is_told_with_its_report(database: Database) -> None:
    async with rigged(database, projects=WHOLE, rules=OFF) as bot:
        await bot.follow()
        said = []
        for _ in range(12):
            await bot.poll(INTERVAL)
            said += await bot.tell()
        (done,) = [one for one in said if "Project completed" in one.text]
        assert "Full migration: 48 s" in done.text
        assert "rows/s" in done.text
        assert "Failures: none" in done.text.replace("*", "")
