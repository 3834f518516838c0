"""The OMS simulator's API over real HTTP, at chosen simulated moments."""

import json
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from omsbot.sandbox.oms import (
    DEMO_PASSWORD,
    DEMO_USER,
    OmsSimulator,
    SimulatedProject,
    demo_projects,
    many,
)
from omsbot.sandbox.scenarios import SCENARIOS
from omsbot.sandbox.scenarios.controls import ControlError
from tests.integration.sandbox.oms_rig import START, HandClock, Rig

ENVELOPE = ["success", "errorDetail", "code", "message", "advice", "requestId"]
ENVELOPE += ["pageNumber", "pageSize", "totalCount", "cost", "data"]
STEP = [
    "order",
    "name",
    "description",
    "status",
    "extraInfo",
    "startTime",
    "finishTime",
    "progress",
    "stepInfo",
]
EXTRA = ["errorDetails", "errorCode", "errorMsg", "errorParam", "failedTime"]
COPY = ["processedRecords", "capacity", "srcRps", "srcRt", "srcIops", "dstRps", "dstRt", "dstIops"]
COPY += ["srcRpsRef", "srcRtRef", "dstRpsRef", "dstRtRef", "srcIopsRef"]
DETAIL = {
    "code",
    "level",
    "message",
    "reason",
    "proposal",
    "extraContext",
    "messageMcmsKey",
    "messageMcmsContext",
}


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with Rig() as rig:
        yield rig


async def test_an_answer_has_the_documented_fields_in_the_documented_order(rig: Rig) -> None:
    rig.clock.at += 100
    answer = await rig.envelope("DescribeProjectSteps", id="np_healthy")
    assert list(answer) == ENVELOPE
    assert answer["success"] is True
    for step in answer["data"]:
        assert list(step) == STEP
        assert list(step["extraInfo"]) == EXTRA
    infos = {step["name"]: step["stepInfo"] for step in answer["data"]}
    assert list(infos["FULL_TRANSFER"]) == COPY
    assert list(infos["FULL_VERIFIER"]) == COPY
    assert set(infos["FULL_VERIFIER"].values()) == {None}
    assert list(infos["INCR_TRANSFER"]) == [
        "incrTimestampCheckpoint",
        "checkpointSampleTimestamp",
        "enableIncrStatistics",
    ]
    assert infos["TRANSFER_APP_SWITCH"] == {"checkpointSampleTimestamp": None}
    assert infos["REVERSE_INCR_TRANSFER"] is None
    assert infos["FULL_TRANSFER"]["processedRecords"] == 390_000


async def test_a_failed_step_carries_its_error_and_keeps_the_time_when_recovered(rig: Rig) -> None:
    rig.clock.at += 120
    step = await rig.step("np_fails_full", "FULL_TRANSFER")
    extra = step["extraInfo"]
    assert step["status"] == "FAILED"
    assert extra["errorCode"] == "CONNECTOR-JDBCSINK000021"
    assert "ob_shop#cluster1" in extra["errorMsg"]
    assert extra["errorParam"]["retries"] == "32"
    assert extra["failedTime"] == "2027-01-15T08:01:40"
    [detail] = extra["errorDetails"]
    assert detail.keys() >= DETAIL
    assert "{tenant}" in detail["message"]
    rig.clock.at += 30
    recovered = await rig.step("np_fails_full", "FULL_TRANSFER")
    assert recovered["status"] == "RUNNING"
    assert recovered["extraInfo"] == {**dict.fromkeys(EXTRA), "failedTime": "2027-01-15T08:01:40"}


async def test_the_cloud_edition_answers_in_its_own_habits(rig: Rig) -> None:
    rig.clock.at += 380
    answer = await rig.envelope("DescribeProjectSteps", id="np_cloud")
    assert answer["Success"] == "true"
    assert answer["Code"].endswith("\n")
    steps = {step["name"]: step for step in answer["Data"]}
    assert [step["order"] for step in answer["Data"]][:4] == ["1", "2", "3", "5"]
    info = json.loads(steps["FULL_VALIDATION"]["stepInfo"])
    assert isinstance(info["processedRecords"], str)
    assert (info["inconsistencies"], info["skipped"]) == (0, False)
    assert info["connectorFullProgressOverview"]["estimatedTotalCount"] == 1_400_000


async def test_the_chinese_project_speaks_chinese(rig: Rig) -> None:
    rig.clock.at += 100
    step = await rig.step("np_chinese", "FULL_TRANSFER")
    assert step["description"] == "全量迁移"
    assert len(step["extraInfo"]["errorMsg"]) > 2000


REFUSED: list[tuple[str, dict[str, Any], str | None, str]] = [
    ("Reboot", {}, None, "Unsupported action: Reboot"),
    ("DescribeProjectSteps", {"id": "np_nobody"}, "GHANA-PROJECT000001", "GHANA-PROJECT000001"),
    ("DescribeProjectSteps", {}, "PARAM_ERROR", "id"),
    ("DescribeProjectSteps", {"id": 7}, "PARAM_ERROR", "id"),
    ("ListProjects", {"pageSize": 151}, "PARAM_ERROR", "pageSize"),
    ("ListProjects", {"pageNumber": 0}, "PARAM_ERROR", "pageNumber"),
    ("ListProjects", {"status": "RUNNING"}, "PARAM_ERROR", "status"),
    ("ListProjects", {"type": "ODD"}, "PARAM_ERROR", "type"),
    ("DescribeProject", {"id": "np_nobody"}, "GHANA-PROJECT000001", "np_nobody"),
]


@pytest.mark.parametrize(
    ("action", "body", "code", "text"), REFUSED, ids=[f"{action} {body}" for action, body, _, _ in REFUSED]
)
async def test_a_refused_call_is_200_with_success_false(
    rig: Rig, action: str, body: dict[str, Any], code: str | None, text: str
) -> None:
    answer = await rig.envelope(action, **body)
    assert (answer["success"], answer["code"]) == (False, code)
    assert text in answer["message"]
    assert answer["errorDetail"].keys() >= DETAIL


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'"np_healthy"', b"\xff"], ids=repr)
async def test_a_body_that_is_no_object_lacks_its_parameters(rig: Rig, body: bytes) -> None:
    response = await rig.http.post(f"{rig.oms.url}/api/v2?Action=DescribeProjectSteps", content=body)
    assert response.json()["code"] == "PARAM_ERROR"


@pytest.mark.parametrize(
    "header",
    [None, "Basic", "Basic ZGVtbzp3cm9uZw==", "Basic %%%", "Bearer ZGVtbzpwQHNzOnclcmQ="],
    ids=["none", "empty", "wrong password", "no base64", "another scheme"],
)
async def test_a_bad_credential_is_401_with_an_envelope(rig: Rig, header: str | None) -> None:
    async with httpx.AsyncClient(trust_env=False) as stranger:
        headers = {"Authorization": header} if header else {}
        response = await stranger.post(f"{rig.oms.url}/api/v2?Action=ListProjects", headers=headers, json={})
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Basic")
    assert response.json()["code"] == "USER_NAME_OR_PASSWORD_ERROR"


async def test_projects_are_listed_in_pages_and_filtered(rig: Rig) -> None:
    rig.clock.at += 120
    first = await rig.envelope("ListProjects")
    assert (first["pageNumber"], first["pageSize"], first["totalCount"]) == (1, 10, len(SCENARIOS))
    assert len(first["data"]) == 10
    second = await rig.envelope("ListProjects", pageNumber=2)
    assert len(second["data"]) == min(10, len(SCENARIOS) - 10)
    assert all(step["stepInfo"] == {} for step in first["data"][0]["steps"])
    failed = await rig.envelope("ListProjects", status=["FAILED"], pageSize=150)
    assert {p["id"] for p in failed["data"]} == {
        "np_fails_full",
        "np_failed_precheck",
        "np_chinese",
        "np_flapping",
    }
    found = await rig.envelope("ListProjects", searchKey="CLOUD", type="MIGRATION")
    assert [p["name"] for p in found["data"]] == ["cloud-project"]
    assert (await rig.envelope("ListProjects", type="SYNC"))["data"] == []


async def test_a_released_project_is_listed_but_has_no_steps(rig: Rig) -> None:
    rig.clock.at += 200
    answer = await rig.envelope("DescribeProjectSteps", id="np_released")
    assert "GHANA-PROJECT000001" in answer["message"]
    listed = await rig.envelope("ListProjects", status=["RELEASED"])
    assert [p["id"] for p in listed["data"]] == ["np_released"]


async def test_neighbouring_actions_describe_one_project(rig: Rig) -> None:
    rig.clock.at += 300
    [project] = (await rig.envelope("DescribeProject", id="np_lagging"))["data"]
    assert (project["name"], project["status"]) == ("lagging-project", "RUNNING")
    progress = (await rig.envelope("DescribeProjectProgress", id="np_lagging"))["data"]
    assert progress["currentStep"] == "INCR_TRANSFER"
    assert progress["incrSyncCheckpoint"] < START + 300


async def test_the_date_header_and_the_checkpoints_follow_the_simulated_clock() -> None:
    clock = HandClock()
    oms = OmsSimulator([SimulatedProject("np_a", "synced", "a", offset=500)], fast=60, clock=clock)
    await oms.start()
    try:
        clock.at += 10
        async with httpx.AsyncClient(auth=(DEMO_USER, DEMO_PASSWORD), trust_env=False) as http:
            url = f"{oms.url}/api/v2?Action=DescribeProjectSteps"
            response = await http.post(url, json={"id": "np_a"})
        now = parsedate_to_datetime(response.headers["Date"]).timestamp()
        assert now == START + 600
        info = response.json()["data"][5]["stepInfo"]
        assert 0 <= now - info["checkpointSampleTimestamp"] <= 10
        assert info["checkpointSampleTimestamp"] - info["incrTimestampCheckpoint"] == 1
    finally:
        await oms.stop()


@pytest.mark.parametrize("how", ["asked for", "controlled"])
async def test_a_project_that_waits_begins_when_it_is_first_asked_for_or_controlled(how: str) -> None:
    clock = HandClock()
    waiting = SimulatedProject("np_a", "stalled", "a", offset=20, waits=True)
    oms = OmsSimulator([waiting, SimulatedProject("np_b", "stalled", "b", offset=20)], clock=clock)

    def elapsed(project_id: str) -> object:
        return oms.projects[project_id].summary(oms.now())["elapsed"]

    clock.at += 3600
    assert (elapsed("np_a"), elapsed("np_b")) == (20.0, 3620.0)
    if how == "asked for":
        oms.projects["np_a"].steps(oms.now())
    else:
        oms.slow("np_a", 1)
    clock.at += 10
    assert (elapsed("np_a"), elapsed("np_b")) == (30.0, 3630.0)
    precheck = oms.projects["np_a"].moment(oms.now()).steps[0]
    assert precheck.started_at == START + 3600 - 20


async def test_a_special_password_is_checked_as_it_is(rig: Rig) -> None:
    assert all(mark in DEMO_PASSWORD for mark in ":@%")
    assert (await rig.call("ListProjects")).status_code == 200


async def test_calls_are_counted_by_action_and_project(rig: Rig) -> None:
    await rig.call("DescribeProjectSteps", id="np_healthy")
    await rig.call("DescribeProjectSteps", id="np_healthy")
    await rig.call("ListProjects")
    counted = (await rig.http.get(f"{rig.oms.url}/control/calls")).json()
    assert counted == rig.oms.calls()
    assert counted == {
        "total": 3,
        "actions": {"DescribeProjectSteps": 2, "ListProjects": 1},
        "projects": {"np_healthy": 2},
    }


async def test_an_unchanged_answer_is_encoded_once(rig: Rig) -> None:
    live, now = rig.oms.project("np_failed_precheck"), rig.oms.now() + 500
    assert live.steps(now) is live.steps(now + 10_000)


async def test_a_port_in_use_is_told_and_leaves_nothing_behind(rig: Rig) -> None:
    second = OmsSimulator([], port=int(rig.oms.url.rsplit(":", 1)[1]))
    with pytest.raises(OSError, match="in use"):
        await second.start()
    await second.stop()


async def test_the_front_page_says_how_to_use_it(rig: Rig) -> None:
    assert "/control/faults" in (await rig.http.get(rig.oms.url)).text


def test_a_simulator_refuses_what_it_cannot_play() -> None:
    with pytest.raises(ControlError, match="no scenario odd"):
        OmsSimulator([SimulatedProject("np_a", "odd", "a")])
    with pytest.raises(ValueError, match="fast"):
        OmsSimulator(demo_projects(), fast=0)
    assert len(OmsSimulator(many(300)).projects) == 300
