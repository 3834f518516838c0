"""The ways in which the OMS simulator breaks, as a client meets them."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from omsbot.sandbox.oms import OmsSimulator, SimulatedProject
from tests.integration.sandbox.oms_rig import START, HandClock, Rig
from tests.waiting import PATIENCE_S


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with Rig() as rig:
        yield rig


ANSWERED = [
    ("500", 500, b"500 Internal Server Error"),
    ("503", 503, b"503"),
    ("408", 408, b"408"),
    ("401", 401, b"USER_NAME_OR_PASSWORD_ERROR"),
    ("403", 200, b"OMS_USER_PERMISSION_DENIED_ERROR"),
    ("html", 200, b"<!DOCTYPE html>"),
    ("redirect", 302, b""),
    ("not_json", 200, b"upstream"),
    ("nan", 200, b'"progress":NaN'),
    ("deep", 200, b"[[[["),
    ("empty", 200, b'"data":[]'),
]


@pytest.mark.parametrize(("mode", "status", "part"), ANSWERED, ids=[mode for mode, _, _ in ANSWERED])
async def test_a_fault_breaks_one_answer_and_leaves_the_next(
    rig: Rig, mode: str, status: int, part: bytes
) -> None:
    rig.oms.break_with(mode, project="np_healthy", count=1)
    other = await rig.call("DescribeProjectSteps", id="np_synced")
    assert other.json()["success"] is True
    broken = await rig.call("DescribeProjectSteps", id="np_healthy")
    assert broken.status_code == status
    assert part in broken.content
    assert (await rig.envelope("DescribeProjectSteps", id="np_healthy"))["success"] is True


@pytest.mark.parametrize(
    ("mode", "error"),
    [("truncated", httpx.RemoteProtocolError), ("reset", httpx.TransportError)],
)
async def test_a_broken_connection_is_broken_for_the_client(
    rig: Rig, mode: str, error: type[Exception]
) -> None:
    rig.oms.break_with(mode)
    with pytest.raises(error):
        await rig.call("ListProjects")
    rig.oms.break_with("none")
    assert (await rig.call("ListProjects")).status_code == 200


async def test_a_huge_answer_is_larger_than_any_sane_limit(rig: Rig) -> None:
    rig.oms.break_with("huge")
    assert len((await rig.call("DescribeProjectSteps", id="np_healthy")).content) > 16 * 1024 * 1024


async def test_a_dripping_answer_keeps_coming_a_byte_at_a_time(rig: Rig) -> None:
    rig.oms.break_with("drip")
    url = f"{rig.oms.url}/api/v2?Action=DescribeProjectSteps"
    async with rig.http.stream("POST", url, json={"id": "np_healthy"}) as response:
        pieces = response.aiter_raw()
        assert [await anext(pieces) for _ in range(3)] == [b"{", b'"', b"s"]


@pytest.mark.parametrize("mode", ["hang", "drip"])
async def test_stopping_ends_requests_that_hang(rig: Rig, mode: str) -> None:
    rig.oms.break_with(mode)
    called = asyncio.ensure_future(rig.oms.wait_for_calls())
    await asyncio.sleep(0)
    asked = asyncio.ensure_future(rig.call("ListProjects"))
    await asyncio.wait_for(called, PATIENCE_S)
    await asyncio.wait_for(rig.oms.stop(), PATIENCE_S)
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(asked, return_exceptions=True)


async def test_a_client_that_gives_up_on_a_hanging_answer_is_let_go(rig: Rig) -> None:
    rig.oms.break_with("hang", count=1)
    with pytest.raises(httpx.ReadTimeout):
        await rig.http.post(f"{rig.oms.url}/api/v2?Action=ListProjects", json={}, timeout=0.2)
    assert (await rig.call("ListProjects")).status_code == 200


async def test_a_stopped_simulator_comes_back_at_the_same_address_as_it_was(rig: Rig) -> None:
    url = rig.oms.url
    rig.oms.pause("np_healthy")
    await rig.oms.stop()
    with pytest.raises(httpx.ConnectError):
        await rig.call("ListProjects")
    await rig.oms.start()
    assert rig.oms.url == url
    assert (await rig.step("np_healthy", "TRANSFER_PRECHECK"))["status"] == "SUSPEND"


async def test_faults_are_listed_and_mended_one_by_one(rig: Rig) -> None:
    await rig.control("faults", mode="500")
    await rig.control("faults", mode="html", project="np_healthy")
    shown = (await rig.http.get(f"{rig.oms.url}/control/faults")).json()
    assert {"hang", "drip", "reset"} <= set(shown["modes"])
    assert [fault["mode"] for fault in shown["on"]] == ["500", "html"]
    assert "<!DOCTYPE" in (await rig.call("DescribeProjectSteps", id="np_healthy")).text
    await rig.control("faults", mode="none", project="np_healthy")
    assert (await rig.call("DescribeProjectSteps", id="np_healthy")).status_code == 500
    await rig.control("faults", mode="none")
    assert (await rig.call("DescribeProjectSteps", id="np_healthy")).status_code == 200


async def test_an_outage_of_the_whole_server_begins_and_ends_when_it_was_said_to(rig: Rig) -> None:
    answer = await rig.control("faults", **{"mode": "503", "after": 60, "for": 1800})
    assert answer.json() == [
        {"mode": "503", "project": None, "left": None, "begins_in": 60.0, "ends_in": 1860.0}
    ]
    seen = []
    for seconds in (0, 59, 60, 1859, 1860):
        rig.clock.at = START + seconds
        calls = [rig.call("ListProjects"), rig.call("DescribeProjectSteps", id="np_healthy")]
        seen.append([(await call).status_code for call in calls])
    assert seen == [[200, 200], [200, 200], [503, 503], [503, 503], [200, 200]]
    assert (await rig.http.get(f"{rig.oms.url}/control/faults")).json()["on"] == []


async def test_a_scheduled_outage_keeps_simulated_time_and_goes_beside_other_faults() -> None:
    clock = HandClock()
    oms = OmsSimulator([SimulatedProject("np_a", "synced", "a")], fast=60, clock=clock)
    oms.break_with("reset", after=600, lasting=600)
    oms.break_with("html", project="np_a")

    def fault(seconds: float, project: str | None = None) -> str | None:
        clock.at = START + seconds
        return oms.faults.take(project)

    assert [fault(at) for at in (9, 10, 19, 20)] == [None, "reset", "reset", None]
    assert fault(15, "np_a") == "html"
    oms.break_with("none")
    assert [fault(15), fault(15, "np_a")] == [None, None]


@pytest.mark.parametrize("when", [{"after": -1}, {"for": 0}, {"after": "soon"}], ids=str)
async def test_an_outage_at_no_possible_time_is_refused(rig: Rig, when: dict[str, object]) -> None:
    assert (await rig.control("faults", mode="503", **when)).status_code == 409
