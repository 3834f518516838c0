"""Charts as people see them: asked for, and under the card of a project that is complete."""

import struct
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from omsbot.db.stores import events, outbox, projects, samples, subscriptions
from omsbot.domain.events import Event, EventKind
from omsbot.domain.notify.delivery import DeliveryState, Reason
from omsbot.domain.notify.routing import Routed
from omsbot.domain.project.project import ProjectRef
from omsbot.domain.project.samples import Sample
from omsbot.domain.project.subject import Project
from omsbot.sandbox.slack import ANA
from tests.acceptance.stage import RUNNING, Stage, shown, staged
from tests.waiting import PATIENCE_S

REF = ProjectRef("default", RUNNING.id)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path, projects=[RUNNING]) as playing:
        yield playing


async def followed(stage: Stage) -> str:
    """Follow the project; returns its card's ts, once it is there."""
    await stage.say(f"subscribe {REF}")
    card = await stage.until_said("np_running01")
    return str(card["ts"])


async def sampled(stage: Stage) -> int:
    """An hour of a copy, as polls would have left it; returns the project's id."""
    now = int(time.time() * 1000)
    taken = [Sample("FULL_TRANSFER", now - n * 60_000, 60 - n, (60 - n) * 500_000) for n in range(60)]
    async with stage.app._database.write() as conn:
        project = await projects.find(conn, REF)
        assert project is not None
        await samples.add(conn, project.id, taken)
        return project.id


async def completed(stage: Stage, project_id: int) -> None:
    """The channel was told just now that the project is complete."""
    now = int(time.time() * 1000)
    subject = Project(project_id)
    async with stage.app._database.write() as conn:
        (one,) = await subscriptions.followers(conn, subject)
        event = Event(EventKind.PROJECT_COMPLETED, now)
        number = await events.add(conn, subject, event, version=10_000, ordinal=0, condition_id=None)
        told = Routed(one.id, DeliveryState.TOLD, Reason.NEWS, now)
        await outbox.add_deliveries(conn, number, [told])


async def picture(stage: Stage) -> dict[str, Any]:
    """The first message with a file, once it is there."""

    def found() -> dict[str, Any] | None:
        return next((one for one in stage.slack.messages("migrations") if one.get("files")), None)

    message: dict[str, Any] = await stage.slack.wait_for(found, timeout=PATIENCE_S)
    return message


async def test_a_chart_is_posted_where_it_was_asked_for_with_the_name_of_who_asked(stage: Stage) -> None:
    await followed(stage)
    await sampled(stage)
    result = await stage.slack.command(f"chart {REF}")
    assert result.acked
    message = await picture(stage)
    assert not message["is_reply"]
    assert f"for <@{ANA}>." in message["text"]
    (file,) = message["files"]
    assert file["title"] == "Chart of np_running01"
    assert "Full migration went from 1 % to " in file["alt_txt"]
    async with aiohttp.ClientSession() as session, session.get(file["url_private"]) as answer:
        png = await answer.read()
    assert png.startswith(b"\x89PNG")
    assert struct.unpack(">I", png[16:20]) == (1_080,)


async def test_before_there_is_anything_to_draw_the_one_who_asks_is_told_why(stage: Stage) -> None:
    assert "nothing to draw yet: nobody follows" in await stage.say(f"chart {REF}")
    assert stage.slack.messages("migrations") == []


async def test_without_the_scope_the_answer_says_which_one_to_add(stage: Stage) -> None:
    await followed(stage)
    await sampled(stage)
    installation = stage.slack.workspace.installation
    lacking = tuple(scope for scope in installation.scopes if scope != "files:write")
    stage.slack.workspace.installation = replace(installation, scopes=lacking)
    said = await stage.say(f"chart {REF}")
    assert "lacks the scope" in said
    assert "files:write" in said


async def test_in_a_channel_that_the_bot_is_not_in_it_asks_for_an_invitation(stage: Stage) -> None:
    stage.slack.kick("migrations")
    assert "/invite @omsbot" in await stage.say(f"chart {REF}")


async def test_an_upload_that_slack_does_not_confirm_is_not_repeated(stage: Stage) -> None:
    await followed(stage)
    await sampled(stage)
    stage.slack.fault("files.completeUploadExternal", "reset_after")
    assert "it may be here all the same" in await stage.say(f"chart {REF}")
    assert len([one for one in stage.slack.messages("migrations") if one.get("files")]) == 1


async def test_the_chart_of_a_completed_project_stands_under_its_card(stage: Stage) -> None:
    card = await followed(stage)
    await completed(stage, await sampled(stage))
    message = await picture(stage)
    assert message["thread_ts"] == card
    assert message["text"].startswith("Chart of ")
    assert "<@" not in shown(message)
