"""Commands: what a person typed after `/oms`, as a value, or what is wrong with it and how to mend it.

Texts and hints of a `Mistake` are Slack's mrkdwn. What a person typed stands in them only between
backticks and reduced to characters that cannot format, mention or link (`words.echo`).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from omsbot.bot.grammar.arguments import (
    Asked,
    Wrong,
    nothing_else,
    refs_only,
    single_ref,
    take_page,
    take_refs,
    which_project,
)
from omsbot.bot.grammar.durations import parse_duration
from omsbot.bot.grammar.follow_options import read_subscription_words
from omsbot.bot.grammar.refs import looks_like_ref, parse_ref
from omsbot.bot.grammar.usage import USAGES, CommandName, command_named, example, nearest_command
from omsbot.bot.grammar.words import echo, entity, words
from omsbot.domain.forecast.deadline import Wanted, read_deadline
from omsbot.domain.notify.follow_options import NO_CHANGE, FollowChange
from omsbot.domain.notify.quiet_hours import QuietHours, read_quiet_hours
from omsbot.domain.project.project import DEFAULT_SERVER, ProjectRef

__all__ = ["Command", "Mistake", "parse", "parse_ref"]

MAX_SEARCH = 100
_OFF = frozenset({"off", "none", "never", "stop", "end"})
_WHOLE_CHANNEL = frozenset({"all", "everything", "channel"})
_SERVER_PREFIX = re.compile(r"([a-z0-9-]{1,32}):(?!//)(.*)", re.IGNORECASE)
_ID_WITHOUT_PREFIX = re.compile(r"(?=.*\d)(?=.*[a-z])[a-z0-9_]{8,61}")
_LENGTH = re.compile(r"(\d+[a-z]+)+")
_OWN_NAMES = frozenset({"/oms", "oms", "@omsbot", "omsbot"})


@dataclass(frozen=True, slots=True)
class ShowSteps:
    refs: tuple[ProjectRef, ...]


@dataclass(frozen=True, slots=True)
class Subscribe:
    refs: tuple[ProjectRef, ...]
    change: FollowChange = NO_CHANGE


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    refs: tuple[ProjectRef, ...]


@dataclass(frozen=True, slots=True)
class ListSubscriptions:
    page: int = 1


@dataclass(frozen=True, slots=True)
class ListProjects:
    server: str | None = None
    search: str | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class Mute:
    """No `refs` means everything in the channel."""

    refs: tuple[ProjectRef, ...]
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Unmute:
    """No `refs` means everything in the channel."""

    refs: tuple[ProjectRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Quiet:
    """No `hours` means that the channel has no quiet hours any more."""

    hours: QuietHours | None


@dataclass(frozen=True, slots=True)
class ShowHistory:
    ref: ProjectRef
    page: int = 1


@dataclass(frozen=True, slots=True)
class ShowWhy:
    ref: ProjectRef
    page: int = 1


@dataclass(frozen=True, slots=True)
class ShowChart:
    ref: ProjectRef


@dataclass(frozen=True, slots=True)
class SendTest:
    pass


@dataclass(frozen=True, slots=True)
class ShowReady:
    ref: ProjectRef


@dataclass(frozen=True, slots=True)
class ShowDeadline:
    ref: ProjectRef


@dataclass(frozen=True, slots=True)
class SetDeadline:
    """No `wanted` means that the project has no deadline any more."""

    ref: ProjectRef
    wanted: Wanted | None


@dataclass(frozen=True, slots=True)
class ShowHelp:
    topic: CommandName | None = None


@dataclass(frozen=True, slots=True)
class Mistake:
    text: str
    hint: str | None = None


Question = (
    ShowSteps
    | ListSubscriptions
    | ListProjects
    | ShowHistory
    | ShowWhy
    | ShowChart
    | ShowReady
    | ShowDeadline
)
Change = Subscribe | Unsubscribe | Mute | Unmute | Quiet | SendTest | SetDeadline
Command = Question | Change | ShowHelp


def parse(
    text: str,
    *,
    actor: str,
    default_server: str | None = DEFAULT_SERVER,
    servers: Mapping[str, str] | None = None,
) -> Command | Mistake:
    """Read a command. `actor` is the Slack id of the person; for the others see `refs.parse_ref`."""
    typed = _after_own_name(words(text))
    if not typed:
        return ShowHelp()
    name = command_named(typed[0])
    args = typed[1:]
    if name is None and looks_like_ref(typed[0]):
        name, args = CommandName.STEPS, typed
    if name is None:
        return _unknown_command(typed, default_server, servers or {})
    try:
        return _READERS[name](Asked(name, args, actor, default_server, servers or {}))
    except Wrong as wrong:
        return Mistake(wrong.text, wrong.hint)
    except ValueError as wrong:
        return Mistake(str(wrong), f"Write `/oms {USAGES[name].form}`.")


def _after_own_name(typed: tuple[str, ...]) -> tuple[str, ...]:
    return typed[1:] if typed and typed[0].lower() in _OWN_NAMES else typed


def _unknown_command(typed: Sequence[str], default_server: str | None, servers: Mapping[str, str]) -> Mistake:
    text = f"`/oms {echo(typed[0])}` is not a command."
    near = nearest_command(typed[0])
    if near is None:
        return Mistake(text, "`/oms help` shows the commands.")
    try:
        refs, _ = take_refs(Asked(near, tuple(typed[1:]), "", default_server, servers))
    except (ValueError, Wrong):
        refs = ()
    return Mistake(text, f"Did you mean `{example(near, str(refs[0]) if refs else None)}`?")


def _steps(asked: Asked) -> Command:
    return ShowSteps(refs_only(asked))


def _subscribe(asked: Asked) -> Command:
    refs, rest = take_refs(asked)
    change = read_subscription_words(asked, rest)
    return Subscribe(refs or which_project(asked), change)


def _unsubscribe(asked: Asked) -> Command:
    return Unsubscribe(refs_only(asked))


def _list(asked: Asked) -> Command:
    rest, page = take_page(asked.args, bare=True)
    nothing_else(asked, rest)
    return ListSubscriptions(page)


def _projects(asked: Asked) -> Command:
    rest, page = take_page(asked.args, bare=False)
    shown = [_shown(word) for word in rest]
    server = None
    if shown and (prefix := _SERVER_PREFIX.fullmatch(shown[0])):
        server = prefix[1].lower()
        shown[0] = prefix[2]
    search = " ".join(word for word in shown if word)[:MAX_SEARCH]
    return ListProjects(server, search or None, page)


def _mute(asked: Asked) -> Command:
    refs, rest = take_refs(asked)
    length = [word for word in rest if word.lower() not in _WHOLE_CHANNEL]
    if any(word.lower() in {"until", "till"} for word in length):
        raise Wrong("A silence is set by its length.", f"For example `{_mute_example(refs)}`.")
    try:
        return Mute(refs, parse_duration(" ".join(length)))
    except ValueError as wrong:
        for word in length:
            if _ID_WITHOUT_PREFIX.fullmatch(word.lower()) and not _LENGTH.fullmatch(word.lower()):
                asked.ref(word)
        raise Wrong(str(wrong), f"For example `{_mute_example(refs)}`.") from wrong


def _mute_example(refs: Sequence[ProjectRef]) -> str:
    return example(CommandName.MUTE, str(refs[0]) if refs else None)


def _unmute(asked: Asked) -> Command:
    refs, rest = take_refs(asked)
    for word in rest:
        if word.lower() not in _WHOLE_CHANNEL:
            asked.ref(word)
    return Unmute(refs)


def _quiet(asked: Asked) -> Command:
    typed = [word for word in asked.args if word.lower() not in {"from", "hours"}]
    if len(typed) == 1 and typed[0].lower() in _OFF:
        return Quiet(None)
    if len(typed) < 2:
        raise Wrong(
            "Quiet hours need a part of the day and a time zone.",
            f"For example `{example(CommandName.QUIET)}`, or `/oms quiet off`.",
        )
    try:
        return Quiet(read_quiet_hours("".join(typed[:-1]).replace("to", "-"), typed[-1]))
    except ValueError as wrong:
        raise Wrong(str(wrong), f"For example `{example(CommandName.QUIET)}`.") from wrong


def _history(asked: Asked) -> Command:
    rest, page = take_page(asked.args, bare=True)
    return ShowHistory(single_ref(asked, rest), page)


def _why(asked: Asked) -> Command:
    rest, page = take_page(asked.args, bare=True)
    return ShowWhy(single_ref(asked, rest), page)


def _chart(asked: Asked) -> Command:
    return ShowChart(single_ref(asked, asked.args))


def _deadline(asked: Asked) -> Command:
    refs, rest = take_refs(asked)
    for word in () if refs else rest:
        if _ID_WITHOUT_PREFIX.fullmatch(word.lower()):
            asked.ref(word)  # says in its own words what is missing
    ref = single_ref(asked, [word for word in asked.args if word not in rest])
    if not rest:
        return ShowDeadline(ref)
    if len(rest) == 1 and rest[0].lower() in _OFF:
        return SetDeadline(ref, None)
    try:
        return SetDeadline(ref, read_deadline(" ".join(rest)))
    except ValueError as wrong:
        raise Wrong(str(wrong), f"For example `{example(CommandName.DEADLINE, str(ref))}`.") from wrong


def _ready(asked: Asked) -> Command:
    return ShowReady(single_ref(asked, asked.args))


def _test(asked: Asked) -> Command:
    nothing_else(asked, asked.args)
    return SendTest()


def _help(asked: Asked) -> Command:
    topic = asked.args[0] if asked.args else None
    return ShowHelp(command_named(topic) or nearest_command(topic) if topic else None)


def _shown(word: str) -> str:
    """What stood on the screen: Slack turns a word such as `orders.com` into a link with a label."""
    found = entity(word)
    return word if found is None else found[2] or found[1]


_READERS: Mapping[CommandName, Callable[[Asked], Command]] = {
    CommandName.STEPS: _steps,
    CommandName.SUBSCRIBE: _subscribe,
    CommandName.UNSUBSCRIBE: _unsubscribe,
    CommandName.LIST: _list,
    CommandName.PROJECTS: _projects,
    CommandName.MUTE: _mute,
    CommandName.UNMUTE: _unmute,
    CommandName.QUIET: _quiet,
    CommandName.HISTORY: _history,
    CommandName.WHY: _why,
    CommandName.CHART: _chart,
    CommandName.TEST: _test,
    CommandName.DEADLINE: _deadline,
    CommandName.READY: _ready,
    CommandName.HELP: _help,
}
