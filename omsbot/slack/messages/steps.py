"""The answer to `/oms steps`: each step with all its figures."""

from collections.abc import Iterator

from omsbot.domain.project.figures import read_at
from omsbot.domain.views import ProjectView
from omsbot.slack.kit.blocks import Block, Message, actions, context, rich
from omsbot.slack.kit.spans import Date, Line, joined, line, link
from omsbot.slack.kit.units import duration
from omsbot.slack.messages import buttons
from omsbot.slack.messages.terminal import steps_terminal
from omsbot.slack.words.conditions import trouble_lines
from omsbot.slack.words.shown_steps import chosen_steps
from omsbot.slack.words.status import headline, problem_line
from omsbot.slack.words.step_details import details

STEPS_SHOWN = 24

__all__ = ["steps", "steps_terminal"]


def steps(view: ProjectView, *, now: int, subscribed: bool) -> Message:
    """All that is known of a project's steps.

    Where something keeps the bot from seeing the project, that comes first, with the age of what is shown.
    """
    top = [*_problem(view, now), headline(view), *trouble_lines(view)]
    shown = list(_details(view, now))
    blocks: list[Block] = [
        *rich(top),
        *rich(shown),
        *context(_where(view, now)),
        *actions(
            buttons.refresh(view.ref),
            None if subscribed else buttons.subscribe(view.ref),
            buttons.post_to_channel(view.ref),
            _full_error(view),
        ),
    ]
    return Message.of([*top, *shown], blocks)


def _problem(view: ProjectView, now: int) -> Iterator[Line]:
    problem = problem_line(view)
    if not problem:
        return
    yield problem
    if view.snapshot is None:
        yield line("Nothing is known of this project's steps yet.")
    else:
        seen = view.snapshot.observed_at
        yield line(f"Last known state, {duration(now - seen)} old (read ", Date(seen), "):")


def _details(view: ProjectView, now: int) -> Iterator[Line]:
    snapshot = view.snapshot
    if snapshot is None:
        return
    server_now = read_at(snapshot) + now - snapshot.observed_at
    if not snapshot.steps:
        yield line("OMS lists no steps for this project.")
    chosen, hidden = chosen_steps(snapshot, STEPS_SHOWN)
    for key, step in chosen:
        yield from details(key, step, now, view.outlook, server_now=server_now)
    if hidden:
        yield line(f"… and {hidden} more steps; the OMS console shows them all")


def _where(view: ProjectView, now: int) -> Line:
    seen = view.snapshot
    read = (
        line("Read ", Date(seen.observed_at), f", {duration(now - seen.observed_at)} ago") if seen else None
    )
    return joined((read, link(view.console_link, "Open in the OMS console")))


def _full_error(view: ProjectView) -> Block | None:
    for key, step in view.snapshot.keyed() if view.snapshot else ():
        if step.failed and step.error:
            return buttons.full_error(view.ref, key)
    return None
