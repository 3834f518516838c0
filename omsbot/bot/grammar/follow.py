"""Follow: the commands that decide what a channel follows, and how they are read."""

from dataclasses import dataclass

from omsbot.bot.grammar.arguments import Asked, nothing_else, refs_only, take_page, take_refs, which_project
from omsbot.bot.grammar.follow_options import read_subscription_words
from omsbot.domain.notify.follow_options import NO_CHANGE, FollowChange
from omsbot.domain.project.project import ProjectRef


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


def read_subscribe(asked: Asked) -> Subscribe:
    refs, rest = take_refs(asked)
    change = read_subscription_words(asked, rest)
    return Subscribe(refs or which_project(asked), change)


def read_unsubscribe(asked: Asked) -> Unsubscribe:
    return Unsubscribe(refs_only(asked))


def read_list(asked: Asked) -> ListSubscriptions:
    rest, page = take_page(asked.args, bare=True)
    nothing_else(asked, rest)
    return ListSubscriptions(page)
