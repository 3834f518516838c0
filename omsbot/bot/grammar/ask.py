"""Ask: the commands that show something of a project, and how they are read."""

import re
from dataclasses import dataclass

from omsbot.bot.grammar.arguments import Asked, refs_only, single_ref, take_page
from omsbot.bot.grammar.words import entity
from omsbot.domain.project.project import ProjectRef

MAX_SEARCH = 100
_SERVER_PREFIX = re.compile(r"([a-z0-9-]{1,32}):(?!//)(.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ListProjects:
    server: str | None = None
    search: str | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class ShowSteps:
    refs: tuple[ProjectRef, ...]


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


def read_projects(asked: Asked) -> ListProjects:
    rest, page = take_page(asked.args, bare=False)
    shown = [_shown(word) for word in rest]
    server = None
    if shown and (prefix := _SERVER_PREFIX.fullmatch(shown[0])):
        server = prefix[1].lower()
        shown[0] = prefix[2]
    search = " ".join(word for word in shown if word)[:MAX_SEARCH]
    return ListProjects(server, search or None, page)


def read_steps(asked: Asked) -> ShowSteps:
    return ShowSteps(refs_only(asked))


def read_history(asked: Asked) -> ShowHistory:
    rest, page = take_page(asked.args, bare=True)
    return ShowHistory(single_ref(asked, rest), page)


def read_why(asked: Asked) -> ShowWhy:
    rest, page = take_page(asked.args, bare=True)
    return ShowWhy(single_ref(asked, rest), page)


def read_chart(asked: Asked) -> ShowChart:
    return ShowChart(single_ref(asked, asked.args))


def _shown(word: str) -> str:
    """What was on the screen: Slack turns a word such as `orders.com` into a link with a label."""
    found = entity(word)
    return word if found is None else found[2] or found[1]
