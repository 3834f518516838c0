"""News: failure alerts and all that else is told, several deliveries in one message."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from omsbot.domain.events import Event, EventKind
from omsbot.domain.notify.compose import Composition, Item, Shown
from omsbot.domain.notify.delivery import Reason
from omsbot.domain.notify.previous_failure import PastFailure
from omsbot.domain.views import ProjectView
from omsbot.slack.kit.blocks import Block, Message, actions, context, rich
from omsbot.slack.kit.spans import Date, Emoji, Line, bold, joined, line, link, mentions
from omsbot.slack.kit.text import one_line
from omsbot.slack.messages import buttons
from omsbot.slack.messages.sample import sample_alert
from omsbot.slack.words.event_details import details
from omsbot.slack.words.failure import full_error
from omsbot.slack.words.status import NAME_LIMIT, title
from omsbot.slack.words.step_details import INDENT, error_line
from omsbot.slack.words.wording import headline, tally

LINES_WITH_DETAILS = 3  # more lines than these have only what fits on the line
SHORT_ERROR = 120
DATED = {EventKind.STEP_STARTED, EventKind.STEP_FINISHED, EventKind.STEP_MONITORING}
# only what waited can leave a message in which nothing is shown
NOTHING_HOLDS = "nothing that began in the meantime is still open"

__all__ = ["NewsContext", "full_error", "news", "sample_alert"]


@dataclass(frozen=True, slots=True)
class NewsContext:
    """What a message is about: a project, or (`view` None) a server; `thread`: it goes under a card.

    `past` has, by the key of a step that failed, the failure before.
    """

    view: ProjectView | None
    server: str
    mention: str | None = None
    thread: bool = False
    past: Mapping[str, PastFailure] = field(default_factory=dict)


def news(composition: Composition, about: NewsContext, *, now: int) -> Message:
    """One message of all that is pending for one subscription, the most urgent first."""
    full, short = _shown(composition, Shown.FULL), _shown(composition, Shown.LINE)
    # in a card's thread, and only there, the project is plain from the place
    named = not about.thread or composition.broadcast
    blocks: list[Block] = []
    for number, item in enumerate(full):
        cc = _mentioned(composition, about) if number == 0 else ()
        blocks += rich(_in_full(item, about, now=now, cc=cc, named=named))
        blocks += actions(_full_error_button(item, about)) if len(full) > 1 else []
    blocks += rich(_in_lines(short, about, now=now, named=named))
    blocks += [] if composition.visible else rich([_nothing_holds(composition)])
    blocks += context(*_counted(composition), _where(about) if composition.broadcast else ())
    if composition.broadcast:
        blocks += _buttons(full, about)
    return Message.of(_spoken(composition, about, now), blocks)


def _spoken(composition: Composition, about: NewsContext, now: int) -> list[Line]:
    lines: list[Line] = []
    for item in _shown(composition, Shown.FULL):
        cc = () if lines else _mentioned(composition, about)
        lines += _in_full(item, about, now=now, cc=cc, named=True)
    lines += _in_lines(_shown(composition, Shown.LINE), about, now=now, named=True)
    lines += [] if composition.visible else [_nothing_holds(composition)]
    return [*lines, *_counted(composition), *([_where(about)] if composition.broadcast else [])]


def _shown(composition: Composition, how: Shown) -> list[Item]:
    return [item for item in composition.visible if item.shown is how]


def _mentioned(composition: Composition, about: NewsContext) -> Line:
    return mentions(about.mention) if composition.mention else ()


def _head(item: Item, about: NewsContext, *, named: bool) -> Line:
    project = title(about.view.ref, about.view.name) if about.view and named else ()
    return headline(item.event, server=about.server, already=item.already, about=project)


def _in_full(item: Item, about: NewsContext, *, now: int, cc: Line, named: bool) -> list[Line]:
    head = _head(item, about, named=named)
    past = about.past.get(item.event.step or "")
    return [line(head, " " if cc else None, cc), *details(item.event, now=now, past=past)]


def _in_lines(items: Sequence[Item], about: NewsContext, *, now: int, named: bool) -> list[Line]:
    """A line for each; what happened while nobody looked comes first, in order of time, under one heading.

    The end of a migration goes before all that ended with it, and its report is told nowhere else.
    """
    late = sorted((item for item in items if item.event.late), key=_happened)
    fresh = sorted(
        (item for item in items if not item.event.late), key=lambda item: item.event.evidence.report is None
    )
    lines: list[Line] = [_meanwhile(late)] if late else []
    for item in (*late, *fresh):
        at = _own_time(item.event)
        # a line that begins with the time need not say it again
        event = replace(item.event, happened_at=None) if at and item.event.kind in DATED else item.event
        first, *rest = [*details(event, now=now, whole=False), ()]
        lines.append(joined((at, _head(item, about, named=named), first, _short_error(item))))
        if len(items) <= LINES_WITH_DETAILS or event.evidence.report:
            lines += [line(INDENT, part) for part in filter(None, rest)]
    return lines


def _own_time(event: Event) -> Line:
    """OMS's own time of what happened while nobody looked."""
    return line(Date(event.happened_at)) if event.late and event.happened_at is not None else ()


def _happened(item: Item) -> int:
    return item.event.observed_at if item.event.happened_at is None else item.event.happened_at


def _meanwhile(late: Sequence[Item]) -> Line:
    since = [item.event.unseen_since for item in late if item.event.unseen_since is not None]
    began = line(", from ", Date(min(since))) if since else None
    until = line(" to ", Date(max(item.event.observed_at for item in late)))
    return line("This happened while omsbot was not watching", began, until, ":")


def _short_error(item: Item) -> Line:
    step = item.event.evidence.after
    if item.event.kind is not EventKind.STEP_FAILED or step is None or step.error is None:
        return ()
    return error_line(step.error, SHORT_ERROR)


def _counted(composition: Composition) -> Iterator[Line]:
    if composition.muted and composition.visible:
        yield line("Mute ended. Shown here: what is still open or new.")
    passed = [item.event for item in composition.counted if item.reason is Reason.COLLAPSED]
    folded = [item.event for item in composition.counted if item.reason is not Reason.COLLAPSED]
    more = " more" if composition.visible else ""
    if passed:
        when = "while muted" if composition.muted else "in the meantime, over by now"
        yield line(f"{len(passed)}{more} {when}: {tally(passed)}")
    if folded:
        yield line(f"{len(folded)}{more}: {tally(folded)}")


def _nothing_holds(composition: Composition) -> Line:
    why = "Mute ended" if composition.muted else "Slack was unreachable for a long time"
    return line(Emoji("bell"), " ", bold(f"{why}: {NOTHING_HOLDS}"))


def _where(about: NewsContext) -> Line:
    console = link(about.view.console_link, "Open in the OMS console") if about.view else None
    return joined((f"OMS server {one_line(about.server, NAME_LIMIT)}", console))


def _full_error_button(item: Item, about: NewsContext) -> Block | None:
    step, key = item.event.evidence.after, item.event.step
    if about.view is None or key is None or step is None or step.error is None:
        return None
    return buttons.full_error(about.view.ref, key)


def _buttons(full: Sequence[Item], about: NewsContext) -> list[Block]:
    if about.view is None:
        return []
    ref = about.view.ref
    only_error = _full_error_button(full[0], about) if len(full) == 1 else None
    return actions(buttons.show_steps(ref), only_error, buttons.mute_hour(ref) if full else None)
