"""Longer answers, a page at a time: what a channel follows, what OMS has, what happened."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from omsbot.domain.notify.delivery import DeliveryState, Reason
from omsbot.domain.project.project import ProjectRef, ProjectSummary
from omsbot.domain.views import HistoryEntry, Page, SubscriptionView
from omsbot.slack.kit.actions import Action, Target, encode
from omsbot.slack.kit.blocks import Block, Message, actions, button, rich, row
from omsbot.slack.kit.links import message_url
from omsbot.slack.kit.spans import Date, Emoji, Line, bold, joined, line, link, mentions, prose
from omsbot.slack.kit.text import one_line
from omsbot.slack.kit.units import counted
from omsbot.slack.messages import buttons
from omsbot.slack.words.status import NAME_LIMIT, headline, problem_line, title
from omsbot.slack.words.wording import headline as event_headline

STATE_WORDS: Mapping[str, str] = {
    DeliveryState.PENDING: "waiting to be posted",
    DeliveryState.SENDING: "being posted",
    DeliveryState.TOLD: "posted",
    DeliveryState.WITHHELD: "withheld",
    DeliveryState.FAILED: "not posted",
}
REASON_WORDS: Mapping[str, str] = {
    Reason.NEWS: "this channel's level includes it",
    Reason.OPEN_WHEN_SUBSCRIBED: "it was open when this channel subscribed",
    Reason.BELOW_LEVEL: "below this channel's level",
    Reason.MUTED: "muted",
    Reason.LATE: "late: Slack was unreachable",
    Reason.COLLAPSED: "over before it could be posted",
    Reason.FOLDED: "in one message with others",
    Reason.UNSUBSCRIBED: "unsubscribed before it could be posted",
    Reason.REFUSED: "Slack refused the message",
}


def subscription_list(
    page: Page[SubscriptionView],
    *,
    now: int,
    channel_name: str | None = None,
    channel_id: str | None = None,
) -> Message:
    """What a channel follows; with `channel_id` each line links to its card."""
    channel = f"#{one_line(channel_name, NAME_LIMIT)}" if channel_name else "This channel"
    if not page.total:
        lines = [line(f"{channel} follows no project."), prose(_HOW_TO_FOLLOW)]
        return Message.of(lines, rich(lines))
    head = line(bold(f"{channel} follows {counted(page.total, 'project')}"), _place(page))
    lines = [head, *(_followed(one, channel_id, now) for one in page.items)]
    pages = _pages(page, Action.LIST_PREVIOUS, Action.LIST_NEXT, Target())
    return Message.of(lines, [*rich(lines), *pages])


def project_list(page: Page[ProjectSummary], *, search: str | None, server: str) -> Message:
    """What an OMS server has, each project with a button to subscribe."""
    where = f"on OMS server {one_line(server, NAME_LIMIT)}"
    found = f' whose name or id contains "{one_line(search, NAME_LIMIT)}"' if search else ""
    if not page.total:
        lines = [
            line(f"No project{found} {where} that the bot's OMS user can see."),
            prose("`/oms projects` without search text lists all of them."),
        ]
        return Message.of(lines, rich(lines))
    head = line(bold(counted(page.total, "project")), f"{found} {where}", _place(page))
    hint = prose(_HOW_TO_FOLLOW)
    rows: list[Block] = [row(_summary(one), buttons.subscribe(one.ref, primary=False)) for one in page.items]
    pages = _pages(page, Action.PROJECTS_PREVIOUS, Action.PROJECTS_NEXT, Target(server=server, search=search))
    spoken = [head, *(line(_summary(one)) for one in page.items), hint]
    return Message.of(spoken, [*rich([head, hint]), *rows, *pages])


def history(ref: ProjectRef, page: Page[HistoryEntry], *, why: bool = False) -> Message:
    """What happened to a project, newest first as given, and what became of each for the asking channel.

    `why` adds the rule by which the channel was told.
    """
    if not page.total:
        lines = [line("Nothing has happened to ", title(ref, None), " since omsbot began watching it.")]
        return Message.of(lines, rich(lines))
    head = line(bold(counted(page.total, "event")), " of ", title(ref, None), _place(page))
    lines = [head, *(_happened(one, ref, why) for one in page.items)]
    target = Target(ref.server, ref.oms_id)
    pages = _pages(page, Action.HISTORY_PREVIOUS, Action.HISTORY_NEXT, target)
    return Message.of(lines, [*rich(lines), *pages])


_HOW_TO_FOLLOW = "`/oms subscribe np_xxx` follows a project; `/oms projects` lists what OMS has."


def _followed(view: SubscriptionView, channel_id: str | None, now: int) -> Line:
    return joined((*_state(view), *_how(view, channel_id, now)))


def _state(view: SubscriptionView) -> Iterable[Line]:
    problem = problem_line(view.project)
    return (problem, headline(view.project)) if problem else (headline(view.project),)


def _how(view: SubscriptionView, channel_id: str | None, now: int) -> Iterator[Line]:
    yield line(str(view.options.level))
    cc = mentions(view.options.mention)
    if cc:
        yield line("notifies ", cc)
    if view.muted_until is not None and view.muted_until > now:
        yield line(Emoji("no_bell"), " muted until ", Date(view.muted_until))
    if view.paused_reason:
        yield line(Emoji("no_entry"), f" paused: {one_line(view.paused_reason, 120)}")
    if channel_id and view.card_link_ts:
        yield line(link(message_url(channel_id, view.card_link_ts), "card"))


def _summary(project: ProjectSummary) -> str:
    name = one_line(project.name or "", NAME_LIMIT)
    facts = (project.ref.oms_id, project.type, project.status)
    told = " · ".join(one_line(fact, NAME_LIMIT) for fact in facts if fact)
    return f"{name} · {told}" if name else told


def _happened(entry: HistoryEntry, ref: ProjectRef, why: bool) -> Line:
    event = entry.event
    at = event.happened_at if event.happened_at is not None else event.observed_at
    what = event_headline(event, server=ref.server, already=event.already)
    return joined((line(Date(at)), what, _became(entry, why)))


def _became(entry: HistoryEntry, why: bool) -> str:
    if entry.state is None:
        return "not for this channel"
    state = STATE_WORDS.get(entry.state, one_line(entry.state, NAME_LIMIT))
    plain = entry.reason == Reason.NEWS and not why  # what was asked for needs no reason
    reason = None if plain else REASON_WORDS.get(entry.reason or "")
    return f"{state} ({reason})" if reason else state


def _place(page: Page[Any]) -> str:
    return f" (page {page.number} of {page.pages})" if page.pages > 1 else ""


def _pages(page: Page[Any], previous: Action, following: Action, target: Target) -> list[Block]:
    def to(number: int) -> str:
        return encode(Target(target.server, target.oms_id, target.step, number, target.search))

    return actions(
        button("Previous", previous, to(page.number - 1)) if page.number > 1 else None,
        button("Next", following, to(page.number + 1)) if page.number < page.pages else None,
    )
