"""A step in a line or three: what it is, how far, how fast, and its error."""

from omsbot.domain.forecast.estimate import CatchUp, Estimate
from omsbot.domain.forecast.outlook import Outlook
from omsbot.domain.project.figures import LAGGING_S, left_ms, ran_ms, rows, sample_age_s, speed
from omsbot.domain.project.project import FOLLOWING, Step, StepError, StepStatus
from omsbot.slack.kit.spans import Date, Emoji, Line, bold, code, joined, line
from omsbot.slack.kit.text import one_line
from omsbot.slack.kit.units import bar, counted, duration, number, percent, rate
from omsbot.slack.words.estimates import catch_up_words, time_left
from omsbot.slack.words.status import label, lag, look
from omsbot.slack.words.throughput import flow

ERROR_LIMIT = 300
CODE_LIMIT = 80
INDENT = "\u2003\u2003"  # ordinary spaces collapse

MOVING = {StepStatus.RUNNING, StepStatus.FAILED, StepStatus.SUSPEND}
REACHED = {StepStatus.RUNNING, StepStatus.MONITORING}


def status_line(key: str, step: Step) -> Line:
    """`:red_circle: Full migration FAILED ▓▓▓▓░░░░░░ 43 %`."""
    shown = look(step)
    word = bold(shown.word) if step.failed else shown.word
    return line(Emoji(shown.emoji), " ", bold(label(key, step)), " ", word, progress(step))


def progress(step: Step) -> str:
    done = step.progress
    if done is None and step.info is not None:
        done = step.info.overview_progress
    if done is None or step.status not in MOVING:
        return ""
    return f" {bar(done)} {percent(done)}"


def pace(step: Step, ends: Estimate | None = None, caught: CatchUp | None = None, *, now: int = 0) -> Line:
    """What changes with every look: `8,000 rows/s (reference 10,000) · about 12 min left`, or `lag 3 s`.

    `ends` and `caught` are our own estimates of the step, at `now`; without them OMS's figures have to do.
    """
    if step.kind in FOLLOWING and step.status in REACHED:
        return joined(
            (line(lag(step)), catch_up_words(caught) if caught and (step.lag_s or 0) >= LAGGING_S else None)
        )
    if step.info is None or step.status not in MOVING:
        return ()
    fast, moving = speed(step.info), step.status is StepStatus.RUNNING
    return joined(
        (
            rate(*fast) if fast and moving else None,
            time_left(ends, now=now) if ends else _left_at_speed(step),
        )
    )


def _left_at_speed(step: Step) -> str | None:
    left = left_ms(step)
    return f"about {duration(left)} left" if left is not None else None


def counts(step: Step) -> Line:
    """`39,646 of 92,198 rows`, and what verification found."""
    if step.info is None:
        return ()
    done, total = rows(step.info)
    told = None
    if done is not None:
        told = f"{number(done)} of {number(total)} rows" if total is not None else counted(done, "row")
    differ = step.info.inconsistencies
    return joined(
        (
            told,
            bold(counted(differ, "row") + (" differs" if differ == 1 else " differ")) if differ else None,
            f"{number(step.info.validated)} validated" if step.info.validated else None,
            f"{number(step.info.skipped)} skipped" if step.info.skipped else None,
        )
    )


def times(step: Step, now: int) -> Line:
    """`started ... · took 10 s`; nothing where the step has not started."""
    took = ran_ms(step, now)
    if step.started_at is None or took is None or step.status is StepStatus.INIT:
        return ()
    verb = {
        StepStatus.FINISHED: "took",
        StepStatus.RUNNING: "for",
        StepStatus.FAILED: "failed after",
    }.get(step.status)
    return joined((line("started ", Date(step.started_at)), f"{verb} {duration(took)}" if verb else None))


def sample(step: Step, now: int) -> str | None:
    """A warning where the checkpoint behind a lag is old: the lag is then older than it looks."""
    age = sample_age_s(step, now)
    if age is None or step.kind not in FOLLOWING or step.status not in REACHED:
        return None
    return f"checkpoint sampled {duration(age * 1000)} ago"


def error_line(error: StepError, limit: int = ERROR_LIMIT) -> Line:
    """`CODE: message`, cut to the limit."""
    chief = error.chief
    message = one_line(chief.message or chief.reason or "", limit)
    shown_code = code(one_line(chief.code, CODE_LIMIT)) if chief.code else None
    return joined((shown_code, message or None), ": ")


def details(
    key: str, step: Step, now: int, expected: Outlook | None = None, *, server_now: int | None = None
) -> list[Line]:
    """The lines of a step in the answer to a question: status, figures and times, error.

    `server_now` is the same moment by the server's own clock: a sample is as old as that says.
    """
    ends, caught = (expected.ends.get(key), expected.catch_ups.get(key)) if expected else (None, None)
    why = f"time left unknown: {ends.reason}" if ends and ends.reason else None
    age = sample(step, now if server_now is None else server_now)
    under = joined((times(step, now), counts(step), pace(step, ends, caught, now=now), why, age))
    said = error_line(step.error) if step.failed and step.error else ()
    indented = (line(INDENT, part) for part in (under, *_flowing(step), said) if part)
    return [_numbered(key, step), *indented]


def _flowing(step: Step) -> list[Line]:
    """The figures of a copy on either side; of incremental synchronization, whether OMS counts statements."""
    if step.info is None:
        return []
    if step.status in MOVING and step.kind not in FOLLOWING:
        return flow(step.info)
    return [line("OMS counts its DML and DDL statements" if step.info.incr_statistics else None)]


def _numbered(key: str, step: Step) -> Line:
    return line(status_line(key, step), f"  (step {step.order})" if step.order is not None else None)
