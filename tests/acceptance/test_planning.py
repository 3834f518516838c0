"""Planning a switchover from Slack: the deadline of a project, and whether it is ready."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from omsbot.sandbox.oms import SimulatedProject
from omsbot.sandbox.slack import ANA
from omsbot.sandbox.slack.people import LI_WEI
from tests.acceptance.stage import RUNNING, Stage, shown, staged
from tests.waiting import PATIENCE_S

SYNCED = SimulatedProject("np_synced01", "healthy", "ledger-to-ob", offset=515)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path, projects=(RUNNING, SYNCED)) as playing:
        yield playing


async def test_a_deadline_is_set_for_all_shown_to_one_and_removed(stage: Stage) -> None:
    await stage.say("subscribe np_running01")

    await stage.say("deadline np_running01 02:00 Europe/Berlin", user=LI_WEI)
    told = await stage.until_said(f"<@{LI_WEI}> set the deadline of np_running01")
    assert "<!date^" in told["text"]
    assert "Europe/Berlin time" in told["text"]

    seen = await stage.ask("deadline np_running01")
    assert seen["to_user"] == ANA
    assert f"set by <@{LI_WEI}>" in seen["text"]

    await stage.say("deadline np_running01 off")
    await stage.until_said(f"<@{ANA}> removed the deadline of np_running01")
    assert "np_running01 has no deadline" in await stage.say("deadline np_running01")


async def test_a_deadline_without_a_time_zone_says_by_which_it_was_read(stage: Stage) -> None:
    await stage.say("subscribe np_running01")
    await stage.say("deadline np_running01 tomorrow 02:00")
    await stage.until_said("UTC time; no time zone was given")


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("deadline np_running01 in 6h", "does not follow np_running01"),
        ("deadline np_running01 soon", "That is not a deadline"),
        ("deadline np_running01 2020-01-01 02:00", "does not follow"),
    ],
)
async def test_a_deadline_that_cannot_be_set_is_explained_to_the_one_who_asked(
    stage: Stage, command: str, why: str
) -> None:
    assert why in await stage.say(command)
    assert not stage.slack.messages("migrations")


async def test_ready_names_what_hinders_and_never_claims_that_the_data_is_right(stage: Stage) -> None:
    seen = await stage.ask("ready np_running01", user=LI_WEI)

    assert seen["to_user"] == LI_WEI
    assert "Not ready for switchover" in shown(seen)
    assert "Full copy: Full migration is running" in seen["text"]
    assert "Only verification and your own checks can confirm that the data is correct" in shown(seen)
    assert not stage.slack.messages("migrations")


async def test_ready_is_judged_anew_and_posted_by_its_buttons(stage: Stage) -> None:
    seen = await stage.ask("ready np_running01")
    stage.oms.jump("np_running01", step="FULL_VERIFIER")

    await stage.press(seen, "refresh_ready")
    again = await stage.after(seen)
    assert "Full copy: done" in again["text"]
    assert "Full verification is running" in again["text"]

    await stage.press(again, "post_ready", user=LI_WEI)
    posted = await stage.until_said(f"Posted by <@{LI_WEI}>")
    assert "Not ready for switchover" in shown(posted)


async def test_of_a_lag_that_nobody_watched_it_is_not_known_for_how_long_it_was_low(stage: Stage) -> None:
    text = (await stage.ask("ready np_synced01"))["text"]

    assert "Incremental synchronization: caught up" in text
    assert "Switchover: action needed in OMS" in text
    assert "for how long is unknown" in text


async def test_when_oms_hangs_readiness_is_told_as_it_was(stage: Stage) -> None:
    await stage.say("subscribe np_synced01")
    await stage.until_said("np_synced01")
    stage.oms.break_with("hang", project="np_synced01")

    result = await stage.slack.command("ready np_synced01")
    said = shown(await result.next_response(PATIENCE_S))

    assert "OMS did not answer within 2.5 s" in said
    assert "Last known state" in said
    assert "Was not ready for switchover" in said
