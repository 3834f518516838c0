"""The arguments of a Web API call, whichever way they came: query, form or JSON."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from omsbot.sandbox.slack.errors import SlackError

TRUE = (True, 1, "1", "true", "True")


class Arguments:
    """Typed reading of the arguments; wrong ones are SlackError as Slack refuses them."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = dict(values)

    def __contains__(self, name: str) -> bool:
        return self.values.get(name) is not None

    def text(self, name: str, default: str = "") -> str:
        """A string; numbers are taken as their digits."""
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise SlackError(
                "invalid_arguments", response_metadata={"messages": [f"[ERROR] must be a string: {name}"]}
            )
        return str(value)

    def required(self, name: str, error: str = "invalid_arguments") -> str:
        """A string that must be there."""
        value = self.text(name)
        if not value:
            raise SlackError(
                error, response_metadata={"messages": [f"[ERROR] missing required field: {name}"]}
            )
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A boolean in any of Slack's spellings."""
        return self.values[name] in TRUE if name in self else default

    def number(self, name: str, default: int, *, low: int, high: int, error: str = "invalid_limit") -> int:
        """An integer within bounds."""
        try:
            value = int(self.text(name, str(default)))
        except ValueError:
            raise SlackError(error) from None
        if not low <= value:
            raise SlackError(error)
        return min(value, high)

    def json(self, name: str, error: str = "invalid_arguments") -> Any:
        """A structure: as it is in a JSON body, or JSON within a form field; None when absent."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise SlackError(error) from None

    def shown(self) -> dict[str, Any]:
        """The arguments for the record of calls: structures parsed, the token left out."""
        return {name: _readable(value) for name, value in self.values.items() if name != "token"}


def _readable(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


async def read_arguments(request: web.Request) -> Arguments:
    """Query and body together; SlackError when the body is not what its content type says."""
    values: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        values |= _json_body(await request.text())
    elif request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        values |= dict(await request.post())
    elif request.can_read_body and await request.read():
        raise SlackError("invalid_post_type")
    return Arguments(values)


def _json_body(text: str) -> dict[str, Any]:
    if not text:
        return {}
    try:
        body = json.loads(text)
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(body, dict):
        raise SlackError("json_not_object")
    return body
