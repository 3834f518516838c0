"""The bot is invited, removed, and a channel is archived or renamed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.acceptance.stage import Stage, staged
from tests.waiting import PATIENCE_S


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as playing:
        yield playing


async def test_a_channel_that_removed_the_bot_is_paused_and_goes_on_when_it_is_invited_again(
    stage: Stage,
) -> None:
    await stage.say("subscribe np_running01")
    await stage.until_said("np_running01")

    stage.slack.kick("migrations")
    await stage.until_answered("list", "paused: not_in_channel")
    stage.oms.fail("np_running01", step="FULL_TRANSFER")
    stage.slack.invite("migrations")

    await stage.until_said("Full migration FAILED")
    assert "paused" not in await stage.say("list")


async def test_an_archived_channel_is_paused(stage: Stage) -> None:
    await stage.say("subscribe np_running01")

    stage.slack.archive("migrations")

    await stage.until_answered("list", "paused: is_archived")


async def test_a_revoked_token_is_logged_and_the_bot_stays_up(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.slack.revoke()

    await stage.slack.wait_for(lambda: "revoked the bot's token" in caplog.text, timeout=PATIENCE_S)
    stage.slack.revoke("")
    assert "Full migration" in await stage.say("steps np_running01")
