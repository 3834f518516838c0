"""The controls of the OMS simulator: what people do to its projects."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from omsbot.sandbox.scenarios.controls import ControlError
from tests.integration.sandbox.oms_rig import Rig


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with Rig() as rig:
        yield rig


async def test_controls_over_http_change_what_is_answered(rig: Rig) -> None:
    rig.clock.at += 50
    project = "projects/np_healthy"
    failed = await rig.control(
        project, action="fail", code="CONNECTOR-X", message="it broke", proposal="mend it"
    )
    assert failed.json()["status"] == "FAILED"
    step = await rig.step("np_healthy", "FULL_TRANSFER")
    assert step["extraInfo"]["errorDetails"][0]["proposal"] == "mend it"
    assert (await rig.control(project, action="recover")).json()["status"] == "RUNNING"
    assert (await rig.control(project, action="pause")).json()["status"] == "SUSPEND"
    assert (await rig.control(project, action="resume")).json()["status"] == "RUNNING"
    assert (await rig.control(project, action="jump", seconds=200)).json()["elapsed"] == 250
    assert (await rig.control(project, action="jump", step="FULL_VERIFIER")).json()["elapsed"] == 300
    done = await rig.control(project, action="finish_step")
    assert done.json()["elapsed"] == 390
    assert (await rig.control(project, action="slow", factor=0.5)).json()["pace"] == 0.5
    await rig.control(project, action="lag", seconds=400)
    info = (await rig.step("np_healthy", "INCR_TRANSFER"))["stepInfo"]
    assert info["checkpointSampleTimestamp"] - info["incrTimestampCheckpoint"] == 401
    await rig.control(project, action="set", step="FULL_TRANSFER", fields={"status": "ODD", "progress": None})
    assert (await rig.step("np_healthy", "FULL_TRANSFER"))["status"] == "ODD"
    await rig.control(project, action="set", step="FULL_TRANSFER", fields=None)
    assert (await rig.step("np_healthy", "FULL_TRANSFER"))["status"] == "FINISHED"
    assert (await rig.control(project, action="release")).json()["status"] == "RELEASED"


async def test_projects_are_added_and_removed_over_http(rig: Rig) -> None:
    added = await rig.control("projects", id="np_new", scenario="full_only", name="new", offset=30)
    assert (added.status_code, added.json()["elapsed"]) == (201, 30)
    listed = (await rig.http.get(f"{rig.oms.url}/control/projects")).json()
    assert {"np_new", "np_healthy"} <= {project["id"] for project in listed}
    await rig.control("projects/np_new", action="remove")
    assert (await rig.envelope("DescribeProjectSteps", id="np_new"))["success"] is False
    assert "healthy" in (await rig.http.get(f"{rig.oms.url}/control/scenarios")).json()


MISTAKES: list[tuple[str, dict[str, Any], int, str]] = [
    ("projects/np_nobody", {"action": "pause"}, 404, "no project np_nobody"),
    ("projects/np_healthy", {"action": "explode"}, 409, "one of jump"),
    ("projects/np_healthy", {"action": "jump"}, 409, "exactly one"),
    ("projects/np_healthy", {"action": "jump", "seconds": "9"}, 409, "wrong type"),
    ("projects/np_healthy", {"action": "recover"}, 409, "no step is FAILED"),
    ("projects/np_healthy", {"action": "resume"}, 409, "no step is SUSPEND"),
    ("projects/np_healthy", {"action": "pause", "for": 3}, 409, "unknown: for"),
    ("projects/np_healthy", {"action": "fail", "step": "ODD"}, 409, "never comes to"),
    ("projects/np_healthy", {"action": "lag"}, 409, "missing: seconds"),
    ("projects", {"id": "np_a", "scenario": "odd", "name": "a"}, 409, "no scenario odd"),
    ("faults", {"mode": "earthquake"}, 409, "no fault earthquake"),
    ("faults", {"mode": "hang", "count": 0}, 409, "at least 1"),
]


@pytest.mark.parametrize(
    ("path", "body", "status", "text"), MISTAKES, ids=[f"{path} {body}" for path, body, _, _ in MISTAKES]
)
async def test_a_mistaken_control_is_told(
    rig: Rig, path: str, body: dict[str, Any], status: int, text: str
) -> None:
    response = await rig.control(path, **body)
    assert response.status_code == status
    assert text in response.json()["error"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]"], ids=repr)
async def test_a_control_that_is_no_object_is_told(rig: Rig, body: bytes) -> None:
    response = await rig.http.post(f"{rig.oms.url}/control/projects/np_healthy", content=body)
    assert response.status_code == 409


async def test_a_project_cannot_be_held_twice_or_finished_while_held(rig: Rig) -> None:
    rig.clock.at += 50
    rig.oms.pause("np_healthy")
    with pytest.raises(ControlError, match="paused already"):
        rig.oms.pause("np_healthy")
    with pytest.raises(ControlError, match="resume it first"):
        rig.oms.finish_step("np_healthy")
    rig.oms.resume("np_healthy")
    rig.oms.fail("np_healthy")
    with pytest.raises(ControlError, match="failed already"):
        rig.oms.fail("np_healthy")


async def test_a_given_answer_is_sent_byte_for_byte_even_for_an_unknown_project(rig: Rig) -> None:
    odd = b'\xef\xbb\xbf{"success": true, "data": []}\n\xff'
    rig.oms.set_answer("np_mine", odd)
    assert (await rig.call("DescribeProjectSteps", id="np_mine")).content == odd
    rig.oms.set_answer("np_mine", None)
    assert (await rig.envelope("DescribeProjectSteps", id="np_mine"))["success"] is False
    await rig.control("projects/np_mine", action="answer", body="nonsense")
    assert (await rig.call("DescribeProjectSteps", id="np_mine")).text == "nonsense"
