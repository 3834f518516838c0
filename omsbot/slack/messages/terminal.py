"""The steps of a project as aligned plain text, for a terminal."""

import unicodedata
from collections.abc import Iterable, Sequence

from omsbot.domain.project.figures import ran_ms, sample_age_s
from omsbot.domain.project.project import Step, StepStatus
from omsbot.domain.views import ProjectView
from omsbot.slack.kit.spans import Channel, Date, Emoji, Line, Link, Mention, Span, Text
from omsbot.slack.kit.text import one_line
from omsbot.slack.kit.units import duration, percent, utc
from omsbot.slack.words.conditions import trouble_lines
from omsbot.slack.words.status import label, look, phase_line, problem_line, title
from omsbot.slack.words.step_details import counts, error_line, pace

ERROR_LIMIT = 1_000
COLUMNS = ("ORDER", "STEP", "STATUS", "PROGRESS", "STARTED", "DURATION", "FIGURES")
NOTHING = "-"
RIGHT = {0, 3}


def steps_terminal(view: ProjectView, *, now: int) -> str:
    """The same view as `steps`, without colours; ends with a newline."""
    top = [
        part for part in (problem_line(view), title(view.ref, view.name), phase_line(view.snapshot)) if part
    ]
    lines = [*map(_flat, [*top, *trouble_lines(view)]), *_read(view, now), ""]
    if view.snapshot and view.snapshot.steps:
        steps = list(view.snapshot.keyed())
        lines += _table([COLUMNS, *(_row(key, step, now) for key, step in steps)])
        lines += _errors(steps)
    return "\n".join(lines).rstrip() + "\n"


def _read(view: ProjectView, now: int) -> Iterable[str]:
    if view.snapshot:
        seen = view.snapshot.observed_at
        yield f"Read {utc(seen) or NOTHING}, {duration(now - seen)} ago"
    if view.console_link:
        yield one_line(view.console_link, 2_000)


def _row(key: str, step: Step, now: int) -> tuple[str, ...]:
    took = ran_ms(step, now) if step.status is not StepStatus.INIT else None
    age = sample_age_s(step, now)
    figures = (_flat(counts(step)), _flat(pace(step)), f"sampled {duration(age * 1000)} ago" if age else "")
    return (
        NOTHING if step.order is None else str(step.order),
        label(key, step),
        look(step).word,
        NOTHING if step.progress is None else percent(step.progress),
        (utc(step.started_at) if step.started_at is not None else None) or NOTHING,
        NOTHING if took is None else duration(took),
        ", ".join(filter(None, figures)) or NOTHING,
    )


def _errors(steps: Iterable[tuple[str, Step]]) -> Iterable[str]:
    for key, step in steps:
        if step.failed and step.error:
            yield ""
            yield f"{label(key, step)} FAILED: {_flat(error_line(step.error, ERROR_LIMIT))}"
            proposal = step.error.chief.proposal
            if proposal:
                yield f"  OMS proposes: {one_line(proposal, ERROR_LIMIT)}"


def _table(rows: Sequence[tuple[str, ...]]) -> Iterable[str]:
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (_padded(cell, widths[i], right=i in RIGHT) for i, cell in enumerate(row))
        yield "  ".join(cells).rstrip()


def _padded(cell: str, width: int, *, right: bool) -> str:
    space = " " * (width - _width(cell))
    return space + cell if right else cell + space


def _width(text: str) -> int:
    """Columns in a terminal: wide characters take two, combining ones none."""
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) == "Cf":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _flat(spans: Line) -> str:
    return "".join(map(_shown, spans)).strip()


def _shown(span: Span) -> str:
    match span:
        case Text():
            return span.text
        case Date():
            return utc(span.at) or NOTHING
        case Link():
            return span.url
        case Emoji() | Mention() | Channel():
            return ""
