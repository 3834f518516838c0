"""Storing what an answer says of a project, or that it gave none: the heart of transaction P."""

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from omsbot.db import events, outbox, projects
from omsbot.db.outbox import PROGRESS_DIRT, STATE_DIRT
from omsbot.db.projects import StoredProject
from omsbot.db.subjects import of_project
from omsbot.domain.blindness import project_answered, project_failed
from omsbot.domain.conditions import Condition, ConditionKind
from omsbot.domain.detect import LATE_AFTER_MS, detect
from omsbot.domain.diff import diff
from omsbot.domain.events import Event
from omsbot.domain.finding import Finding
from omsbot.domain.oms_error import OmsError, OmsErrorKind
from omsbot.domain.project import Snapshot
from omsbot.domain.recheck import after, recheck_at
from omsbot.domain.rules import Rules
from omsbot.domain.watch import Watch, look
from omsbot.services.recorder import record
from omsbot.slack.card import step_content

Told = tuple[Event, ...]

EMPTY_LOOKS = 3  # how often an empty list after a full one must be seen before it is believed


async def store_snapshot(
    conn: AsyncConnection,
    project: StoredProject,
    snapshot: Snapshot,
    *,
    now: int,
    baseline: bool = False,
    rules: Rules | None = None,
    late_after_ms: int = LATE_AFTER_MS,
) -> Told:
    """Store a snapshot of a locked project and what it tells; returns the events.

    The history gets a row only where more than counters changed. A baseline is compared with nothing.
    Raises OmsError where the snapshot is not to be believed yet; the doubt is written down, nothing else.
    """
    subject = of_project(project.id)
    live = await events.live(conn, subject)
    by_kind = {entry.condition.kind: entry.condition for entry in live if not entry.condition.step}
    doubt = by_kind.get(ConditionKind.EMPTIED)
    if not baseline and _suspicious(project, snapshot, doubt):
        await record(conn, subject, [_doubted(doubt, now)], live, version=project.version, now=now)
        raise OmsError(OmsErrorKind.MALFORMED, "OMS lists no steps, where it listed some before")
    previous = None if baseline else project.latest
    rules = rules or Rules()
    memory = look(Watch() if baseline else project.watch, previous, snapshot, rules)
    conditions = [entry.condition for entry in live]
    findings = (
        *([Finding(clears=doubt)] if doubt else []),
        *project_answered(by_kind, now=now),
        *detect(
            previous,
            snapshot,
            conditions,
            now=now,
            watch=memory,
            rules=rules,
            late_after_ms=late_after_ms,
        ),
    )
    check_at = recheck_at(snapshot, memory, after(conditions, findings), rules, now=now)
    await projects.store_latest(conn, project.id, snapshot, memory, check_at=check_at)
    moved = previous is None or bool(diff(previous, snapshot))
    if not (moved or findings):
        if _worth_an_edit(previous, snapshot):
            await outbox.soil_cards(conn, [subject], PROGRESS_DIRT)
        return ()
    version = project.version + 1
    await projects.advance(conn, project.id, version=version, troubled=False)
    if moved:
        await projects.add_snapshot(conn, project.id, version, snapshot)
    told = await record(conn, subject, findings, live, version=version, now=now)
    # after the deliveries: who tells locks a stream before its posts, and the other order would deadlock
    await outbox.soil_cards(conn, [subject], STATE_DIRT)
    return told


async def suspicion(conn: AsyncConnection, project: StoredProject) -> Condition | None:
    """Whether a project is suspected, or believed, to be unreadable."""
    live = await events.live(conn, of_project(project.id))
    return next((one.condition for one in live if one.condition.kind is ConditionKind.UNREADABLE), None)


async def store_failure(conn: AsyncConnection, project: StoredProject, error: OmsError, *, now: int) -> Told:
    """Store that a locked project could not be read; its snapshot stays as it is."""
    subject = of_project(project.id)
    live = await events.live(conn, subject)
    by_kind = {entry.condition.kind: entry.condition for entry in live if not entry.condition.step}
    findings = project_failed(by_kind, error, now=now)
    version = project.version + 1
    await projects.advance(conn, project.id, version=version, troubled=True)
    told = await record(conn, subject, findings, live, version=version, now=now)
    if told:
        await outbox.soil_cards(conn, [subject], STATE_DIRT)
    return told


def _suspicious(project: StoredProject, snapshot: Snapshot, doubt: Condition | None) -> bool:
    """Whether an empty list after a full one is still to be taken for a fault of the answer."""
    if snapshot.steps or project.latest is None or not project.latest.steps:
        return False
    looks = doubt.count if doubt else 0
    return looks + 1 < EMPTY_LOOKS


def _doubted(doubt: Condition | None, now: int) -> Finding:
    if doubt:
        return Finding(again=replace(doubt, seen_at=now, count=doubt.count + 1))
    return Finding(opens=Condition(ConditionKind.EMPTIED, "", pending_at=now, seen_at=now, since_at=now))


def _worth_an_edit(previous: Snapshot | None, current: Snapshot) -> bool:
    """Whether counters alone changed what the project's cards show."""
    before = dict(previous.keyed()) if previous else {}
    return any(
        key not in before or step_content(before[key]) != step_content(step) for key, step in current.keyed()
    )
