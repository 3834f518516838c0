"""What a channel is told of a project, from the change in OMS to the message in Slack."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from omsbot.sandbox.oms import SimulatedProject
from tests.acceptance.stage import Stage, shown, staged
from tests.waiting import PATIENCE_S


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as playing:
        yield playing


LABELS = {
    "STRUCT_TRANSFER": "Schema migration",
    "FULL_TRANSFER": "Full migration",
    "FULL_VERIFIER": "Full verification",
}
FAILURE = "Full migration FAILED · orders-to-ob (np_running01 on default)"


def telling(stage: Stage, text: str, *, channel: str = "migrations") -> list[dict[str, Any]]:
    """The messages of a channel whose text holds this one."""
    return [message for message in stage.slack.messages(channel) if text in message["text"]]


async def card(stage: Stage, ref: str, *, channel: str = "migrations") -> dict[str, Any]:
    """The card of a project: the first message about it that is no reply."""

    def found() -> dict[str, Any] | None:
        return next(
            (m for m in stage.slack.messages(channel) if ref in m["text"] and not m["is_reply"]), None
        )

    message: dict[str, Any] = await stage.slack.wait_for(found, timeout=PATIENCE_S)
    return message


async def followed(stage: Stage, ref: str = "np_running01", how: str = "") -> dict[str, Any]:
    """Follow a project; returns its card."""
    await stage.say(f"subscribe {ref} {how}")
    return await card(stage, ref)


async def test_a_failure_and_its_recovery_are_each_told_once_in_the_thread_and_the_channel(
    stage: Stage,
) -> None:
    root = await followed(stage)

    stage.oms.fail("np_running01", step="FULL_TRANSFER", code="CONNECTOR-X1", message="disk is full")
    alert = await stage.until_said(FAILURE)
    stage.oms.recover("np_running01")
    recovery = await stage.until_said("Full migration recovered")

    assert alert["thread_ts"] == recovery["thread_ts"] == root["ts"]
    assert alert["subtype"] == recovery["subtype"] == "thread_broadcast"
    assert "CONNECTOR-X1" in shown(alert)
    assert "disk is full" in shown(alert)
    assert len(telling(stage, FAILURE)) == 1
    assert len(telling(stage, "Full migration recovered")) == 1


async def test_the_card_is_edited_when_the_project_fails(stage: Stage) -> None:
    root = await followed(stage)
    stage.oms.fail("np_running01", step="FULL_TRANSFER")

    def edited() -> bool:
        return any(
            message["ts"] == root["ts"] and "FAILED" in message["text"] and "edited" in message
            for message in stage.slack.messages("migrations")
        )

    await stage.slack.wait_for(edited, timeout=PATIENCE_S)


async def test_a_project_that_failed_before_it_was_followed_is_told_as_already_failing(stage: Stage) -> None:
    await followed(stage, "np_failed01")

    await stage.until_said("Precheck is already FAILED · billing-to-ob (np_failed01 on default)")
    assert len(telling(stage, "is already FAILED")) == 1


async def test_each_channel_is_told_and_oms_is_asked_once_for_both(stage: Stage) -> None:
    await followed(stage)
    await stage.say("subscribe np_running01", channel="general")
    stage.oms.fail("np_running01", step="FULL_TRANSFER")

    await stage.until_said(FAILURE)
    await stage.until_said(FAILURE, channel="general")


async def test_a_channel_that_wants_failures_alone_hears_of_nothing_else(stage: Stage) -> None:
    root = await followed(stage, how="failures")

    stage.oms.pause("np_running01")
    await stage.until_answered("history np_running01", "paused")
    stage.oms.resume("np_running01")
    await stage.until_answered("history np_running01", "resumed")
    stage.oms.fail("np_running01", step="FULL_TRANSFER")
    await stage.until_said(FAILURE)

    # the card alone may still show the pause: it is edited after the alert
    assert [one["ts"] for one in telling(stage, "Full migration paused")] in ([], [root["ts"]])
    assert "level" in await stage.say("why np_running01")


async def test_the_one_who_is_to_be_mentioned_is_mentioned_in_a_failure_alone(stage: Stage) -> None:
    await followed(stage, how="mention me")
    stage.oms.pause("np_running01")
    paused = await stage.until_said("Full migration paused")
    stage.oms.resume("np_running01")
    await stage.until_said("resumed")
    stage.oms.fail("np_running01", step="FULL_TRANSFER")
    alert = await stage.until_said(FAILURE)

    assert "<@U" in shown(alert) or "user_id" in str(alert["blocks"])
    assert "<@U" not in paused["text"]


async def test_what_a_silence_held_back_is_told_at_its_end_if_it_still_holds(stage: Stage) -> None:
    await followed(stage)
    await stage.say("mute np_running01 1h")
    stage.oms.fail("np_running01", step="FULL_TRANSFER")
    await stage.until_answered("history np_running01", "FAILED")
    assert not telling(stage, FAILURE)

    await stage.say("unmute np_running01")

    await stage.until_said(FAILURE)
    assert len(telling(stage, FAILURE)) == 1


async def test_what_began_and_ended_in_a_silence_is_counted_not_told(stage: Stage) -> None:
    await followed(stage)
    await stage.say("mute np_running01 1h")
    stage.oms.fail("np_running01", step="FULL_TRANSFER")
    await stage.until_answered("history np_running01", "FAILED")
    stage.oms.recover("np_running01")
    await stage.until_answered("history np_running01", "recovered")

    await stage.say("unmute np_running01")

    said = await stage.until_said("failed, 1 recovered")
    assert not telling(stage, FAILURE)
    assert "while muted" in said["text"]


async def test_in_quiet_hours_nothing_is_told_until_they_are_ended(stage: Stage) -> None:
    await followed(stage)
    hour = datetime.now(UTC).hour
    await stage.say(f"quiet {(hour - 1) % 24:02}:00-{(hour + 2) % 24:02}:00 UTC")
    await stage.until_said("set quiet hours here")
    stage.oms.fail("np_running01", step="FULL_TRANSFER")
    await stage.until_answered("history np_running01", "FAILED")
    assert not telling(stage, FAILURE)

    await stage.say("quiet off")

    await stage.until_said(FAILURE)
    assert len(telling(stage, FAILURE)) == 1


async def test_nothing_is_told_after_unsubscribe_and_the_card_says_so(stage: Stage) -> None:
    root = await followed(stage)
    await stage.say("unsubscribe np_running01")
    stage.oms.fail("np_running01", step="FULL_TRANSFER")

    def retired() -> bool:
        return any(
            message["ts"] == root["ts"] and "does not follow" in message["text"]
            for message in stage.slack.messages("migrations")
        )

    await stage.slack.wait_for(retired, timeout=PATIENCE_S)
    assert not telling(stage, FAILURE)


async def test_a_card_that_a_person_deleted_is_posted_anew(stage: Stage) -> None:
    root = await followed(stage)
    stage.slack.delete_message("migrations", root["ts"])
    stage.oms.fail("np_running01", step="FULL_TRANSFER")

    await stage.until_said(FAILURE)
    fresh = await card(stage, "np_running01")
    assert fresh["ts"] != root["ts"]


async def test_an_outage_of_oms_is_told_once_a_channel_and_so_is_its_end(stage: Stage) -> None:
    await followed(stage)
    await followed(stage, "np_failed01")
    stage.oms.break_with("503")
    await stage.until_said("is not responding")

    stage.oms.break_with("none")
    await stage.until_said("is responding again")

    assert len(telling(stage, "is not responding")) == 1


async def test_a_rejected_login_is_told_at_once(stage: Stage) -> None:
    await followed(stage)
    stage.oms.break_with("401")

    said = await stage.until_said("rejects the bot's login")

    assert "OMSBOT_OMS_PASSWORD" in shown(said)
    assert len(telling(stage, "rejects the bot's login")) == 1


@pytest.mark.parametrize("kind", ["500_after", "reset_after"])
async def test_an_alert_that_slack_took_but_did_not_confirm_is_there_once(stage: Stage, kind: str) -> None:
    await followed(stage)
    stage.slack.fault("chat.postMessage", kind, hang=10, commit=True)
    stage.oms.fail("np_running01", step="FULL_TRANSFER")
    await stage.until_said(FAILURE)
    stage.oms.recover("np_running01")

    await stage.until_said("recovered", patience_s=90)

    assert len(telling(stage, FAILURE)) == 1


@pytest.mark.parametrize("kind", ["500_before"])
async def test_an_alert_of_unknown_fate_that_is_not_there_is_sent_again_and_says_so(
    stage: Stage, kind: str
) -> None:
    await followed(stage)
    stage.slack.fault("chat.postMessage", kind)
    stage.oms.fail("np_running01", step="FULL_TRANSFER")

    said = await stage.until_said(FAILURE, patience_s=90)

    assert "Sent again" in shown(said)
    assert len(telling(stage, FAILURE)) == 1


async def test_an_alert_that_slack_refuses_for_its_rate_comes_once_after_the_pause(stage: Stage) -> None:
    await followed(stage)
    stage.slack.fault("chat.postMessage", "429", retry_after=2)
    stage.oms.fail("np_running01", step="FULL_TRANSFER")

    await stage.until_said(FAILURE)

    assert len(telling(stage, FAILURE)) == 1


async def test_an_alert_whose_blocks_slack_refuses_comes_as_plain_text(stage: Stage) -> None:
    await followed(stage)
    stage.slack.fault("chat.postMessage", "error", error="invalid_blocks")
    stage.oms.fail("np_running01", step="FULL_TRANSFER")

    said = await stage.until_said(FAILURE)

    assert not [block for block in said.get("blocks", []) if block["type"] == "actions"]


async def test_a_whole_migration_is_told_to_its_end(tmp_path: Path) -> None:
    project = SimulatedProject("np_whole01", "full_only", "whole-to-ob", offset=0)
    async with staged(tmp_path, projects=[project]) as stage:
        await followed(stage, "np_whole01")
        for name in ("STRUCT_TRANSFER", "FULL_TRANSFER", "FULL_VERIFIER"):
            stage.oms.jump("np_whole01", step=name)
            await stage.until_answered("history np_whole01", f"{LABELS[name]} started")
        stage.oms.jump("np_whole01", to=100)

        done = await stage.until_said("Project completed")

        assert done["subtype"] == "thread_broadcast"
        for label in LABELS.values():
            finished = [one for one in telling(stage, f"{label} finished") if one["is_reply"]]
            assert len(finished) == 1
