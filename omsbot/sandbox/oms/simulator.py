"""A simulator of OceanBase Migration Service: its API over HTTP, and projects that play scenarios.

The API, with HTTP Basic auth (DEMO_USER and DEMO_PASSWORD unless told otherwise)::

    POST /api/v2?Action=DescribeProjectSteps     {"id": "np_4w3r7k1m9x2c"}
    POST /api/v2?Action=ListProjects             {"pageNumber": 1, "pageSize": 10, "status": ["RUNNING"],
                                                  "type": "MIGRATION", "searchKey": "orders"}
    POST /api/v2?Action=DescribeProject          {"id": ...}
    POST /api/v2?Action=DescribeProjectProgress  {"id": ...}

A failed call is HTTP 200 with `success: false`: `Unsupported action: X`, PARAM_ERROR, GHANA-PROJECT000001 for
a project that is unknown or released. A bad credential is 401.

Time. One real second is `fast` simulated seconds, counted from the moment the simulator was made; the `Date`
header and every time in the answers are simulated time, so they agree with each other. Each project follows
the script of its scenario (`omsbot.sandbox.scenarios`); a position is the seconds of script behind it, in
simulated seconds while nobody interferes.

The controls, without auth, JSON in and out; {"error": ...} with 404 for an unknown project, 409 for what
cannot be::

    GET  /control/scenarios              name: what happens
    GET  /control/projects               id, name, scenario, elapsed, pace, status and steps of each
    POST /control/projects               {"id", "scenario", "name", "offset"?, "type"?}: add, or replace
    POST /control/projects/ID            one of
        {"action": "jump", "seconds": 60}            or "to": position, or "step": "FULL_TRANSFER"
        {"action": "fail", "step"?, "code"?, "level"?, "message"?, "reason"?, "proposal"?}
        {"action": "recover"}                        a failure by hand, else the scenario's own
        {"action": "pause"} {"action": "resume"}
        {"action": "slow", "factor": 0.1}            1 is as written
        {"action": "finish_step", "step"?}           also: the person for whom a step waits acts
        {"action": "release"}                        the steps are gone, the list says RELEASED
        {"action": "lag", "seconds": 400}            checkpoints that much further behind
        {"action": "set", "step": NAME, "fields": {"status": "ODD"}}   raw fields on top; null: undo
        {"action": "answer", "body": "..."}          these very characters instead of the steps; null: undo
        {"action": "remove"}
    GET  /control/faults                 the modes, and which are on
    POST /control/faults                 {"mode": ..., "project"?: ID, "count"?: N answers}, with a mode of
        500 503 401 403 408 hang truncated html redirect drip not_json nan huge deep empty reset none
        (`none` mends one project, or everything); "after": seconds until it begins and "for": seconds that it
        lasts, both simulated, schedule it: {"mode": "503", "after": 60, "for": 1800} is an outage of OMS
    GET  /control/calls                  {"total", "actions": {NAME: n}, "projects": {ID: n}}

Faults touch the API alone, never the controls. The same controls are methods of OmsSimulator.
"""

import asyncio
import base64
import binascii
import hmac
import json
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from email.utils import formatdate

from aiohttp import web

from omsbot.sandbox.oms import envelopes
from omsbot.sandbox.oms.actions import answer, project_id_of
from omsbot.sandbox.oms.control import control_routes
from omsbot.sandbox.oms.faults import Breakage, broken_answer
from omsbot.sandbox.oms.fleet import SimulatedFleet
from omsbot.sandbox.scenarios.catalogue import SimulatedProject, demo_projects, many

__all__ = ["DEMO_PASSWORD", "DEMO_USER", "OmsSimulator", "SimulatedProject", "demo_projects", "many"]

DEMO_USER = "demo"
DEMO_PASSWORD = "p@ss:w%rd"
DRAIN_S = 0.1


class OmsSimulator(SimulatedFleet):
    """A fleet of simulated projects behind OMS's API, on a loopback port.

    Stopped and started again, it listens on the same port with the projects as they were.
    """

    def __init__(
        self,
        projects: Sequence[SimulatedProject],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        user: str = DEMO_USER,
        password: str = DEMO_PASSWORD,
        fast: float = 1.0,
        clock: Callable[[], float] = time.time,
        call: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """`call` is entered for as long as one of the API is under way."""
        super().__init__(projects, fast=fast, clock=clock)
        self._host, self._port = host, port
        self._call = call
        self._credential = f"{user}:{password}".encode()
        self._stopping = asyncio.Event()
        self._called = asyncio.Condition()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Where it listens; the port is known from the first start on."""
        return f"http://{self._host}:{self._port}"

    async def start(self) -> None:
        """Listen; OSError when the port is taken."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.add_routes([web.get("/", self._index), web.post("/api/v2", self._api), *control_routes(self)])
        app.on_response_prepare.append(self._dated)
        self._stopping = asyncio.Event()
        runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=DRAIN_S)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        self._port = runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening and end every request at once, hanging ones too."""
        runner, self._runner = self._runner, None
        self._stopping.set()
        if runner:
            await runner.cleanup()

    async def wait_for_calls(self, more: int = 1, *, project: str | None = None) -> None:
        """Wait until the API was called that many times from now on (for one project, if named)."""
        wanted = self._count(project) + more
        async with self._called:
            await self._called.wait_for(lambda: self._count(project) >= wanted)

    def _count(self, project: str | None) -> int:
        return self.asked[project] if project else self.actions.total()

    async def _api(self, request: web.Request) -> web.StreamResponse:
        with self._call():
            return await self._answered(request)

    async def _answered(self, request: web.Request) -> web.StreamResponse:
        action = request.query.get("Action", "")
        sent = _json_object(await request.read())
        project_id = project_id_of(sent)
        await self._note(action, project_id)
        fault = self.faults.take(project_id)
        if fault:
            breakage = Breakage(request, answer(self, action, sent), self._stopping)
            return await broken_answer(fault, breakage)
        if not self._admits(request.headers.get("Authorization", "")):
            body, status = envelopes.bad_credential(), 401
        else:
            body, status = answer(self, action, sent), 200
        response = web.Response(body=body, status=status, content_type="application/json")
        if status == 401:
            response.headers["WWW-Authenticate"] = 'Basic realm="OMS"'
        return response

    async def _note(self, action: str, project_id: str | None) -> None:
        self.actions[action] += 1
        if project_id:
            self.asked[project_id] += 1
        async with self._called:
            self._called.notify_all()

    def _admits(self, authorization: str) -> bool:
        scheme, _, encoded = authorization.partition(" ")
        try:
            given = base64.b64decode(encoded.strip(), validate=True)
        except (binascii.Error, ValueError):
            return False
        return scheme.lower() == "basic" and hmac.compare_digest(given, self._credential)

    async def _index(self, request: web.Request) -> web.Response:
        return web.Response(text=__doc__ or "")

    async def _dated(self, request: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = formatdate(self.now(), usegmt=True)


def _json_object(body: bytes) -> dict[str, object]:
    """The request's body; one that is no JSON object counts as empty, so that parameters are missing."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}
