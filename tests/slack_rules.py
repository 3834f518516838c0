"""Slack's rules for a message, written from its reference and apart from the code that must keep them."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Found = Iterator[str]

TEXT, PLAIN, MRKDWN = "text", "plain_text", "mrkdwn"
TOKEN = re.compile(r"<[^<>]*>")
OWN_TOKENS = (
    r"<!date\^\d+\^\{date_num\} \{time_secs\}\|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC>",
    r"<@[UWB][A-Z0-9]+>",
    r"<!subteam\^S[A-Z0-9]+>",
    r"<https?://[^\s<>|]+\|[^<>|]*>",
)
INJECTED = re.compile(r"<(?:[!@#]|https?:|mailto:)", re.IGNORECASE)
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
FORMATTING = re.compile(r"[*~`]|(?<![^\W_])_|_(?![^\W_])")


def faults(text: str, blocks: list[dict[str, Any]]) -> list[str]:
    """All that Slack would refuse, or that would format, mention or link by what somebody else wrote."""
    return [*_message(text, blocks), *(fault for block in blocks for fault in _block(block))]


def mentions(text: str, blocks: list[dict[str, Any]]) -> set[str]:
    """The ids that a message would notify."""
    found = {
        one
        for where in (text, *_mrkdwn_texts(blocks))
        for one in re.findall(r"<@(\w+)>|<!subteam\^(\w+)>", where)
    }
    ids = {user or group for user, group in found}
    return ids | {
        one.get("user_id") or one["usergroup_id"]
        for one in _every(blocks)
        if one.get("type") in ("user", "usergroup")
    }


def links(text: str, blocks: list[dict[str, Any]]) -> set[str]:
    """The addresses that a message links to."""
    found = {
        url.replace("&amp;", "&")
        for where in (text, *_mrkdwn_texts(blocks))
        for url in re.findall(r"<(https?:[^|>]*)", where)
    }
    return found | {one["url"] for one in _every(blocks) if "url" in one}


def visible(blocks: list[dict[str, Any]]) -> str:
    """All texts of the blocks, one after the other."""
    return "".join(
        one["text"] if isinstance(one.get("text"), str) else one.get("fallback", "") for one in _every(blocks)
    )


def action_ids(blocks: list[dict[str, Any]]) -> list[str]:
    return [one["action_id"] for one in _every(blocks) if "action_id" in one]


def _message(text: str, blocks: list[dict[str, Any]]) -> Found:
    if not text.strip() or len(text) > 4_000:
        yield f"text has {len(text)} characters"
    yield from _mrkdwn_content(text, "text")
    if len(blocks) > 50:
        yield f"{len(blocks)} blocks"
    if len(json.dumps(blocks)) > 13_000:
        yield "blocks too long"
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(ids) != len(set(ids)):
        yield "block_id twice"


def _block(block: dict[str, Any]) -> Found:
    check = _BLOCKS.get(block.get("type", ""))
    if check is None:
        yield f"unknown block {block.get('type')}"
    else:
        yield from check(block)


def _section(block: dict[str, Any]) -> Found:
    yield from _keys(block, {"text", "accessory"})
    yield from _text_object(block["text"], 3_000, {PLAIN, MRKDWN})
    if "accessory" in block:
        yield from _button(block["accessory"])


def _context(block: dict[str, Any]) -> Found:
    yield from _keys(block, {"elements"})
    if not 1 <= len(block["elements"]) <= 10:
        yield "context needs 1 to 10 elements"
    for element in block["elements"]:
        yield from _text_object(element, 3_000, {PLAIN, MRKDWN})


def _actions(block: dict[str, Any]) -> Found:
    yield from _keys(block, {"elements"})
    ids = [element["action_id"] for element in block["elements"]]
    if not 1 <= len(ids) <= 25 or len(ids) != len(set(ids)):
        yield f"actions {ids}"
    for element in block["elements"]:
        yield from _button(element)


def _button(element: dict[str, Any]) -> Found:
    yield from _keys(element, {"text", "action_id", "value", "style", "confirm"})
    yield from _text_object(element["text"], 75, {PLAIN})
    if not 1 <= len(element["action_id"]) <= 255 or not 1 <= len(element["value"]) <= 2_000:
        yield "action_id or value has a wrong length"
    if element.get("style", "primary") not in ("primary", "danger"):
        yield "unknown style"
    for name, limit in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
        if "confirm" in element:
            yield from _text_object(element["confirm"][name], limit, {PLAIN})


def _rich(block: dict[str, Any]) -> Found:
    yield from _keys(block, {"elements"})
    if not block["elements"]:
        yield "empty rich_text"
    for part in block["elements"]:
        yield from _keys(part, {"elements"})
        if part["type"] not in ("rich_text_section", "rich_text_preformatted") or not part["elements"]:
            yield f"bad part {part}"
        for element in part["elements"]:
            yield from _rich_element(element)


def _rich_element(element: dict[str, Any]) -> Found:
    required = _RICH.get(element["type"])
    if required is None or not required <= set(element):
        yield f"bad element {element}"
    yield from _keys(
        element,
        {"text", "style", "name", "url", "user_id", "usergroup_id", "timestamp", "format", "fallback"},
    )
    if element.get("text") == "":
        yield "empty text"
    if "timestamp" in element and (not isinstance(element["timestamp"], int) or element["timestamp"] < 0):
        yield f"timestamp {element['timestamp']}"
    yield from _unparsed(element.get("text", ""), "rich text")


def _text_object(text: Mapping[str, Any], limit: int, kinds: set[str]) -> Found:
    if text.get("type") not in kinds:
        yield f"text of type {text.get('type')}"
    allowed = {"type", "text", "emoji"} if text.get("type") == PLAIN else {"type", "text", "verbatim"}
    if set(text) - allowed:
        yield f"keys {set(text) - allowed}"
    if not 1 <= len(text["text"]) <= limit:
        yield f"text of {len(text['text'])} characters, {limit} allowed"
    if text["type"] == MRKDWN:
        yield from _mrkdwn_content(text["text"], "mrkdwn")
        if text.get("verbatim") is not True:
            yield "mrkdwn that is not verbatim"
    else:
        yield from _unparsed(text["text"], PLAIN)


def _mrkdwn_content(text: str, where: str) -> Found:
    own = [token for token in TOKEN.findall(text) if any(re.fullmatch(form, token) for form in OWN_TOKENS)]
    rest = text
    for token in own:
        rest = rest.replace(token, "", 1)
    # the names of emoji are ours and hold underscores
    rest = re.sub(r":[a-z][a-z_]*:", "", rest)
    if re.search(r"[<>]|&(?!(?:amp|lt|gt);)", rest):
        yield f"{where} is not escaped: {rest!r}"
    if FORMATTING.search(rest):
        yield f"{where} could format: {rest!r}"
    if "://" in rest:
        yield f"{where} could link: {rest!r}"
    yield from _controls(text, where)


def _unparsed(text: str, where: str) -> Found:
    if INJECTED.search(text):
        yield f"{where} holds a token: {text!r}"
    yield from _controls(text, where)


def _controls(text: str, where: str) -> Found:
    if CONTROLS.search(text):
        yield f"{where} holds controls: {text!r}"


def _keys(part: dict[str, Any], allowed: set[str]) -> Found:
    extra = set(part) - allowed - {"type", "block_id"}
    if extra:
        yield f"{part.get('type')} has {extra}"


def _every(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for one in value.values():
            yield from _every(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _every(one)


def _mrkdwn_texts(blocks: list[dict[str, Any]]) -> Iterator[str]:
    return (one["text"] for one in _every(blocks) if one.get("type") == MRKDWN)


_RICH: Mapping[str, set[str]] = {
    TEXT: {"text"},
    "emoji": {"name"},
    "link": {"url"},
    "user": {"user_id"},
    "usergroup": {"usergroup_id"},
    "date": {"timestamp", "format"},
}
_BLOCKS: Mapping[str, Callable[[dict[str, Any]], Found]] = {
    "section": _section,
    "context": _context,
    "actions": _actions,
    "rich_text": _rich,
    "divider": lambda block: _keys(block, set()),
}
