"""A running OMS simulator for the tests beside this file."""

from types import TracebackType
from typing import Any, Self

import httpx

from omsbot.sandbox.oms import DEMO_PASSWORD, DEMO_USER, OmsSimulator, SimulatedProject
from omsbot.sandbox.scenarios import SCENARIOS

START = 1_800_000_000.0


class HandClock:
    """Real seconds, moved by hand."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> float:
        return self.at


class Rig:
    """A simulator with one project for each scenario, its clock, and a client with its credential."""

    def __init__(self) -> None:
        self.clock = HandClock()
        projects = [SimulatedProject(f"np_{name}", name, f"{name}-project") for name in SCENARIOS]
        self.oms = OmsSimulator(projects, clock=self.clock)
        self.http = httpx.AsyncClient(auth=(DEMO_USER, DEMO_PASSWORD), trust_env=False, timeout=20)

    async def call(self, action: str, **body: Any) -> httpx.Response:
        return await self.http.post(f"{self.oms.url}/api/v2", params={"Action": action}, json=body)

    async def envelope(self, action: str, **body: Any) -> dict[str, Any]:
        response = await self.call(action, **body)
        assert response.status_code == 200
        assert response.headers["Content-Type"] == "application/json"
        answer: dict[str, Any] = response.json()
        return answer

    async def step(self, project_id: str, name: str) -> dict[str, Any]:
        answer = await self.envelope("DescribeProjectSteps", id=project_id)
        return next(step for step in answer["data"] if step["name"] == name)

    async def control(self, path: str, **body: Any) -> httpx.Response:
        return await self.http.post(f"{self.oms.url}/control/{path}", json=body)

    async def __aenter__(self) -> Self:
        await self.oms.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.aclose()
        await self.oms.stop()
