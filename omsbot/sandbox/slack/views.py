"""Modals and app homes that are open in the stand-in's workspace."""

from dataclasses import dataclass, field
from typing import Any

from omsbot.sandbox.slack.errors import SlackError
from omsbot.sandbox.slack.people import APP_ID, BOT_ID, TEAM_ID

# What an app may set of a view; everything else in the answer is Slack's own.
APP_KEYS = (
    "type",
    "title",
    "submit",
    "close",
    "blocks",
    "private_metadata",
    "callback_id",
    "external_id",
    "clear_on_close",
    "notify_on_close",
    "submit_disabled",
)


@dataclass(slots=True)
class View:
    """One view: a modal on one person's screen, or that person's app home."""

    id: str
    user: str
    content: dict[str, Any]
    hash: str
    values: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Slack's view object."""
        return {
            "id": self.id,
            "team_id": TEAM_ID,
            "app_id": APP_ID,
            "app_installed_team_id": TEAM_ID,
            "bot_id": BOT_ID,
            "private_metadata": "",
            "callback_id": "",
            "external_id": "",
            "clear_on_close": False,
            "notify_on_close": False,
            "submit": None,
            "close": None,
            "title": None,
            **{key: value for key, value in self.content.items() if key in APP_KEYS},
            "state": {"values": self.values},
            "hash": self.hash,
            "root_view_id": self.id,
            "previous_view_id": None,
        }


class Views:
    """Modals as a stack a person (Slack allows three), homes one a person."""

    def __init__(self) -> None:
        self.modals: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}

    def push(self, view: View) -> None:
        """Open on top of what this person has open."""
        stack = self.modals.setdefault(view.user, [])
        if len(stack) >= 3:
            raise SlackError("push_limit_reached")
        stack.append(view)

    def find(self, view_id: str, external_id: str = "") -> View:
        """An open modal or a home; SlackError(not_found)."""
        everything = [*self.homes.values(), *(view for stack in self.modals.values() for view in stack)]
        for view in everything:
            if view_id == view.id or (external_id and external_id == view.content.get("external_id")):
                return view
        raise SlackError("not_found")

    def close(self, view: View, *, whole_stack: bool = False) -> None:
        """Take a modal from the screen, or everything that is open there."""
        stack = self.modals.get(view.user, [])
        if whole_stack:
            stack.clear()
        elif view in stack:
            stack.remove(view)
