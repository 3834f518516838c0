"""Whether a project is ready for its switchover, from OMS's answer and the samples of its lag."""

from collections.abc import AsyncIterator

import pytest

from omsbot.db.engine.engine import Database
from omsbot.db.stores import samples
from omsbot.domain.project.samples import Sample
from omsbot.domain.reports.readiness import Check
from omsbot.sandbox.oms import SimulatedProject
from omsbot.services.refusal import Refusal
from omsbot.services.requests.readiness import Judge, Judged
from tests.builders import MINUTE, SECOND
from tests.integration.services.rig import ALPHA, BETA, CHANNEL, Bot, rigged

INCREMENTAL = "INCR_TRANSFER"
SYNCED = SimulatedProject(ALPHA.oms_id, "synced", "orders", offset=600)


@pytest.fixture
async def bot(sqlite_database: Database) -> AsyncIterator[Bot]:
    async with rigged(sqlite_database, projects=(SYNCED,)) as one:
        yield one


async def judge(bot: Bot) -> Judged:
    return await Judge(bot.database, bot.queries).judge(channel_id=CHANNEL, ref=ALPHA, now=bot.clock())


async def lags(bot: Bot, *, minutes: int, lag_s: int = 2) -> None:
    """Samples of a lag, one a minute until now."""
    project = await bot.stored()
    taken = [Sample(INCREMENTAL, bot.clock() - n * MINUTE, lag_s=lag_s) for n in range(minutes + 1)]
    async with bot.database.write() as conn:
        await samples.add(conn, project.id, taken)


def lag(judged: Judged) -> Check:
    assert judged.readiness is not None
    return next(check for check in judged.readiness.checks if check.name == "Lag")


async def test_a_lag_that_was_low_for_a_while_counts(database: Database) -> None:
    async with rigged(database, projects=(SYNCED,)) as bot:
        await bot.subscribe()
        await lags(bot, minutes=7)
        found = lag(await judge(bot))
        assert (found.ok, found.since_at) == (True, bot.clock() - 7 * MINUTE)


async def test_a_lag_that_fell_just_now_has_to_prove_itself(bot: Bot) -> None:
    await bot.subscribe()
    await lags(bot, minutes=2)
    assert lag(await judge(bot)).ok is False


async def test_of_a_project_that_nobody_follows_it_is_not_known_for_how_long_its_lag_is_low(bot: Bot) -> None:
    found = lag(await judge(bot))
    assert found.ok is False
    assert "follow the project" in found.says


async def test_when_oms_does_not_answer_the_last_known_state_is_judged_as_of_then(bot: Bot) -> None:
    await bot.subscribe()
    await lags(bot, minutes=7)
    seen_at = bot.clock()
    await bot.world.oms.stop()
    bot.clock.forward(60 * MINUTE)

    judged = await judge(bot)

    assert judged.view.problem
    assert judged.view.snapshot is not None
    assert judged.view.snapshot.observed_at == pytest.approx(seen_at, abs=SECOND)
    assert lag(judged).ok is True


async def test_a_project_that_oms_does_not_know_is_refused(bot: Bot) -> None:
    with pytest.raises(Refusal, match="does not know"):
        await Judge(bot.database, bot.queries).judge(channel_id=CHANNEL, ref=BETA, now=bot.clock())
