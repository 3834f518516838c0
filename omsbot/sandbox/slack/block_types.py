"""Every kind of block and element with its fields and limits, as tables.

Source: Slack's Block Kit reference, the page of each block, element and composition object.
"""

from omsbot.sandbox.slack.schema import (
    Check,
    anything,
    boolean,
    choice,
    integer,
    many,
    shape,
    string,
    text,
    typed,
)

ID = string(255)
URL = string(3000)
PLAIN = "plain_text"

CONFIRM = shape(
    {"title": text(100, PLAIN), "text": text(300), "confirm": text(30, PLAIN), "deny": text(30, PLAIN)},
    {"style": choice("primary", "danger")},
)
OPTION = shape({"text": text(75), "value": string(150)}, {"description": text(75), "url": URL})
OPTION_GROUP = shape({"label": text(75, PLAIN), "options": many(OPTION, 1, 100)}, {})
DISPATCH = shape({}, {"trigger_actions_on": anything})

_ACTING = {"action_id": ID, "confirm": CONFIRM, "focus_on_load": boolean}
_CHOOSING = {**_ACTING, "placeholder": text(150, PLAIN)}
_TYPING = {
    "action_id": ID,
    "placeholder": text(150, PLAIN),
    "focus_on_load": boolean,
    "dispatch_action_config": DISPATCH,
    "initial_value": string(3000, 0),
}
_PICTURE = {"image_url": URL, "slack_file": anything}


def _select(initial: str, **more: Check) -> Check:
    return shape({}, {**_CHOOSING, f"initial_{initial}": anything, **more})


def _multi(initial: str, **more: Check) -> Check:
    return _select(initial, max_selected_items=integer, **more)


_OPTIONS: dict[str, Check] = {"options": many(OPTION, 1, 100), "option_groups": many(OPTION_GROUP, 1, 100)}
_FEW = many(OPTION, 1, 10)
_ANY_CONVERSATION: dict[str, Check] = {
    "default_to_current_conversation": boolean,
    "response_url_enabled": boolean,
    "filter": anything,
}

ELEMENTS: dict[str, Check] = {
    "button": shape(
        {"text": text(75, PLAIN)},
        {
            "action_id": ID,
            "url": URL,
            "value": string(2000),
            "style": choice("primary", "danger"),
            "confirm": CONFIRM,
            "accessibility_label": string(75),
        },
    ),
    "overflow": shape({"options": many(OPTION, 1, 5)}, {"action_id": ID, "confirm": CONFIRM}),
    "static_select": _select("option", **_OPTIONS),
    "external_select": _select("option", min_query_length=integer),
    "users_select": _select("user"),
    "conversations_select": _select("conversation", **_ANY_CONVERSATION),
    "channels_select": _select("channel", response_url_enabled=boolean),
    "multi_static_select": _multi("options", **_OPTIONS),
    "multi_external_select": _multi("options", min_query_length=integer),
    "multi_users_select": _multi("users"),
    "multi_conversations_select": _multi("conversations", **_ANY_CONVERSATION),
    "multi_channels_select": _multi("channels"),
    "datepicker": _select("date"),
    "timepicker": _select("time", timezone=string(100)),
    "datetimepicker": shape({}, {**_ACTING, "initial_date_time": integer}),
    "checkboxes": shape({"options": _FEW}, {**_ACTING, "initial_options": _FEW}),
    "radio_buttons": shape({"options": _FEW}, {**_ACTING, "initial_option": OPTION}),
    "plain_text_input": shape(
        {}, {**_TYPING, "multiline": boolean, "min_length": integer, "max_length": integer}
    ),
    "email_text_input": shape({}, _TYPING),
    "url_text_input": shape({}, _TYPING),
    "number_input": shape(
        {"is_decimal_allowed": boolean}, {**_TYPING, "min_value": anything, "max_value": anything}
    ),
    "image": shape({"alt_text": string(2000)}, _PICTURE),
}
INPUTS = tuple(kind for kind in ELEMENTS if kind not in ("button", "overflow", "image"))
ONLY_IN_INPUT = ("email_text_input", "url_text_input", "number_input")
IN_ACTIONS = tuple(kind for kind in ELEMENTS if kind not in ("image", *ONLY_IN_INPUT))
ACCESSORIES = (*IN_ACTIONS, "image")

_STYLE = shape(
    {},
    dict.fromkeys(
        ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight"), boolean
    ),
)
INLINE: dict[str, Check] = {
    "text": shape({"text": string(100_000)}, {"style": _STYLE}),
    "link": shape({"url": URL}, {"text": string(100_000), "unsafe": boolean, "style": _STYLE}),
    "emoji": shape({"name": string(100)}, {"unicode": string(100), "style": _STYLE, "skin_tone": integer}),
    "user": shape({"user_id": string(30)}, {"style": _STYLE}),
    "usergroup": shape({"usergroup_id": string(30)}, {"style": _STYLE}),
    "channel": shape({"channel_id": string(30)}, {"style": _STYLE}),
    "team": shape({"team_id": string(30)}, {"style": _STYLE}),
    "broadcast": shape({"range": choice("here", "channel", "everyone")}, {"style": _STYLE}),
    "color": shape({"value": string(30)}, {"style": _STYLE}),
    "date": shape(
        {"timestamp": integer, "format": string(200)}, {"fallback": string(200), "url": URL, "style": _STYLE}
    ),
}
_INLINES = many(typed(INLINE), 0, 10_000)
_SECTION = shape({"elements": _INLINES}, {})
_BORDERED: dict[str, Check] = {"border": integer}
RICH: dict[str, Check] = {
    "rich_text_section": _SECTION,
    "rich_text_preformatted": shape({"elements": _INLINES}, {**_BORDERED, "language": string(50)}),
    "rich_text_quote": shape({"elements": _INLINES}, _BORDERED),
    "rich_text_list": shape(
        {
            "style": choice("bullet", "ordered"),
            "elements": many(typed({"rich_text_section": _SECTION}), 1, 10_000),
        },
        {**_BORDERED, "indent": integer, "offset": integer},
    ),
}
RICH_TEXT = shape({"elements": many(typed(RICH), 0, 10_000)}, {"block_id": ID})
CELL = typed(
    {"raw_text": shape({"text": string(10_000)}, {}), "raw_number": anything, "rich_text": RICH_TEXT}
)


def _block(required: dict[str, Check], optional: dict[str, Check] | None = None) -> Check:
    return shape(required, {"block_id": ID, **(optional or {})})


def _element(*allowed: str) -> Check:
    return typed(ELEMENTS, allowed)


_CONTEXT = {
    "image": ELEMENTS["image"],
    "mrkdwn": text(3000, "mrkdwn"),
    "plain_text": text(3000, PLAIN),
}
BLOCKS: dict[str, Check] = {
    "header": _block({"text": text(150, PLAIN)}, {"level": integer}),
    "section": _block(
        {},
        {
            "text": text(3000),
            "fields": many(text(2000), 1, 10),
            "accessory": _element(*ACCESSORIES),
            "expand": boolean,
        },
    ),
    "context": _block({"elements": many(typed(_CONTEXT), 1, 10)}),
    "actions": _block({"elements": many(_element(*IN_ACTIONS), 1, 25)}),
    "divider": _block({}),
    "image": _block({"alt_text": string(2000)}, {**_PICTURE, "title": text(2000, PLAIN)}),
    "input": _block(
        {"label": text(2000, PLAIN), "element": _element(*INPUTS)},
        {"hint": text(2000, PLAIN), "optional": boolean, "dispatch_action": boolean},
    ),
    "rich_text": RICH_TEXT,
    "table": _block({"rows": many(many(CELL, 1, 20), 1, 100)}, {"column_settings": many(anything, 0, 20)}),
    "markdown": _block({"text": string(12_000)}),
    # Known to Slack, not drawn by the page in detail.
    "video": anything,
    "file": anything,
    "call": anything,
    "context_actions": anything,
}
IN_VIEWS = ("header", "section", "context", "actions", "divider", "image", "input", "rich_text", "video")

VIEW = {
    "modal": shape(
        {"title": text(24, PLAIN), "blocks": anything},
        {
            "submit": text(24, PLAIN),
            "close": text(24, PLAIN),
            "private_metadata": string(3000, 0),
            "callback_id": string(255, 0),
            "external_id": string(255, 0),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
            "submit_disabled": boolean,
        },
    ),
    "home": shape(
        {"blocks": anything},
        {"private_metadata": string(3000, 0), "callback_id": string(255, 0), "external_id": string(255, 0)},
    ),
}
