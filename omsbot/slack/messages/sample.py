"""A failure alert that cannot be taken for a real one: it proves that messages arrive."""

from omsbot.domain.events import Event, EventKind, Evidence
from omsbot.domain.project.project import ErrorDetail, Step, StepError, StepStatus
from omsbot.slack.kit.blocks import Message, context, rich
from omsbot.slack.kit.spans import Emoji, bold, joined, line, mentions
from omsbot.slack.words.event_details import details
from omsbot.slack.words.wording import headline

SAMPLE_PROJECT = "a project that does not exist"
FAILED_FOR_MS = 60_000
RAN_FOR_MS = 3_600_000
EXPLANATION = (
    "This is a test. Nothing failed: it shows what a failure alert looks like "
    "and that it reaches this channel. A real one also has the buttons Show steps, Full error and Mute 1 h."
)


def sample_alert(*, asked_by: str, now: int) -> Message:
    """The answer to `/oms test`; `asked_by` is a user's id or a mention of one."""
    asker = mentions(asked_by) or mentions(f"<@{asked_by}>")
    event = _sample_event(now)
    test = line(Emoji("test_tube"), " ", bold("TEST "))
    head = joined((line(test, headline(event, server="", already=False)), SAMPLE_PROJECT))
    lines = [head, line(EXPLANATION, line(" Asked for by ", asker, ".") if asker else None)]
    lines += [*details(event, now=now)]
    return Message.of(lines, [*rich(lines), *context(line("Test message from omsbot"))])


def _sample_event(now: int) -> Event:
    said = ErrorDetail(
        code="SAMPLE-0001",
        level="ERROR",
        message="A sample message: the target refused a row.",
        reason="A sample reason.",
        proposal="Nothing to do: this is a test.",
    )
    failed_at = now - FAILED_FOR_MS
    step = Step(
        name="FULL_TRANSFER",
        status=StepStatus.FAILED,
        raw_status="FAILED",
        order=4,
        progress=43,
        started_at=failed_at - RAN_FOR_MS,
        error=StepError(failed_at=failed_at, details=(said,)),
    )
    evidence = Evidence(after=step, since_at=failed_at)
    return Event(EventKind.STEP_FAILED, now, "FULL_TRANSFER", happened_at=failed_at, evidence=evidence)
