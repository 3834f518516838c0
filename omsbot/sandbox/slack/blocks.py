"""What Slack would refuse of the blocks in a message or a view, with the place and the reason."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from omsbot.sandbox.slack.block_types import BLOCKS, IN_VIEWS, VIEW
from omsbot.sandbox.slack.errors import SlackError, refused_for
from omsbot.sandbox.slack.schema import many, typed

MAX_BLOCKS_JSON = 13_000
MAX_VIEW_JSON = 250_000
MAX_MARKDOWN = 12_000
IN_MESSAGE = many(typed(BLOCKS), 0, 50)
IN_VIEW = many(typed(BLOCKS, IN_VIEWS), 0, 100)


def checked_blocks(blocks: Any, fresh_id: Callable[[str], str]) -> list[dict[str, Any]]:
    """The blocks of a message with the ids that Slack adds; SlackError(invalid_blocks...)."""
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    if len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))) > MAX_BLOCKS_JSON:
        raise SlackError("msg_blocks_too_long")
    wrong: list[str] = []
    IN_MESSAGE(blocks, "/blocks", wrong)
    wrong = wrong or [*_inconsistent(blocks), *_too_much(blocks)]
    if wrong:
        raise refused_for("invalid_blocks", wrong)
    return [with_ids(block, fresh_id) for block in blocks]


def checked_view(view: Any, fresh_id: Callable[[str], str]) -> dict[str, Any]:
    """A modal or home with the ids that Slack adds; SlackError(invalid_arguments, view_too_large)."""
    if isinstance(view, str):
        view = _parsed(view)
    if len(json.dumps(view)) > MAX_VIEW_JSON:
        raise SlackError("view_too_large")
    wrong: list[str] = []
    typed(VIEW)(view, "/view", wrong)
    if not wrong:
        IN_VIEW(view["blocks"], "/view/blocks", wrong)
    if not wrong:
        wrong = [*_inconsistent(view["blocks"], "/view/blocks"), *_view_rules(view)]
    if wrong:
        raise refused_for("invalid_arguments", wrong)
    return {**view, "blocks": [with_ids(block, fresh_id) for block in view["blocks"]]}


def with_ids(block: dict[str, Any], fresh_id: Callable[[str], str]) -> dict[str, Any]:
    """The block as Slack stores it: every block has a block_id, every element that acts an action_id."""
    stored = {**block, "block_id": block.get("block_id") or fresh_id("")[-5:]}
    if "elements" in block and block["type"] == "actions":
        stored["elements"] = [_acting(element, fresh_id) for element in block["elements"]]
    for place in ("accessory", "element"):
        if place in block and block[place].get("type") != "image":
            stored[place] = _acting(block[place], fresh_id)
    return stored


def elements_of(block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The elements of a block that a person can act on."""
    if block.get("type") == "actions":
        yield from block.get("elements", ())
    for place in ("accessory", "element"):
        if place in block:
            yield block[place]


def _acting(element: dict[str, Any], fresh_id: Callable[[str], str]) -> dict[str, Any]:
    return {**element, "action_id": element.get("action_id") or fresh_id("")[-5:]}


def _parsed(view: str) -> Any:
    try:
        return json.loads(view)
    except ValueError:
        raise SlackError("invalid_arguments") from None


def _inconsistent(blocks: list[dict[str, Any]], root: str = "/blocks") -> Iterator[str]:
    """What each part allows but the whole does not."""
    seen: set[str] = set()
    for number, block in enumerate(blocks):
        at = f"{root}/{number}"
        block_id = block.get("block_id")
        if block_id and block_id in seen:
            yield f"`block_id` `{block_id}` already exists for another block [json-pointer:{at}/block_id]"
        seen.add(block_id or "")
        yield from _section_rules(block, at)
        yield from _picture_rules(block, at)
        yield from _action_rules(block, at)


def _section_rules(block: dict[str, Any], at: str) -> Iterator[str]:
    if block["type"] == "section" and "text" not in block and "fields" not in block:
        yield f"missing required field: text or fields [json-pointer:{at}]"


def _picture_rules(block: dict[str, Any], at: str) -> Iterator[str]:
    if block["type"] == "image" and "image_url" not in block and "slack_file" not in block:
        yield f"missing required field: image_url or slack_file [json-pointer:{at}]"


def _action_rules(block: dict[str, Any], at: str) -> Iterator[str]:
    seen: set[str] = set()
    for element in elements_of(block):
        action_id = element.get("action_id")
        if action_id and action_id in seen:
            yield f"`action_id` `{action_id}` already exists for another element [json-pointer:{at}]"
        seen.add(action_id or "")
        if element["type"].endswith("static_select") and ("options" in element) == (
            "option_groups" in element
        ):
            yield f"must provide either options or option_groups [json-pointer:{at}]"
        options = element.get("options", [])
        if element["type"] == "static_select" and element.get("initial_option", *options[:1]) not in [
            *options,
            None,
        ]:
            yield f"initial_option must be one of the options [json-pointer:{at}]"


def _too_much(blocks: list[dict[str, Any]]) -> Iterator[str]:
    if sum(block["type"] == "table" for block in blocks) > 1:
        yield "only one table is allowed in a message [json-pointer:/blocks]"
    if sum(len(block["text"]) for block in blocks if block["type"] == "markdown") > MAX_MARKDOWN:
        yield f"markdown blocks may hold {MAX_MARKDOWN} characters together [json-pointer:/blocks]"


def _view_rules(view: dict[str, Any]) -> Iterator[str]:
    if view["type"] == "modal" and "submit" not in view:
        for number, block in enumerate(view["blocks"]):
            if block["type"] == "input":
                yield f"a modal with input blocks needs submit [json-pointer:/view/blocks/{number}]"
