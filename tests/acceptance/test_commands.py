"""What a person types after `/oms`, and what they and the channel then see."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from omsbot.sandbox.oms import SimulatedProject
from omsbot.sandbox.slack import ANA
from omsbot.sandbox.slack.people import LI_WEI
from tests.acceptance.stage import Stage, shown, staged
from tests.waiting import PATIENCE_S


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as playing:
        yield playing


async def test_steps_are_shown_to_the_one_who_asks(stage: Stage) -> None:
    seen = await stage.ask("steps np_running01")

    assert seen["to_user"] == ANA
    assert "np_running01" in seen["text"]
    assert "Full migration running" in shown(seen)
    assert not stage.slack.messages("migrations")


async def test_a_bare_id_or_a_link_of_the_console_asks_for_the_steps(stage: Stage) -> None:
    assert "np_failed01" in await stage.say("np_failed01")
    assert "np_failed01" in await stage.say("https://default.example:8089/np_failed01?tab=1&lang=en")


async def test_several_projects_are_answered_one_by_one_the_unknown_one_too(stage: Stage) -> None:
    result = await stage.slack.command("steps np_running01, np_none0001 and np_failed01")
    answers = [shown(await result.next_response(PATIENCE_S)) for _ in range(3)]

    assert "np_running01" in answers[0]
    assert "OMS does not know a project np_none0001" in answers[1]
    assert "Precheck FAILED" in answers[2]


async def test_when_oms_hangs_the_last_known_state_is_shown_with_the_problem(stage: Stage) -> None:
    await stage.say("subscribe np_running01")
    await stage.say("unsubscribe np_running01")
    stage.oms.break_with("hang", project="np_running01")

    result = await stage.slack.command("steps np_running01")
    assert result.acked
    assert result.responses == [], "nobody waits for OMS with the acknowledgement"
    said = shown(await result.next_response(PATIENCE_S))

    assert "OMS did not answer within 2.5 s" in said
    assert "Last known state" in said
    assert "Full migration" in said


async def test_an_answer_that_is_due_is_given_before_the_bot_stops(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        stage.oms.break_with("hang", project="np_running01")
        result = await stage.slack.command("steps np_running01")
        await stage.app.stop()

        assert "OMS did not answer" in shown(await result.next_response(PATIENCE_S))


async def test_following_a_project_puts_its_card_into_the_channel(stage: Stage) -> None:
    said = await stage.say("subscribe np_failed01 failures mention @oncall")

    assert "This channel now follows np_failed01" in said
    assert "failures and recoveries" in said
    assert "<!subteam^S0ONCALL01>" in said
    await stage.until_said("np_failed01")


async def test_following_again_changes_how(stage: Stage) -> None:
    await stage.say("follow np_failed01")

    assert "every change" in await stage.say("follow np_failed01 all mention me")
    listed = await stage.say("list")
    assert "all" in listed
    assert f"<@{ANA}>" in listed
    assert "follows 1 project" in listed


async def test_of_several_projects_to_follow_the_wrong_one_does_not_stop_the_others(stage: Stage) -> None:
    result = await stage.slack.command("subscribe np_running01 np_none0001 np_failed01")
    done, refused = [shown(await result.next_response(PATIENCE_S)) for _ in range(2)]

    assert "now follows np_running01" in done
    assert "now follows np_failed01" in done
    assert "OMS does not know a project np_none0001" in refused
    assert "follows 2 projects" in await stage.say("list")


async def test_a_channel_without_the_bot_is_told_to_invite_it(stage: Stage) -> None:
    for channel in ("random", "dba-private"):
        for command in ("subscribe np_running01", "test"):
            said = await stage.say(command, channel=channel)
            assert "I am not in this channel" in said
            assert "/invite @omsbot" in said

        assert "np_running01" in await stage.say("steps np_running01", channel=channel)

        stage.slack.invite(channel)
        assert "now follows" in await stage.say("subscribe np_running01", channel=channel)


async def test_an_archived_channel_takes_no_posts(stage: Stage) -> None:
    stage.slack.archive("general")

    assert "This channel is archived" in await stage.say("test", channel="general")


async def test_in_direct_messages_one_can_ask_but_not_follow(stage: Stage) -> None:
    direct = stage.slack.direct_messages()

    assert "Full migration running" in await stage.say("steps np_running01", channel=direct)
    assert "orders-to-ob" in await stage.say("projects", channel=direct)
    assert "/oms subscribe" in await stage.say("help", channel=direct)
    for command in ("subscribe np_running01", "unsubscribe np_running01", "mute 1h", "unmute", "test"):
        assert "not in direct messages" in await stage.say(command, channel=direct)


async def test_who_unfollows_a_project_is_named_to_the_channel(stage: Stage) -> None:
    await stage.say("subscribe np_running01")

    await stage.say("unsubscribe np_running01", user=LI_WEI)

    await stage.until_said(f"<@{LI_WEI}> stopped following np_running01")
    assert "does not follow np_running01" in await stage.say("unsubscribe np_running01")


async def test_who_mutes_and_unmutes_is_named_to_the_channel(stage: Stage) -> None:
    await stage.say("subscribe np_running01")

    await stage.say("mute np_running01 for 1h 30m", user=LI_WEI)
    await stage.until_said(f"<@{LI_WEI}> muted np_running01 until <!date^")
    assert "muted until" in await stage.say("list")

    await stage.say("unmute np_running01")
    await stage.until_said(f"<@{ANA}> unmuted np_running01.")
    assert "is not muted" in await stage.say("unmute np_running01")


async def test_a_whole_channel_can_be_muted(stage: Stage) -> None:
    assert "This channel follows nothing" in await stage.say("mute 2h")
    await stage.say("subscribe np_running01")

    await stage.say("mute 2h")
    await stage.until_said("muted everything in this channel until")
    await stage.say("unmute")
    await stage.until_said("unmuted everything in this channel")


async def test_of_several_to_mute_those_that_are_not_followed_are_told_to_the_one_who_asked(
    stage: Stage,
) -> None:
    await stage.say("subscribe np_running01")

    result = await stage.slack.command("mute np_running01 np_failed01 1h")
    done, refused = [await result.next_response(PATIENCE_S) for _ in range(2)]

    assert done["response_type"] == "in_channel"
    assert "muted np_running01" in shown(done)
    assert refused["response_type"] == "ephemeral"
    assert "does not follow np_failed01" in shown(refused)


async def test_history_tells_what_happened_and_why_what_became_of_it(stage: Stage) -> None:
    assert "Nothing is known of np_failed01" in await stage.say("history np_failed01")
    await stage.say("subscribe np_failed01")

    assert "Precheck" in await stage.say("history np_failed01")
    assert "it was open when this channel subscribed" in await stage.say("why np_failed01")


async def test_a_test_alert_is_posted_to_the_channel(stage: Stage) -> None:
    assert "The test alert was posted" in await stage.say("test")

    posted = await stage.until_said("TEST")
    assert f"<@{ANA}>" in posted["text"]


async def test_a_test_alert_that_slack_does_not_confirm_is_not_claimed_to_be_there(stage: Stage) -> None:
    stage.slack.fault("chat.postMessage", "500_before")

    assert "Slack did not confirm the test alert" in await stage.say("test")


async def test_a_test_alert_in_a_channel_that_just_removed_the_bot_asks_for_an_invitation(
    stage: Stage,
) -> None:
    await stage.say("test")
    stage.slack.fault("chat.postMessage", "error", error="not_in_channel")

    assert "/invite @omsbot" in await stage.say("test")


async def test_when_slack_does_not_say_what_a_channel_is_nothing_is_posted_there(stage: Stage) -> None:
    stage.slack.fault("conversations.info", "error", error="missing_scope", count=2)

    assert "missing_scope" in await stage.say("test")
    assert "Full migration" in await stage.say("steps np_running01")


async def test_help_on_one_command_shows_how_it_is_written(stage: Stage) -> None:
    said = await stage.say("help snooze")

    assert "/oms mute [[server:]np_xxx] 2h" in said
    assert "For example /oms mute np_xxx 2h" in said


async def test_mistakes_are_answered_privately_with_a_way_on(stage: Stage) -> None:
    answers = {
        "subscrbe np_running01": "Did you mean /oms subscribe np_running01?",
        "steps running0001": "Did you mean np_running0001?",
        "steps lab:np_running01": "There is no OMS server lab here.",
        "subscribe np_none0001": "OMS does not know a project np_none0001.",
        "subscribe np_running01 mention @nobody": "Slack did not recognise @nobody",
        "subscribe np_running01 mention @here": "Alerts never mention @here",
        "mute np_running01": "For how long?",
        "<!channel> `*x*`": "is not a command.",
    }
    for typed, said in answers.items():
        result = await stage.slack.command(typed)
        answer = await result.next_response(PATIENCE_S)
        assert said in shown(answer), typed
        assert answer["response_type"] == "ephemeral", typed
        assert "<!" not in shown(answer), typed
    assert not stage.slack.messages("migrations")


async def test_the_projects_of_oms_are_found_by_name(stage: Stage) -> None:
    assert "billing-to-ob" in await stage.say("projects “bill”")
    assert "No project" in await stage.say("projects nothing-like-it")


async def test_with_two_servers_a_link_finds_its_own(tmp_path: Path) -> None:
    async with staged(tmp_path, servers=("prod", "lab")) as stage:
        assert "np_running01 on lab" in await stage.say("steps https://lab.example:8089/np_running01")
        assert "Say which OMS server" in await stage.say("steps np_running01")
        assert "np_running01 on prod" in await stage.say("steps prod:np_running01")


async def test_lists_have_pages(tmp_path: Path) -> None:
    projects = [SimulatedProject(f"np_page{n:02}", "healthy", f"name {n:02}", offset=60) for n in range(12)]
    async with staged(tmp_path, projects=projects) as stage:
        for start in range(0, 12, 4):
            await stage.say("subscribe " + " ".join(p.id for p in projects[start : start + 4]))

        first = await stage.ask("list")
        assert "page 1 of 2" in shown(first)
        await stage.press(first, "list_next")
        second = await stage.after(first)
        assert second["ts"] == first["ts"]
        assert "page 2 of 2" in shown(second)

        found = await stage.ask("projects name")
        await stage.press(found, "projects_next")
        assert "page 2 of 2" in shown(await stage.after(found))
        assert "page 2 of 2" in await stage.say("projects name page 2")


async def test_a_channel_that_may_not_use_a_server_is_told_so(tmp_path: Path) -> None:
    async with staged(tmp_path, allowed=["general"]) as stage:
        assert "may not use the OMS server" in await stage.say("steps np_running01")
        assert "Full migration" in await stage.say("steps np_running01", channel="general")
