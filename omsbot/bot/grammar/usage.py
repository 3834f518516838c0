"""The commands by name: how each is written, what it does, and which other words mean the same."""

from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum
from typing import NamedTuple


class CommandName(StrEnum):
    STEPS = "steps"
    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    LIST = "list"
    PROJECTS = "projects"
    MUTE = "mute"
    UNMUTE = "unmute"
    HISTORY = "history"
    WHY = "why"
    CHART = "chart"
    QUIET = "quiet"
    TEST = "test"
    DEADLINE = "deadline"
    READY = "ready"
    HELP = "help"


class Usage(NamedTuple):
    """`form` is what follows `/oms`; `example` is one that can be copied, with `np_xxx` for the project."""

    form: str
    example: str
    summary: str
    synonyms: tuple[str, ...] = ()


USAGES: Mapping[CommandName, Usage] = {
    CommandName.STEPS: Usage(
        "steps [server:]np_xxx",
        "steps np_xxx",
        "asks OMS now and shows each step to you alone",
        ("step", "status", "show", "progress", "state", "info"),
    ),
    CommandName.SUBSCRIBE: Usage(
        "subscribe [server:]np_xxx [failures|important|all] [mention @someone]",
        "subscribe np_xxx",
        "tells this channel what changes and what fails",
        ("sub", "follow", "watch", "add"),
    ),
    CommandName.UNSUBSCRIBE: Usage(
        "unsubscribe [server:]np_xxx",
        "unsubscribe np_xxx",
        "stops telling this channel of the project",
        ("unsub", "unfollow", "unwatch", "remove", "stop"),
    ),
    CommandName.LIST: Usage(
        "list [page N]",
        "list",
        "shows what this channel follows, with its state now",
        ("ls", "subscriptions", "following"),
    ),
    CommandName.PROJECTS: Usage(
        "projects [server:] [text] [page N]",
        "projects orders",
        "lists the projects that OMS has, with their ids",
        ("project", "search", "find"),
    ),
    CommandName.MUTE: Usage(
        "mute [[server:]np_xxx] 2h",
        "mute np_xxx 2h",
        "keeps a project, or all of them, silent here for a while; at the end one message sums up",
        ("snooze", "silence"),
    ),
    CommandName.UNMUTE: Usage(
        "unmute [[server:]np_xxx]",
        "unmute np_xxx",
        "ends a silence early",
        ("unsnooze", "unsilence"),
    ),
    CommandName.QUIET: Usage(
        "quiet 22:00-07:00 Europe/Berlin | quiet off",
        "quiet 22:00-07:00 Europe/Berlin",
        "keeps this channel silent in that part of each day; at its end one message sums up",
        ("dnd", "night"),
    ),
    CommandName.HISTORY: Usage(
        "history [server:]np_xxx [page N]",
        "history np_xxx",
        "shows what happened to a project",
        ("events", "log"),
    ),
    CommandName.WHY: Usage(
        "why [server:]np_xxx [page N]",
        "why np_xxx",
        "shows for each event whether this channel was told, and why not",
        ("reason", "reasons"),
    ),
    CommandName.CHART: Usage(
        "chart [server:]np_xxx",
        "chart np_xxx",
        "draws progress, rate and lag over time, and posts the picture here",
        ("graph", "plot", "draw"),
    ),
    CommandName.TEST: Usage(
        "test", "test", "posts a sample failure alert here, marked as a test", ("try", "ping")
    ),
    CommandName.DEADLINE: Usage(
        "deadline [server:]np_xxx [02:00 | in 6h | off]",
        "deadline np_xxx 02:00",
        "tells the channels that follow a project when its estimate passes this moment; "
        "without a time it shows the deadline",
        ("due", "eta"),
    ),
    CommandName.READY: Usage(
        "ready [server:]np_xxx",
        "ready np_xxx",
        "checks whether a project is ready for its switchover, for you alone",
        ("readiness", "switchover", "go"),
    ),
    CommandName.HELP: Usage(
        "help [command]", "help", "shows the commands", ("h", "commands", "man", "usage")
    ),
}

_NAMES: Mapping[str, CommandName] = {str(name): name for name in CommandName} | {
    synonym: name for name, usage in USAGES.items() for synonym in usage.synonyms
}


def command_named(word: str) -> CommandName | None:
    """The command that a word means, in whatever case."""
    return _NAMES.get(_bare(word))


def nearest_command(word: str) -> CommandName | None:
    """The command that a mistyped word is closest to; None where nothing is close."""
    close = get_close_matches(_bare(word)[:20], list(_NAMES), n=1, cutoff=0.6)
    return _NAMES[close[0]] if close else None


def example(name: CommandName, project: str | None = None) -> str:
    """A whole command to copy, about `project` where that is known."""
    return f"/oms {USAGES[name].example.replace('np_xxx', project or 'np_xxx')}"


def _bare(word: str) -> str:
    return word.lower().lstrip("/-")
