"""The answer "no" of the Slack stand-in, as a value that any method may raise."""

from typing import Any


class SlackError(Exception):
    """Slack's `{"ok": false, "error": ...}`.

    `error` is Slack's code (`channel_not_found`); `detail` is merged into the answer.
    """

    def __init__(self, error: str, **detail: Any) -> None:
        super().__init__(error)
        self.error = error
        self.detail = detail

    def answer(self) -> dict[str, Any]:
        """The JSON body that Slack would send."""
        return {"ok": False, "error": self.error, **self.detail}


def refused_for(error: str, messages: list[str]) -> SlackError:
    """A refusal that explains itself in `response_metadata.messages`, as Slack does for blocks and views."""
    return SlackError(
        error, errors=messages, response_metadata={"messages": [f"[ERROR] {m}" for m in messages]}
    )
