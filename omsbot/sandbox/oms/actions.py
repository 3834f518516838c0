"""The actions of OMS's API that the simulator knows: a parsed request in, an encoded answer out."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType

from omsbot.sandbox.oms import envelopes
from omsbot.sandbox.oms.fleet import LiveProject, SimulatedFleet
from omsbot.sandbox.oms.steps import listed_steps
from omsbot.sandbox.scenarios.plan import Status

PAGE_SIZE, MAX_PAGE_SIZE = 10, 150
LOCAL_ZONE = timezone(timedelta(hours=8))

Request = Mapping[str, object]


class BadParameterError(Exception):
    """The request's body cannot be used; the text says why."""


def answer(fleet: SimulatedFleet, action: str, request: Request) -> bytes:
    """The whole encoded answer to one call."""
    act = ACTIONS.get(action)
    if act is None:
        return envelopes.unsupported(action)
    try:
        return act(fleet, request)
    except BadParameterError as problem:
        return envelopes.bad_parameter(str(problem))


def project_id_of(request: Request) -> str | None:
    """The project a request names, if it names one properly."""
    value = request.get("id")
    return value if isinstance(value, str) and value else None


def _describe_steps(fleet: SimulatedFleet, request: Request) -> bytes:
    project_id = _needed_id(request)
    if project_id in fleet.answers:
        return fleet.answers[project_id]
    live, now = fleet.projects.get(project_id), fleet.now()
    if live is None or live.moment(now).gone:
        return envelopes.no_such_project(project_id)
    return envelopes.success(live.steps(now), flavour=live.scenario.flavour)


def _describe_project(fleet: SimulatedFleet, request: Request) -> bytes:
    project_id = _needed_id(request)
    live = fleet.projects.get(project_id)
    if live is None:
        return envelopes.no_such_project(project_id)
    return envelopes.success(_encoded([_item(live, fleet.now())]))


def _describe_progress(fleet: SimulatedFleet, request: Request) -> bytes:
    project_id = _needed_id(request)
    live, now = fleet.projects.get(project_id), fleet.now()
    if live is None or live.moment(now).gone:
        return envelopes.no_such_project(project_id)
    moment = live.moment(now)
    busy = [step for step in moment.steps if step.status not in {Status.INIT, Status.FINISHED}]
    synced = [step.checkpoint for step in moment.steps if step.plan.lag and step.checkpoint is not None]
    progress = {
        "status": moment.status,
        "alarmLevel": "HIGH_PROTECTION" if moment.status == Status.FAILED else "NO_PROTECTION",
        "currentStep": busy[0].plan.name if busy else None,
        "incrSyncCheckpoint": synced[0] if synced else None,
    }
    return envelopes.success(_encoded(progress))


def _list_projects(fleet: SimulatedFleet, request: Request) -> bytes:
    number = _whole(request, "pageNumber", default=1, most=None)
    size = _whole(request, "pageSize", default=PAGE_SIZE, most=MAX_PAGE_SIZE)
    wanted = _wanted(fleet, request)
    shown = wanted[(number - 1) * size : number * size]
    now = fleet.now()
    page = envelopes.Page(number, size, len(wanted))
    return envelopes.success(_encoded([_item(live, now) for live in shown]), page=page)


def _wanted(fleet: SimulatedFleet, request: Request) -> list[LiveProject]:
    statuses = request.get("status") or []
    if not isinstance(statuses, list):
        raise BadParameterError("status must be an array")
    kind, search = request.get("type"), str(request.get("searchKey") or "").lower()
    if kind not in {None, "", "MIGRATION", "SYNC"}:
        raise BadParameterError("type must be MIGRATION or SYNC")
    now = fleet.now()
    return [
        live
        for live in fleet.projects.values()
        if (not kind or live.spec.type == kind)
        and (search in live.spec.name.lower() or search in live.spec.id)
        and (not statuses or live.moment(now).status in statuses)
    ]


def _item(live: LiveProject, now: float) -> dict[str, object]:
    """A project in a list; its gmt times are the server's local time, unlike those of its steps."""
    moment = live.moment(now)
    created = datetime.fromtimestamp(live.controls.timeline.legs[0].since, UTC).astimezone(LOCAL_ZONE)
    return {
        "id": live.spec.id,
        "name": live.spec.name,
        "type": live.spec.type,
        "status": moment.status,
        "owner": "demo",
        "gmtCreate": created.strftime("%Y-%m-%dT%H:%M:%S"),
        "steps": listed_steps(live.scenario, moment),
    }


def _needed_id(request: Request) -> str:
    project_id = project_id_of(request)
    if project_id is None:
        raise BadParameterError("The parameter id must not be empty.")
    return project_id


def _whole(request: Request, name: str, *, default: int, most: int | None) -> int:
    value = request.get(name)
    if value is None:
        return default
    if (
        not isinstance(value, int)
        or isinstance(value, bool)
        or value < 1
        or (most is not None and value > most)
    ):
        raise BadParameterError(
            f"The parameter {name} must be a whole number from 1" + (f" to {most}." if most else ".")
        )
    return value


def _encoded(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


ACTIONS: Mapping[str, Callable[[SimulatedFleet, Request], bytes]] = MappingProxyType(
    {
        "DescribeProjectSteps": _describe_steps,
        "DescribeProject": _describe_project,
        "DescribeProjectProgress": _describe_progress,
        "ListProjects": _list_projects,
    }
)
