"""One message that tells many projects in a line each, when a channel has more news than it can take."""

from collections.abc import Sequence
from dataclasses import dataclass

from omsbot.domain.notify.compose import Composition
from omsbot.domain.project.project import ProjectRef
from omsbot.slack.kit.blocks import Block, Message, rich
from omsbot.slack.kit.spans import Emoji, Line, bold, line, link, to_elements, to_mrkdwn
from omsbot.slack.kit.text import one_line
from omsbot.slack.kit.units import counted
from omsbot.slack.words.status import NAME_LIMIT
from omsbot.slack.words.wording import headline, wording

JSON_ROOM = 11_200  # characters of JSON and of text that the lines may fill, the rest of the message beside
TEXT_ROOM = 3_400
LINE_LIMIT = 160


@dataclass(frozen=True, slots=True)
class Told:
    """One subscription's news, what it is about, and the address of its card; `ref` is None for a server."""

    composition: Composition
    server: str
    ref: ProjectRef | None = None
    name: str | None = None
    card_url: str | None = None


def fitting(many: Sequence[Told]) -> int:
    """How many of these, from the first on, one overview can tell."""
    json_left, text_left = JSON_ROOM, TEXT_ROOM
    for number, one in enumerate(many):
        json_left -= len(str(to_elements([_seen(one)]))) + 40  # and the newline between two lines
        text_left -= len(to_mrkdwn(_spoken(one))) + 1
        if json_left < 0 or text_left < 0:
            return number
    return len(many)


def overview(many: Sequence[Told], *, waiting: int) -> Message:
    """The news of many, most urgent first, each line leading to its card.

    `waiting` counts those whose news is still to come in this channel.
    """
    more = f"; {waiting} more to come" if waiting else ""
    head = line(Emoji("rotating_light"), " ", bold(f"News about {_about(many)}"), more)
    blocks: list[Block] = [*rich([head]), *rich([_seen(one) for one in many], limit=JSON_ROOM + 500)]
    return Message.of([head, *map(_spoken, many)], blocks)


def _about(many: Sequence[Told]) -> str:
    servers = sum(one.ref is None for one in many)
    projects = counted(len(many) - servers, "project")
    return f"{projects} and {counted(servers, 'server')}" if servers else projects


def _seen(one: Told) -> Line:
    words = _words(one)
    return line(Emoji(_emoji(one)), " ", link(one.card_url, words) or words)


def _spoken(one: Told) -> Line:
    return line(Emoji(_emoji(one)), " ", _words(one))


def _emoji(one: Told) -> str:
    return wording(one.composition.visible[0].event).emoji


def _words(one: Told) -> str:
    first, *rest = one.composition.visible
    told = headline(first.event, server=one.server, already=first.already)
    text = "".join(getattr(span, "text", "") for span in told).strip()
    parts = [text, *_project(one.ref, one.name)]
    return one_line(" · ".join(parts) + (f" (+{len(rest)})" if rest else ""), LINE_LIMIT)


def _project(ref: ProjectRef | None, name: str | None) -> list[str]:
    """Its name and its id; the id names the server too, where that is not the default one."""
    if ref is None:
        return []
    return [f"{one_line(name, NAME_LIMIT)} ({ref})" if name else str(ref)]
