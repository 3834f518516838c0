"""Projects, steps and events to show: one migration seen in its various states."""

from collections.abc import Sequence
from dataclasses import replace

from omsbot.domain.events import Event, EventKind, Evidence, Level
from omsbot.domain.notify.compose import Composition, Pending, compose
from omsbot.domain.notify.delivery import Reason
from omsbot.domain.notify.follow_options import FollowOptions
from omsbot.domain.project.completion import Failure, Report, StepReport, Verified
from omsbot.domain.project.project import (
    ErrorDetail,
    ProjectRef,
    Snapshot,
    Step,
    StepError,
    StepInfo,
    StepStatus,
)
from omsbot.domain.reports.readiness import Readiness, readiness
from omsbot.domain.views import ProjectView, SubscriptionView
from omsbot.slack.kit.blocks import Message
from omsbot.slack.messages.news import NewsContext, news
from tests.slack_rules import faults

MINUTE = 60_000
HOUR = 60 * MINUTE
NOW = 1_700_000_000_000
REF = ProjectRef("default", "np_4w3r8k2m9x1q")
CONSOLE = "https://oms.example.com:8089/oms-v2/migration?id=np_4w3r8k2m9x1q&tab=steps"


def step(
    name: str, status: str = "RUNNING", order: int | None = 1, *, progress: int | None = None, **more: object
) -> Step:
    known = StepStatus(status) if status in StepStatus.__members__ else StepStatus.UNKNOWN
    return replace(Step(name, known, status, order, progress=progress), **more)  # type: ignore[arg-type]


DUPLICATE = StepError(
    code="CONNECTOR-FULL0007",
    message="write failed",
    params={"table": "orders"},
    failed_at=NOW - 2 * MINUTE,
    details=(
        ErrorDetail(
            code="CONNECTOR-FULL0007",
            level="ERROR",
            message="Write of table orders failed: Duplicate entry '***' for key 'PRIMARY'",
            reason="The target table holds a row with the same primary key.",
            proposal="Clear the target table or choose to ignore conflicts, then resume the project.",
        ),
        ErrorDetail(code="CONNECTOR-FULL0001", message="1 of 8 writers stopped"),
    ),
)
PRECHECK = step(
    "TRANSFER_PRECHECK",
    "FINISHED",
    1,
    progress=100,
    started_at=NOW - 140 * MINUTE,
    finished_at=NOW - 139 * MINUTE,
)
FULL = step(
    "FULL_TRANSFER",
    "FAILED",
    4,
    progress=43,
    started_at=NOW - 136 * MINUTE,
    error=DUPLICATE,
    info=StepInfo(processed_records=39_646, capacity=92_198, dst_rps=0.0, dst_rps_ref=10_000.0),
)
COPYING = step(
    "FULL_TRANSFER",
    "RUNNING",
    4,
    progress=43,
    started_at=NOW - 136 * MINUTE,
    info=StepInfo(processed_records=3_964_600, capacity=9_219_800, dst_rps=8_000.0, dst_rps_ref=10_000.0),
)
INDEX = step("INDEX_TRANSFER", "RUNNING", 5, progress=12, started_at=NOW - 3 * MINUTE)
MONITORING = step(
    "INCR_TRANSFER",
    "MONITORING",
    6,
    progress=100,
    started_at=NOW - 30 * MINUTE,
    info=StepInfo(checkpoint_s=NOW // 1000 - 8, sampled_s=NOW // 1000 - 5),
)
VERIFIED = step(
    "FULL_VERIFIER",
    "RUNNING",
    7,
    progress=100,
    started_at=NOW - 20 * MINUTE,
    finished_at=NOW - 5 * MINUTE,
    info=StepInfo(processed_records=92_198, capacity=92_198, inconsistencies=3),
)
SWITCHOVER = step("TRANSFER_APP_SWITCH", "INIT", 8, progress=0)


def snapshot(*steps: Step, observed_at: int = NOW - 4_000) -> Snapshot:
    return Snapshot(steps, observed_at)


def view(*steps: Step, **more: object) -> ProjectView:
    read = snapshot(*steps) if steps else None
    return replace(ProjectView(REF, "orders-to-ob", read, CONSOLE), **more)  # type: ignore[arg-type]


FAILED = view(PRECHECK, FULL, INDEX, MONITORING, SWITCHOVER)
RUNNING = view(PRECHECK, COPYING, INDEX, SWITCHOVER)


COPIED = replace(COPYING, status=StepStatus.FINISHED, raw_status="FINISHED", progress=100)
COMPARED = replace(VERIFIED, info=StepInfo(processed_records=92_198, capacity=92_198, inconsistencies=0))
SWITCHABLE = replace(SWITCHOVER, status=StepStatus.RUNNING, raw_status="RUNNING")
SYNCED = view(PRECHECK, COPIED, MONITORING, COMPARED, SWITCHABLE)
LAGGING = replace(MONITORING, info=StepInfo(checkpoint_s=NOW // 1000 - 4_000, sampled_s=NOW // 1000 - 90))
BEHIND = view(PRECHECK, COPIED, LAGGING, VERIFIED, SWITCHOVER)


def judged(project: ProjectView, lag_low_since: int | None = NOW - 14 * MINUTE) -> Readiness:
    assert project.snapshot is not None
    return readiness(project.snapshot, now=NOW, lag_low_since=lag_low_since)


REPORT = Report(
    began_at=NOW - 5 * HOUR,
    ended_at=NOW,
    steps=(
        StepReport("TRANSFER_PRECHECK", PRECHECK, MINUTE),
        StepReport("FULL_TRANSFER", COPIED, 3 * HOUR, 86_400_000, 8_000.0, 11_300.5),
        StepReport("INCR_TRANSFER", MONITORING, HOUR),
        StepReport("FULL_VERIFIER", COMPARED, HOUR // 2, 86_400_000, 48_000.0, None),
    ),
    failures=(
        Failure("FULL_TRANSFER", FULL, NOW - 4 * HOUR, 14 * MINUTE, "CONNECTOR-FULL0007"),
        Failure("FULL_TRANSFER", FULL, NOW - 3 * HOUR, None),
    ),
    paused_ms=40 * MINUTE,
    verified=Verified(0, 86_400_000, finished=True),
)


def followed(project: ProjectView, *, mention: str | None = None, **more: object) -> SubscriptionView:
    options = FollowOptions(Level.IMPORTANT, mention)
    return replace(SubscriptionView(project, options), **more)  # type: ignore[arg-type]


def event(kind: EventKind, of: Step | None = None, **more: object) -> Event:
    """An event of a step two minutes ago, as the poll of now saw it."""
    evidence = Evidence(after=of, since_at=NOW - 2 * MINUTE)
    made = Event(kind, NOW, of.name if of else None, happened_at=NOW - 2 * MINUTE, evidence=evidence)
    return replace(made, **more)  # type: ignore[arg-type]


def told(*events: Event, reason: Reason = Reason.NEWS, holds: bool | None = True) -> Composition:
    return compose([Pending(number, one, holds, reason) for number, one in enumerate(events)])


def about(project: ProjectView | None = FAILED, *, thread: bool = True) -> NewsContext:
    return NewsContext(project, REF.server, "<@U0ANA>", thread)


def completed(found: Report, *others: Event, project: ProjectView = SYNCED) -> Message:
    """The news of a migration's end with its report, and of what was seen together with it."""
    done = event(EventKind.PROJECT_COMPLETED)
    done = replace(done, evidence=replace(done.evidence, report=found))
    return news(told(*others, done), about(project), now=NOW)


def checked(message: Message) -> Message:
    """The message, after Slack's rules found no fault in it."""
    assert not faults(message.text, list(message.blocks))
    return message


def all_checked(messages: Sequence[Message]) -> tuple[Message, ...]:
    return tuple(map(checked, messages))
