"""The card: the one message per subscription that is kept up to date."""

from bisect import bisect
from collections.abc import Iterable, Iterator

from omsbot.domain.project.project import Step
from omsbot.domain.views import ProjectView, SubscriptionView
from omsbot.slack.kit.blocks import Block, Message, actions, context, rich
from omsbot.slack.kit.spans import Date, Emoji, Line, joined, line, link, mentions
from omsbot.slack.kit.text import one_line
from omsbot.slack.messages import buttons
from omsbot.slack.words.conditions import trouble_content, trouble_lines
from omsbot.slack.words.shown_steps import chosen_steps
from omsbot.slack.words.status import NAME_LIMIT, headline, look, problem_line
from omsbot.slack.words.step_details import error_line, pace, status_line

PROGRESS_STEP = 5  # percent; less is no reason to edit
LAG_STEPS_S = (30, 300, 900, 3_600, 14_400, 43_200)
STEPS_SHOWN = 24


def card(view: SubscriptionView, *, now: int) -> Message:
    """The state of a project for a channel that follows it; `now` decides whether a mute still holds.

    Rates, times left and small steps of progress are shown but are no content: they alone are no reason
    to edit.
    """
    project = view.project
    problem = problem_line(project)
    known = headline(project)
    top = [problem, line("Last known: ", known)] if problem else [known]
    top += trouble_lines(project)
    steps = list(_steps(project, now))
    muted = view.muted_until is not None and view.muted_until > now
    blocks: list[Block] = [
        *rich([*top, *steps]),
        *context(*_how_followed(view, muted), _where(project)),
        *actions(
            buttons.show_steps(project.ref),
            buttons.unmute(project.ref) if muted else buttons.mute_hour(project.ref),
        ),
    ]
    return Message.of([*top, *steps], blocks, content=repr(tuple(_content(view, muted))))


def _steps(view: ProjectView, now: int) -> Iterator[Line]:
    snapshot, expected = view.snapshot, view.outlook
    if snapshot is None:
        return
    chosen, hidden = chosen_steps(snapshot, STEPS_SHOWN)
    for key, step in chosen:
        figures = pace(step, expected.ends.get(key), expected.catch_ups.get(key), now=now)
        yield joined((status_line(key, step), figures, _error(step)))
    if hidden:
        yield line(f"… and {hidden} more steps: Show steps")


def _error(step: Step) -> Line:
    return error_line(step.error, limit=120) if step.failed and step.error else ()


def _how_followed(view: SubscriptionView, muted: bool) -> Iterable[Line]:
    cc = mentions(view.options.mention)
    yield joined((f"Level: {view.options.level}", line("notifies ", cc) if cc else None))
    if muted and view.muted_until is not None:
        yield line(Emoji("no_bell"), " muted until ", Date(view.muted_until))
    if view.paused_reason:
        yield line(Emoji("no_entry"), f" paused: {one_line(view.paused_reason, 200)}")


def _where(project: ProjectView) -> Line:
    seen = project.snapshot
    return joined(
        (
            line("As of ", Date(seen.observed_at)) if seen else "Not read yet",
            line("Deadline ", Date(project.deadline_at)) if project.deadline_at is not None else None,
            f"OMS server {one_line(project.ref.server, NAME_LIMIT)}",
            link(project.console_link, "Open in the OMS console"),
        )
    )


def _content(view: SubscriptionView, muted: bool) -> Iterator[object]:
    project = view.project
    yield (project.ref, project.name, project.console_link, project.problem, project.problem_since_at)
    yield (
        int(view.options.level),
        view.options.mention,
        view.muted_until if muted else None,
        view.paused_reason,
    )
    yield (project.deadline_at, *trouble_content(project))
    for key, step in project.snapshot.keyed() if project.snapshot else ():
        yield (key, *step_content(step))


def step_content(step: Step) -> tuple[object, ...]:
    """What of a step counts as content of its card; while that stays equal, an edit is not worth a call."""
    progress = None if step.progress is None else step.progress // PROGRESS_STEP
    lag = None if step.lag_s is None else bisect(LAG_STEPS_S, step.lag_s)
    said = step.error.chief if step.failed and step.error else None
    failure = (step.failed_at, said.code, said.message) if said else (step.failed_at if step.failed else None)
    return step.raw_status, look(step), progress, lag, step.finished_at, failure
