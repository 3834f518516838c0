"""The answer to `/oms ready`: the verdict, then each check that it rests on."""

from collections.abc import Iterator

from omsbot.domain.reports.readiness import CAVEAT, Check, Readiness
from omsbot.domain.views import ProjectView
from omsbot.slack.kit.blocks import Block, Message, actions, context, rich
from omsbot.slack.kit.spans import Date, Emoji, Line, bold, joined, line, link
from omsbot.slack.kit.text import one_line
from omsbot.slack.kit.units import counted, duration
from omsbot.slack.messages import buttons
from omsbot.slack.words.status import problem_line, title

SAYS_LIMIT = 200


def ready(view: ProjectView, found: Readiness | None, *, now: int) -> Message:
    """Whether a project is ready for its switchover; `found` is None where nothing is known of its steps.

    Where something keeps the bot from seeing the project, that comes first: the verdict is then of the past.
    """
    top = [*_problem(view, now), line(_verdict(view, found), " · ", title(view.ref, view.name))]
    checks = [_check(check, now) for check in found.checks] if found else []
    blocks: list[Block] = [
        *rich([*top, *checks]),
        *context(line(CAVEAT), _where(view, now)),
        *actions(buttons.refresh_ready(view.ref), buttons.show_steps(view.ref), buttons.post_ready(view.ref)),
    ]
    return Message.of([*top, *checks, line(CAVEAT)], blocks)


def _problem(view: ProjectView, now: int) -> Iterator[Line]:
    problem = problem_line(view)
    if not problem:
        return
    yield problem
    if view.snapshot is not None:
        seen = view.snapshot.observed_at
        yield line(f"Last known state, {duration(now - seen)} old (read ", Date(seen), "):")


def _verdict(view: ProjectView, found: Readiness | None) -> Line:
    if found is None:
        return line(Emoji("grey_question"), " ", bold("Unknown whether it is ready for switchover"))
    if found.ready:
        words = "Was ready for switchover" if view.problem else "Ready for switchover"
        return line(Emoji("white_check_mark"), " ", bold(words), ", judging by OMS's states")
    missing = sum(check.ok is False for check in found.checks)
    return line(
        Emoji("no_entry"),
        " ",
        bold("Was not ready for switchover" if view.problem else "Not ready for switchover"),
        f": {missing} of {counted(len(found.checks), 'check')} failed",
    )


def _check(check: Check, now: int) -> Line:
    emoji = {True: "white_check_mark", False: "x", None: "grey_question"}[check.ok]
    says = one_line(check.says, SAYS_LIMIT)
    since = f" (for {duration(now - check.since_at)})" if check.since_at is not None else None
    return line(Emoji(emoji), " ", bold(check.name) if check.ok is False else check.name, f": {says}", since)


def _where(view: ProjectView, now: int) -> Line:
    seen = view.snapshot
    read = (
        line("Read ", Date(seen.observed_at), f", {duration(now - seen.observed_at)} ago") if seen else None
    )
    return joined((read, link(view.console_link, "Open in the OMS console")))
