"""Small checkers that say, in Slack's words, what is wrong with a piece of JSON and where."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

# (value, JSON pointer, where the mistakes are collected)
Check = Callable[[Any, str, list[str]], None]


def anything(value: Any, at: str, wrong: list[str]) -> None:
    """Accepts everything: for what this stand-in does not know in detail."""


def boolean(value: Any, at: str, wrong: list[str]) -> None:
    """true or false."""
    if not isinstance(value, bool):
        wrong.append(f"must be a boolean [json-pointer:{at}]")


def integer(value: Any, at: str, wrong: list[str]) -> None:
    """A whole number."""
    if not isinstance(value, int) or isinstance(value, bool):
        wrong.append(f"must be an integer [json-pointer:{at}]")


def string(maximum: int, minimum: int = 1) -> Check:
    """A string of so many characters."""

    def check(value: Any, at: str, wrong: list[str]) -> None:
        if not isinstance(value, str):
            wrong.append(f"must be a string [json-pointer:{at}]")
        elif len(value) > maximum:
            wrong.append(f"must be less than {maximum + 1} characters [json-pointer:{at}]")
        elif len(value) < minimum:
            wrong.append(f"must be more than {minimum - 1} characters [json-pointer:{at}]")

    return check


def choice(*allowed: str) -> Check:
    """One of some words."""

    def check(value: Any, at: str, wrong: list[str]) -> None:
        if value not in allowed:
            wrong.append(f"must be one of {', '.join(allowed)} [json-pointer:{at}]")

    return check


def many(item: Check, minimum: int, maximum: int) -> Check:
    """A list of so many items."""

    def check(value: Any, at: str, wrong: list[str]) -> None:
        if not isinstance(value, list):
            wrong.append(f"must be an array [json-pointer:{at}]")
            return
        if len(value) > maximum:
            wrong.append(f"no more than {maximum} items allowed [json-pointer:{at}]")
        if len(value) < minimum:
            wrong.append(f"must have at least {minimum} items [json-pointer:{at}]")
        for number, one in enumerate(value):
            item(one, f"{at}/{number}", wrong)

    return check


def shape(required: Mapping[str, Check], optional: Mapping[str, Check]) -> Check:
    """An object with these keys and no others; `type` is looked at by `typed`."""

    def check(value: Any, at: str, wrong: list[str]) -> None:
        if not isinstance(value, dict):
            wrong.append(f"must be an object [json-pointer:{at}]")
            return
        wrong.extend(
            f"missing required field: {key} [json-pointer:{at}]" for key in required if key not in value
        )
        for key, one in value.items():
            field = required.get(key) or optional.get(key)
            if field is not None:
                field(one, f"{at}/{key}", wrong)
            elif key != "type":
                wrong.append(f"invalid additional property: {key} [json-pointer:{at}]")

    return check


def typed(table: Mapping[str, Check], allowed: Sequence[str] = ()) -> Check:
    """An object that `type` says the form of; only the `allowed` types of the table, if any are named."""

    def check(value: Any, at: str, wrong: list[str]) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str):
            wrong.append(f"missing required field: type [json-pointer:{at}]")
        elif kind not in table or (allowed and kind not in allowed):
            wrong.append(f"unsupported type: {kind} [json-pointer:{at}/type]")
        else:
            table[kind](value, at, wrong)

    return check


def text(maximum: int, *kinds: str) -> Check:
    """A text object, of both kinds unless told otherwise."""
    content = string(maximum)
    forms = {
        "plain_text": shape({"text": content}, {"emoji": boolean}),
        "mrkdwn": shape({"text": content}, {"verbatim": boolean}),
    }
    return typed(forms, kinds)
