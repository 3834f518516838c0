"""A Slack message as a value that cannot be invalid, and the blocks that it is built of.

Slack's limits stand here and nowhere else; where something does not fit, the message says so. Sizes of
JSON are counted as the SDK sends it (ASCII, spaces after separators), the most that Slack can count.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from omsbot.domain.masking import shorten
from omsbot.slack.kit.actions import VALUE_LIMIT, Action
from omsbot.slack.kit.spans import Block, Line, line, prose, to_elements, to_mrkdwn
from omsbot.slack.kit.text import plain, shorten_mrkdwn

TEXT_LIMIT = 3_900  # chat.update fails over 4,000
BLOCKS_LIMIT = 50
JSON_LIMIT = 12_500  # Slack refuses about 13,000
SECTION_LIMIT = 3_000
BUTTON_LIMIT = 75
ACTIONS_LIMIT = 25
RICH_LIMIT = 9_000  # JSON of one rich_text block, so that others have room beside it

FOOTER = "footer"
FOOTER_LIMIT = 200
FOOTER_ROOM = 400

__all__ = ["Block", "Message", "actions", "button", "context", "preformatted", "rich", "row"]


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted; `Message.of` builds one from lines and blocks.

    `text` is the whole fact as mrkdwn for screen readers and notifications, `blocks` what is seen (none: the
    text is). `content` stands for what counts as content where not all that is visible does (a progress
    of 43 % and one of 44 %); None: all of it counts.
    """

    text: str
    blocks: tuple[Block, ...] = ()
    content: str | None = None

    def __post_init__(self) -> None:
        if not self.text.strip() or len(self.text) > TEXT_LIMIT:
            raise ValueError(f"a message has 1 to {TEXT_LIMIT} characters of text, not {len(self.text)}")
        if not _fits(self.blocks, BLOCKS_LIMIT, JSON_LIMIT):
            raise ValueError(f"a message has up to {BLOCKS_LIMIT} blocks and {JSON_LIMIT} characters of them")

    @classmethod
    def of(cls, lines: Sequence[Line], blocks: Sequence[Block], *, content: str | None = None) -> "Message":
        """Build a message that fits: `lines` become its text; of too many blocks the last make way."""
        text = "\n".join(filter(None, map(to_mrkdwn, lines)))
        fitting = _fit(blocks, BLOCKS_LIMIT - 1, JSON_LIMIT - FOOTER_ROOM)
        return cls(shorten_mrkdwn(text, TEXT_LIMIT - FOOTER_LIMIT - 1), fitting, content)

    def content_hash(self) -> str:
        """A hash of what counts as content; equal hashes mean that an edit would show nothing new."""
        counts = self.content if self.content is not None else f"{self.text}\0{_json(self.blocks)}"
        return sha256(counts.encode()).hexdigest()

    def as_json(self) -> str:
        return _json({"text": self.text, "blocks": self.blocks, "content": self.content})

    @classmethod
    def from_json(cls, body: str) -> "Message":
        """Read back what `as_json` wrote."""
        read = json.loads(body)
        return cls(read["text"], tuple(read["blocks"]), read.get("content"))

    def plain(self) -> "Message":
        """The same as text alone, for a second try after Slack refused the blocks."""
        return Message(self.text, (), self.content)

    def with_footer(self, text: str) -> "Message":
        """The same with one more sentence at its end; it takes the place of an earlier footer."""
        footer = shorten_mrkdwn(to_mrkdwn(prose(text)), FOOTER_LIMIT)
        said = shorten_mrkdwn(self._text_alone(footer), TEXT_LIMIT - len(footer) - 1)
        blocks: tuple[Block, ...] = ()
        if self.blocks:
            kept = [block for block in self.blocks if block.get("block_id") != FOOTER]
            last = {"type": "context", "block_id": FOOTER, "elements": [_mrkdwn(footer)]}
            blocks = (*_fit(kept, BLOCKS_LIMIT - 1, JSON_LIMIT - len(_json(last)) - 2), last)
        return Message(f"{said}\n{footer}", blocks, self.content)

    def _text_alone(self, footer: str) -> str:
        for block in self.blocks:
            if block.get("block_id") == FOOTER:
                return self.text.removesuffix("\n" + block["elements"][0]["text"])
        return self.text.removesuffix("\n" + footer)


def rich(lines: Sequence[Line], limit: int = RICH_LIMIT) -> list[Block]:
    """One rich_text block of these lines, or none where they are empty; lines past the limit are counted."""
    elements = to_elements(_within(lines, limit))
    if not elements:
        return []
    return [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}]


def preformatted(text: str) -> Block:
    """The text as it is, in a fixed-width box; the caller has cleaned and split it."""
    box = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [box]}


def context(*lines: Line) -> list[Block]:
    """Small grey lines, one under the other, or no block where they are empty."""
    text = "\n".join(filter(None, map(to_mrkdwn, lines)))
    return [{"type": "context", "elements": [_mrkdwn(text)]}] if text.strip() else []


def row(text: str, accessory: Block | None) -> Block:
    """Plain text with a button beside it."""
    section: Block = {"type": "section", "text": _plain(text, SECTION_LIMIT)}
    return section | ({"accessory": accessory} if accessory else {})


def button(
    label: str, action: Action, value: str, *, primary: bool = False, confirm: tuple[str, str] | None = None
) -> Block | None:
    """A button, or None where its value is empty or longer than Slack takes.

    `confirm` is the question asked first, and the verb that answers it.
    """
    if not 0 < len(value) <= VALUE_LIMIT:
        return None
    made: Block = {
        "type": "button",
        "text": _plain(label, BUTTON_LIMIT),
        "action_id": action.value,
        "value": value,
    }
    if primary:
        made["style"] = "primary"
    if confirm:
        made["confirm"] = _confirm(*confirm)
    return made


def actions(*buttons: Block | None) -> list[Block]:
    """A row of those buttons that are there, or no block."""
    there = [one for one in buttons if one]
    return [{"type": "actions", "elements": there[:ACTIONS_LIMIT]}] if there else []


def _confirm(question: str, verb: str) -> Block:
    return {
        "title": _plain("Are you sure?", 100),
        "text": _plain(question, 300),
        "confirm": _plain(verb, 30),
        "deny": _plain("Cancel", 30),
    }


def _plain(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": shorten(plain(text).strip(), limit) or "?", "emoji": True}


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": shorten_mrkdwn(text, SECTION_LIMIT), "verbatim": True}


def _within(lines: Sequence[Line], limit: int) -> list[Line]:
    kept: list[Line] = []
    for one in lines:
        limit -= len(_json(to_elements([one]))) + 2
        if limit < 0:
            return [*kept, line(f"… and {len(lines) - len(kept)} more lines")]
        kept.append(one)
    return kept


def _fit(blocks: Sequence[Block], most: int, size: int) -> tuple[Block, ...]:
    """Drop the last blocks that are neither buttons nor small print until the rest fits, and say how many."""
    kept, dropped, place = list(blocks), 0, 0
    while not _fits([*kept, *_more(dropped)], most, size):
        place = _least_needed(kept)
        del kept[place]
        dropped += 1
    return (*kept[:place], *_more(dropped), *kept[place:])


def _least_needed(blocks: Sequence[Block]) -> int:
    bodies = [i for i, block in enumerate(blocks) if block["type"] not in {"actions", "context"}]
    return bodies[-1] if bodies else len(blocks) - 1


def _more(dropped: int) -> list[Block]:
    return context(line(f"… and {dropped} more, not shown here")) if dropped else []


def _fits(blocks: Sequence[Block], most: int, size: int) -> bool:
    return len(blocks) <= most and len(_json(blocks)) <= size


def _json(value: Any) -> str:
    return json.dumps(value)
