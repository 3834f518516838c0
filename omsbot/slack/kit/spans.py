"""A line of a message as typed pieces, and its two renderings: rich_text elements and mrkdwn.

What a person sees (blocks) and what a screen reader or a notification says (`text`) come from the same
lines, so they cannot tell different facts. Text is untrusted wherever it comes from: rich_text parses
none of it, and mrkdwn gets it neutralized.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from omsbot.slack.kit.text import escape, neutral, plain
from omsbot.slack.kit.units import DATE_FORMAT, SECOND_MS, utc

Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    bold: bool = False
    code: bool = False


@dataclass(frozen=True, slots=True)
class Emoji:
    name: str


@dataclass(frozen=True, slots=True)
class Date:
    """A moment, shown in each reader's own time zone."""

    at: int


@dataclass(frozen=True, slots=True)
class Link:
    """A link to an address of ours (never to one from OMS); made by `link`, which refuses what is none."""

    url: str
    text: str


@dataclass(frozen=True, slots=True)
class Mention:
    """Someone to notify; made by `mentions`, which knows the valid forms."""

    id: str
    group: bool = False


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel by its id, shown by its name to those who may see it."""

    id: str


Span = Text | Emoji | Date | Link | Mention | Channel
Line = tuple[Span, ...]

_MENTION = re.compile(
    r"<@(?P<user>[UWB][A-Z0-9]+)(?:\|[^<>]*)?>|<!subteam\^(?P<group>S[A-Z0-9]+)(?:\|[^<>]*)?>"
)
_URL = re.compile(r"https?://[^\s<>|\"\\^`{}]{1,1900}")
NEWLINE = Text("\n")


def line(*parts: Span | str | Sequence[Span] | None) -> Line:
    """A line of the given parts; a str is plain text, None is nothing."""
    spans: list[Span] = []
    for part in parts:
        match part:
            case None | "":
                pass
            case str():
                spans.append(Text(part))
            case Text() | Emoji() | Date() | Link() | Mention() | Channel():
                spans.append(part)
            case _:
                spans.extend(part)
    return tuple(spans)


def joined(parts: Iterable[Span | str | Sequence[Span] | None], separator: str = " · ") -> Line:
    """The parts that are there, with the separator between them."""
    spans: list[Span] = []
    for part in parts:
        if part:
            spans.extend(line(separator if spans else None, part))
    return tuple(spans)


def bold(text: str) -> Text:
    return Text(text, bold=True)


def code(text: str) -> Text:
    return Text(text, code=True)


def prose(text: str) -> Line:
    """A sentence in which what is between backticks is code."""
    return line(*(Text(part, code=bool(i % 2)) for i, part in enumerate(text.split("`")) if part))


def mentions(text: str | None) -> Line:
    """The users and groups of a mention such as `<@U123>` or `<!subteam^S123>`; anything else is dropped."""
    found = _MENTION.finditer(text or "")
    return joined((_mention(match) for match in found), " ")


def link(url: str | None, text: str) -> Link | None:
    """A link, or None where there is no address or it is none that Slack could take."""
    return Link(url, text) if url and _URL.fullmatch(url) else None


def to_mrkdwn(spans: Line) -> str:
    """The line as mrkdwn: no formatting of ours (a screen reader would read it out), none of theirs."""
    return "".join(_mrkdwn(span) for span in spans)


def to_elements(lines: Sequence[Line]) -> list[Block]:
    """The lines as elements of one rich_text_section, newlines between them; equal neighbours joined."""
    spans: list[Span] = []
    for index, one in enumerate(lines):
        for span in line(NEWLINE if index else None, one):
            last = spans[-1] if spans else None
            if isinstance(last, Text) and isinstance(span, Text) and _alike(last, span):
                spans[-1] = Text(last.text + span.text, span.bold, span.code)
            else:
                spans.append(span)
    return [element for element in map(_element, spans) if element.get("text") != ""]


def _alike(one: Text, other: Text) -> bool:
    return (one.bold, one.code) == (other.bold, other.code)


def _mention(match: re.Match[str]) -> Mention:
    return Mention(match["user"]) if match["user"] else Mention(match["group"], group=True)


def _mrkdwn(span: Span) -> str:
    match span:
        case Text():
            return neutral(span.text)
        case Emoji():
            return f":{span.name}:"
        case Date():
            fallback = utc(span.at)
            return f"<!date^{span.at // SECOND_MS}^{DATE_FORMAT}|{fallback}>" if fallback else UNKNOWN_TIME
        case Link():
            return f"<{escape(span.url)}|{neutral(span.text)}>"
        case Mention():
            return f"<!subteam^{span.id}>" if span.group else f"<@{span.id}>"
        case Channel():
            return f"<#{span.id}>"
        case _:
            assert_never(span)


UNKNOWN_TIME = "an unknown time"


def _element(span: Span) -> Block:
    match span:
        case Text():
            style = {name: True for name, on in (("bold", span.bold), ("code", span.code)) if on}
            return {"type": "text", "text": plain(span.text)} | ({"style": style} if style else {})
        case Emoji():
            return {"type": "emoji", "name": span.name}
        case Date():
            return _date_element(span.at)
        case Link():
            return {"type": "link", "url": span.url, "text": plain(span.text)}
        case Mention():
            group = {"type": "usergroup", "usergroup_id": span.id}
            return group if span.group else {"type": "user", "user_id": span.id}
        case Channel():
            return {"type": "channel", "channel_id": span.id}
        case _:
            assert_never(span)


def _date_element(at: int) -> Block:
    fallback = utc(at)
    if fallback is None:
        return {"type": "text", "text": UNKNOWN_TIME}
    return {"type": "date", "timestamp": at // SECOND_MS, "format": DATE_FORMAT, "fallback": fallback}
