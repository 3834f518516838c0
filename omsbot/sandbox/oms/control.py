"""The control endpoint of the OMS simulator: its controls as JSON over HTTP."""

import json
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from aiohttp import web

from omsbot.sandbox.oms.faults import FaultMode
from omsbot.sandbox.oms.fleet import SimulatedFleet, UnknownProjectError
from omsbot.sandbox.scenarios.catalogue import SCENARIOS, SimulatedProject
from omsbot.sandbox.scenarios.controls import ControlError

Params = Mapping[str, object]
Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]
NUMBER, TEXT, WHOLE, OBJECT = (int, float), (str,), (int,), (dict, type(None))

# For each action: what does it, and which parameters it takes.
_ACTIONS: Mapping[str, tuple[Callable[..., None], Mapping[str, tuple[type, ...]]]] = MappingProxyType(
    {
        "jump": (SimulatedFleet.jump, {"seconds": NUMBER, "to": NUMBER, "step": TEXT}),
        "fail": (
            SimulatedFleet.fail,
            dict.fromkeys(("step", "code", "message", "reason", "proposal", "level"), TEXT),
        ),
        "recover": (SimulatedFleet.recover, {}),
        "pause": (SimulatedFleet.pause, {}),
        "resume": (SimulatedFleet.resume, {}),
        "slow": (SimulatedFleet.slow, {"factor": NUMBER}),
        "finish_step": (SimulatedFleet.finish_step, {"step": TEXT}),
        "release": (SimulatedFleet.release, {}),
        "lag": (SimulatedFleet.lag, {"seconds": NUMBER}),
        "set": (SimulatedFleet.set_fields, {"step": TEXT, "fields": OBJECT}),
        "remove": (SimulatedFleet.remove, {}),
    }
)
_REQUIRED: Mapping[str, frozenset[str]] = MappingProxyType(
    {"lag": frozenset({"seconds"}), "set": frozenset({"step", "fields"})}
)
_PROJECT_PARAMS: Mapping[str, tuple[type, ...]] = MappingProxyType(
    {"id": TEXT, "scenario": TEXT, "name": TEXT, "offset": NUMBER, "type": TEXT}
)
_FAULT_PARAMS: Mapping[str, tuple[type, ...]] = MappingProxyType(
    {
        "mode": TEXT,
        "project": (str, type(None)),
        "count": (int, type(None)),
        "after": NUMBER,
        "for": NUMBER,
    }
)


def control_routes(fleet: SimulatedFleet) -> list[web.RouteDef]:
    """The routes under /control, for one fleet."""

    async def listed(request: web.Request) -> web.Response:
        now = fleet.now()
        return web.json_response([live.summary(now) for live in fleet.projects.values()], dumps=_dumps)

    async def scenarios(request: web.Request) -> web.Response:
        return web.json_response({name: scenario.summary for name, scenario in SCENARIOS.items()})

    async def added(request: web.Request) -> web.Response:
        params = _checked(await _params(request), _PROJECT_PARAMS, frozenset({"id", "scenario", "name"}))
        fleet.add(SimulatedProject(**params))  # type: ignore[arg-type]  # _checked compared each type
        return _summary(fleet, str(params["id"]), status=201)

    async def acted(request: web.Request) -> web.Response:
        project_id = request.match_info["id"]
        _act(fleet, project_id, dict(await _params(request)))
        return _summary(fleet, project_id)

    async def broken(request: web.Request) -> web.Response:
        params = _checked(await _params(request), _FAULT_PARAMS, frozenset({"mode"}))
        if "for" in params:  # a word that Python keeps to itself
            params["lasting"] = params.pop("for")
        fleet.break_with(**params)  # type: ignore[arg-type]  # _checked compared each type
        return web.json_response(fleet.faults.listed())

    async def faults(request: web.Request) -> web.Response:
        return web.json_response({"modes": list(FaultMode), "on": fleet.faults.listed()})

    async def calls(request: web.Request) -> web.Response:
        return web.json_response(fleet.calls())

    return [
        web.get("/control/projects", _told(listed)),
        web.post("/control/projects", _told(added)),
        web.post("/control/projects/{id}", _told(acted)),
        web.get("/control/scenarios", _told(scenarios)),
        web.get("/control/faults", _told(faults)),
        web.post("/control/faults", _told(broken)),
        web.get("/control/calls", _told(calls)),
    ]


def _act(fleet: SimulatedFleet, project_id: str, params: dict[str, object]) -> None:
    action = params.pop("action", None)
    if action == "answer":
        body = _checked(params, {"body": (str, type(None))}, frozenset({"body"}))["body"]
        fleet.set_answer(project_id, body.encode("utf-8", "surrogatepass") if isinstance(body, str) else None)
        return
    if not isinstance(action, str) or action not in _ACTIONS:
        raise ControlError(f"action must be one of {', '.join((*_ACTIONS, 'answer'))}")
    act, known = _ACTIONS[action]
    act(fleet, project_id, **_checked(params, known, _REQUIRED.get(action, frozenset())))


def _summary(fleet: SimulatedFleet, project_id: str, status: int = 200) -> web.Response:
    live = fleet.projects.get(project_id)
    summary = live.summary(fleet.now()) if live else {"id": project_id}
    return web.json_response(summary, status=status, dumps=_dumps)


async def _params(request: web.Request) -> Params:
    try:
        params = json.loads(await request.read())
    except ValueError as problem:
        raise ControlError(f"the body is no JSON: {problem}") from problem
    if not isinstance(params, dict):
        raise ControlError("the body must be a JSON object")
    return params


def _checked(
    params: Params, known: Mapping[str, tuple[type, ...]], required: frozenset[str]
) -> dict[str, object]:
    if strange := params.keys() - known.keys():
        raise ControlError(f"unknown: {', '.join(sorted(strange))}; known: {', '.join(known) or 'nothing'}")
    if missing := required - params.keys():
        raise ControlError(f"missing: {', '.join(sorted(missing))}")
    for name, value in params.items():
        if not isinstance(value, known[name]) or isinstance(value, bool):
            raise ControlError(f"{name} is of the wrong type")
    return dict(params)


def _told(handle: Answering) -> Answering:
    """Tell a mistake as 404 or 409 with a sentence."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        try:
            return await handle(request)
        except ControlError as problem:
            status = 404 if isinstance(problem, UnknownProjectError) else 409
            return web.json_response({"error": str(problem)}, status=status)

    return guarded


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
