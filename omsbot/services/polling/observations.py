"""Storing what an answer says of a project, or that it gave none: the heart of transaction P."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from omsbot.db.engine.connection import Connection
from omsbot.db.stores import events, outbox, projects, samples
from omsbot.db.stores.events import LiveCondition
from omsbot.db.stores.outbox import PROGRESS_DIRT, STATE_DIRT
from omsbot.db.stores.projects import Figures, StoredProject
from omsbot.domain.detection.conditions import Condition, ConditionKind
from omsbot.domain.detection.detect import LATE_AFTER_MS, detect
from omsbot.domain.detection.findings import Cleared, Continued, Finding, Opened
from omsbot.domain.detection.outages import project_answered, project_failed
from omsbot.domain.detection.overdue import overdue
from omsbot.domain.detection.recheck import after, recheck_at
from omsbot.domain.events import Event, EventKind
from omsbot.domain.forecast.outlook import Outlook, outlook
from omsbot.domain.memory.step_memory import SAMPLE_MS, Watch, look
from omsbot.domain.project.diff import diff
from omsbot.domain.project.oms_error import OmsError, OmsErrorKind
from omsbot.domain.project.project import Snapshot
from omsbot.domain.project.samples import Sample, samples_of
from omsbot.domain.project.subject import Project, Subject
from omsbot.domain.reports.completion_report import report
from omsbot.domain.thresholds import RuleBook, Rules
from omsbot.services.polling.recorder import record
from omsbot.slack.messages.card import step_content

Told = tuple[Event, ...]

EMPTY_LOOKS = 3  # how often an empty list after a full one must be seen before it is believed


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a snapshot comes to: what it tells, what is to be remembered, and when to judge it again.

    `moved` says whether more than figures changed, `edit` whether what changed shows on cards; `samples`
    are kept for rates and charts.
    """

    findings: tuple[Finding, ...]
    watch: Watch
    check_at: int | None
    moved: bool
    edit: bool
    samples: tuple[Sample, ...] = ()

    @property
    def only_figures(self) -> bool:
        return not (self.findings or self.moved)


def judge(
    project: StoredProject,
    snapshot: Snapshot,
    live: Sequence[LiveCondition],
    *,
    now: int,
    rules: Rules,
    late_after_ms: int,
    baseline: bool = False,
) -> Judgement:
    """Compare a snapshot with what is stored. A baseline is compared with nothing."""
    previous = None if baseline else project.latest
    memory = look(Watch() if baseline else project.watch, previous, snapshot, rules)
    taken = _sampled(previous, snapshot, memory)
    if taken:
        memory = replace(memory, sampled_at=snapshot.observed_at)
    conditions = [entry.condition for entry in live]
    of_project = {one.kind: one for one in conditions if not one.step}
    doubt = of_project.get(ConditionKind.EMPTIED)
    transitions = diff(previous, snapshot) if previous else ()
    findings = (
        *([Cleared(doubt)] if doubt else []),
        *project_answered(of_project, now=now),
        *detect(
            previous,
            snapshot,
            conditions,
            now=now,
            watch=memory,
            rules=rules,
            late_after_ms=late_after_ms,
            transitions=transitions,
        ),
        *overdue(
            of_project.get(ConditionKind.OVERDUE),
            project.deadline_at,
            snapshot,
            outlook(snapshot, memory) if project.deadline_at is not None else Outlook(),
            rules,
            now=now,
        ),
    )
    return Judgement(
        findings,
        memory,
        recheck_at(
            snapshot,
            memory,
            after(conditions, findings),
            rules,
            now=now,
            deadline_at=project.deadline_at,
        ),
        moved=previous is None or bool(transitions),
        edit=_worth_an_edit(previous, snapshot),
        samples=taken,
    )


async def store_snapshot(
    conn: Connection,
    project: StoredProject,
    snapshot: Snapshot,
    *,
    now: int,
    baseline: bool = False,
    rules: Rules | None = None,
    late_after_ms: int = LATE_AFTER_MS,
) -> Told:
    """Store a snapshot of a locked project and what it tells; returns the events.

    A baseline is compared with nothing.
    Raises OmsError where the snapshot is not to be believed yet; the doubt is written down, nothing else.
    """
    subject = project.subject
    live = await events.live(conn, subject)
    doubt = next((one.condition for one in live if one.condition.kind is ConditionKind.EMPTIED), None)
    if not baseline and _suspicious(project, snapshot, doubt):
        await record(conn, subject, [_doubted(doubt, now)], live, version=project.version, now=now)
        raise OmsError(OmsErrorKind.MALFORMED, "OMS lists no steps, where it listed some before")
    found = judge(
        project,
        snapshot,
        live,
        now=now,
        rules=rules or Rules(),
        late_after_ms=late_after_ms,
        baseline=baseline,
    )
    await projects.store_latest(conn, project.id, snapshot, found.watch, check_at=found.check_at)
    await samples.add(conn, project.id, found.samples)
    if found.only_figures:
        if found.edit:
            await outbox.mark_cards_dirty(conn, [subject], PROGRESS_DIRT)
        return ()
    version = project.version + 1
    await projects.advance(conn, project.id, version=version, troubled=False)
    findings = [await _reported(conn, project.id, snapshot, one) for one in found.findings]
    told = await record(conn, subject, findings, live, version=version, now=now)
    # after the deliveries: who tells locks a stream before its posts, and the other order would deadlock
    await outbox.mark_cards_dirty(conn, [subject], STATE_DIRT)
    return told


async def _reported(conn: Connection, project_id: int, snapshot: Snapshot, finding: Finding) -> Finding:
    """The same finding; one of a project's end with the report of all that was seen of it."""
    event = finding.event
    if event is None or event.kind is not EventKind.PROJECT_COMPLETED:
        return finding
    found = report(
        snapshot,
        await events.newest(conn, Project(project_id)),
        await samples.load(conn, project_id),
    )
    return replace(finding, event=replace(event, evidence=replace(event.evidence, report=found)))


async def store_figures(
    conn: Connection,
    answers: Mapping[int, Snapshot],
    stored: Sequence[StoredProject],
    *,
    now: int,
    rules: RuleBook,
    late_after_ms: int,
    next_poll_at: Mapping[int, int],
) -> set[int]:
    """Store, of locked projects, the answers that changed nothing but figures; returns the ids of these.

    The others have news, which this does not store.
    """
    live = await events.live_of(conn, [one.subject for one in stored])
    figures: list[Figures] = []
    dirty: list[Subject] = []
    taken: list[tuple[int, Sequence[Sample]]] = []
    for project in stored:
        snapshot, subject = answers[project.id], project.subject
        if project.troubled or project.latest is None or not snapshot.steps:
            continue
        own = rules.of(project.ref)
        found = judge(project, snapshot, live[subject], now=now, rules=own, late_after_ms=late_after_ms)
        if found.only_figures:
            following = next_poll_at[project.id]
            figures.append(Figures(project, snapshot, found.watch, found.check_at, following))
            dirty += [subject] if found.edit else []
            taken.append((project.id, found.samples))
    if figures:
        await projects.store_figures(conn, figures)
        await samples.add_all(conn, taken)
        await outbox.mark_cards_dirty(conn, dirty, PROGRESS_DIRT)
    return {one.project.id for one in figures}


async def suspicion(conn: Connection, project: StoredProject) -> Condition | None:
    """Whether a project is suspected, or believed, to be unreadable."""
    live = await events.live(conn, project.subject)
    return next((one.condition for one in live if one.condition.kind is ConditionKind.UNREADABLE), None)


async def store_failure(conn: Connection, project: StoredProject, error: OmsError, *, now: int) -> Told:
    """Store that a locked project could not be read; its snapshot stays as it is."""
    subject = project.subject
    live = await events.live(conn, subject)
    by_kind = {entry.condition.kind: entry.condition for entry in live if not entry.condition.step}
    findings = project_failed(by_kind, error, now=now)
    version = project.version + 1
    await projects.advance(conn, project.id, version=version, troubled=True)
    told = await record(conn, subject, findings, live, version=version, now=now)
    if told:
        await outbox.mark_cards_dirty(conn, [subject], STATE_DIRT)
    return told


def _suspicious(project: StoredProject, snapshot: Snapshot, doubt: Condition | None) -> bool:
    """Whether an empty list after a full one is still to be taken for a fault of the answer."""
    if snapshot.steps or project.latest is None or not project.latest.steps:
        return False
    looks = doubt.count if doubt else 0
    return looks + 1 < EMPTY_LOOKS


def _doubted(doubt: Condition | None, now: int) -> Finding:
    if doubt:
        return Continued(replace(doubt, seen_at=now, count=doubt.count + 1))
    return Opened(Condition(ConditionKind.EMPTIED, "", pending_at=now, seen_at=now, since_at=now))


def _sampled(previous: Snapshot | None, snapshot: Snapshot, memory: Watch) -> tuple[Sample, ...]:
    """The figures to keep of a snapshot; of the one before too, where they stood still until that look."""
    if snapshot.observed_at - memory.sampled_at < SAMPLE_MS:
        return ()
    stood = previous is not None and previous.observed_at - memory.sampled_at >= SAMPLE_MS
    return (*(samples_of(previous) if stood and previous else ()), *samples_of(snapshot))


def _worth_an_edit(previous: Snapshot | None, current: Snapshot) -> bool:
    """Whether counters alone changed what the project's cards show."""
    before = dict(previous.keyed()) if previous else {}
    return any(
        key not in before or (before[key] != step and step_content(before[key]) != step_content(step))
        for key, step in current.keyed()
    )
