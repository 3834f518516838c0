"""Finding the element that a person presses, and saying in Slack's form what was done with it."""

from typing import Any

from omsbot.sandbox.slack.blocks import elements_of
from omsbot.sandbox.slack.errors import SlackError
from omsbot.sandbox.slack.messages import Json

# What an element hands over: the key of its value in the action.
RESULT_KEYS = {
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
}
ONE_OPTION = ("static_select", "external_select", "overflow", "radio_buttons")
MANY_OPTIONS = ("multi_static_select", "multi_external_select", "checkboxes")


def blocks_of(body: Json) -> list[Json]:
    """The blocks of a message or view, those in attachments too."""
    attached = [block for one in body.get("attachments", ()) for block in one.get("blocks", ())]
    return [*body.get("blocks", ()), *attached]


def find_element(blocks: list[Json], action_id: str, block_id: str = "") -> tuple[Json, Json]:
    """The block and its element; SlackError(action_not_found), which no Slack client could run into."""
    for block in blocks:
        for element in elements_of(block):
            if element.get("action_id") == action_id and block_id in ("", block.get("block_id")):
                return block, element
    raise SlackError("action_not_found", action_id=action_id)


def action_of(block: Json, element: Json, value: Any, action_ts: str) -> Json:
    """The entry of `actions` in a block_actions payload; `value` is the option chosen or what was typed."""
    common = {"type": element["type"], "action_id": element["action_id"], "block_id": block["block_id"]}
    shown: Json = {key: element[key] for key in ("text", "value", "style", "placeholder") if key in element}
    return {**common, **shown, **outcome(element, value), "action_ts": action_ts}


def outcome(element: Json, value: Any) -> Json:
    """What the element holds now, as it stands in an action and in a view's state."""
    kind = element["type"]
    if kind in ONE_OPTION:
        return {"selected_option": _option(element, value)}
    if kind in MANY_OPTIONS:
        return {"selected_options": [_option(element, one) for one in value or ()]}
    if kind in RESULT_KEYS:
        return {RESULT_KEYS[kind]: value}
    return {}


def state_values(blocks: list[Json], typed: dict[str, Any]) -> Json:
    """A view's `state.values` from what a person entered, by action_id."""
    values: Json = {}
    for block in blocks:
        for element in elements_of(block):
            action_id = element.get("action_id", "")
            if (
                element["type"] in (*RESULT_KEYS, *ONE_OPTION, *MANY_OPTIONS)
                and element["type"] != "overflow"
            ):
                entered = outcome(element, typed.get(action_id))
                values.setdefault(block["block_id"], {})[action_id] = {"type": element["type"], **entered}
    return values


def _option(element: Json, value: Any) -> Json | None:
    groups = [group["options"] for group in element.get("option_groups", ())]
    options: list[Json] = [*element.get("options", ()), *(option for group in groups for option in group)]
    return next((option for option in options if option["value"] == value), None)
