"""A day in virtual time: the real poller and a real database, asked what the plan says, step by step."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from omsbot.db.codec import load_event
from omsbot.db.engine.engine import Database
from omsbot.db.schema import events
from omsbot.db.stores import projects
from omsbot.db.subjects import subject_of
from omsbot.domain.events import Event
from omsbot.domain.notify.follow_options import FollowChange
from omsbot.domain.project.project import ProjectRef
from omsbot.domain.project.subject import Project, Server, Subject
from omsbot.domain.thresholds import RuleBook, Rules
from omsbot.metrics import Metrics
from omsbot.services.access import Access
from omsbot.services.charts.painter import Painter
from omsbot.services.tasks import Tasks
from omsbot.services.wiring import Choices, Ports, Services, wire
from tests.builders import NOW
from tests.integration.services.fake_slack import FakeSlack
from tests.reliability.day.model import FROZEN_AFTER, INTERVAL, REMINDED, STALLED_AFTER, WATCHED, Fact
from tests.reliability.day.oms import DayOms
from tests.reliability.day.plan import DAY, HOUR, SECOND, Plan
from tests.reliability.world import Clock

STEP = 60 * SECOND
RESTARTS = 5 * HOUR  # so often the process is another one
BEGAN_AT = NOW - NOW % HOUR
RULES = Rules(
    stall_seconds=STALLED_AFTER // SECOND,
    frozen_seconds=FROZEN_AFTER // SECOND,
    flap_seconds=WATCHED // SECOND,
    remind_seconds=REMINDED // SECOND,
)
COUNTED = {"step_flapping", "step_steady"}


@dataclass(frozen=True, slots=True)
class Seen:
    """One event as the database has it; `at` is ms since the day began."""

    subject: str
    what: str
    step: str
    at: int


async def live(plan: Plan, file: Path) -> list[Seen]:
    """Live through the day of a plan; returns what was seen, in order."""
    database, clock = Database(f"sqlite:///{file}"), Clock(BEGAN_AT)
    await database.open()
    try:
        clients = {name: DayOms(plan, name, clock, BEGAN_AT) for name in plan.faults}
        await _follow(plan, database, clients, clock)
        services, tasks = _services(database, clients, clock)
        for at in range(0, DAY, STEP):
            clock.now = BEGAN_AT + at
            if at and at % RESTARTS == 0:
                await _finish(tasks, clients)
                services, tasks = _services(database, clients, clock)
                async with database.write() as conn:
                    await projects.judge_again(conn, now=clock())
            for client in clients.values():
                client.let_go()
            await services.poller.poll_due()
            await _rest(tasks, clients)
        await _finish(tasks, clients)
        return await _seen(database, plan)
    finally:
        await database.close()


async def _follow(plan: Plan, database: Database, clients: dict[str, DayOms], clock: Clock) -> None:
    services, _ = _services(database, clients, clock)
    for life in plan.lives:
        ref = ProjectRef(life.server, life.oms_id)
        await services.control.subscribe(
            channel_id="C1", team_id="T1", ref=ref, change=FollowChange(), actor="U1", now=BEGAN_AT
        )


def _services(database: Database, clients: dict[str, DayOms], clock: Clock) -> tuple[Services, Tasks]:
    """The services of a process, and what its polls run in."""
    tasks = Tasks()
    ports = Ports(
        database=database,
        slack=FakeSlack(),
        oms=clients,
        painter=Painter({}),
        clock=clock,
        timer=lambda: 0.0,
        chance=lambda: 0.5,
        new_id=lambda: str(clock()),
        tasks=tasks,
        polls=tasks,
        metrics=Metrics(),
        wake=lambda: None,
        wake_in=lambda after_s: None,
    )
    choices = Choices(interval_ms=INTERVAL, access=Access(dict.fromkeys(clients)), rules=RuleBook(RULES))
    return wire(ports, choices), tasks


async def _rest(tasks: Tasks, clients: dict[str, DayOms]) -> None:
    """Wait for all polls but those whose answers come late."""
    while len(tasks) > sum(len(client.waiting) for client in clients.values()):
        await asyncio.wait(set(tasks._running), timeout=0.002, return_when=asyncio.FIRST_COMPLETED)


async def _finish(tasks: Tasks, clients: dict[str, DayOms]) -> None:
    while len(tasks):
        for client in clients.values():
            client.let_go()
        await _rest(tasks, clients)


async def _seen(database: Database, plan: Plan) -> list[Seen]:
    async with database.read() as conn:
        subjects: dict[Subject, str] = {Server(name): name for name in plan.faults}
        for life in plan.lives:
            found = await projects.find(conn, ProjectRef(life.server, life.oms_id))
            assert found
            subjects[Project(found.id)] = life.oms_id
        rows = await conn.execute(
            select(events).order_by(
                events.c.observed_at, events.c.subject, events.c.version, events.c.ordinal
            )
        )
        return [_one(subjects[subject_of(row.subject)], row) for row in rows]


def _one(subject: str, row: Any) -> Seen:
    event: Event = load_event(row.body)
    what = event.kind.value
    if event.kind.value in COUNTED:
        what = f"{what} {event.evidence.count}"
    flags = [name for name in ("already", "brief") if getattr(event, name)]
    words = [what, *(["again"] if event.reminder else []), *flags]
    return Seen(subject, " ".join(words), event.step or "", event.observed_at - BEGAN_AT)


def differences(expected: list[Fact], seen: list[Seen]) -> list[str]:
    """What is missing, too much, or out of its time, in words."""
    wanted: dict[tuple[str, str, str], list[Fact]] = {}
    for fact in sorted(expected, key=lambda fact: fact.due):
        wanted.setdefault((fact.subject, fact.what, fact.step), []).append(fact)
    found = []
    for one in seen:
        key = one.subject, one.what, one.step
        due = wanted.get(key, [])
        if not due:
            found.append(f"{_clock(one.at)} {' '.join(key)}: not expected")
        elif not due[0].due.first <= one.at <= due[0].due.last:
            span = due.pop(0).due
            found.append(f"{_clock(one.at)} {' '.join(key)}: due {_clock(span.first)} to {_clock(span.last)}")
        else:
            due.pop(0)
    missing = [fact for facts in wanted.values() for fact in facts]
    return found + [f"{_clock(f.due.first)} {f.subject} {f.what} {f.step}: missing" for f in missing]


def _clock(at: int) -> str:
    return f"{at // HOUR}:{at % HOUR // 60_000:02}:{at % 60_000 // SECOND:02}"
