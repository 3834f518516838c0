"""The OAuth scopes that the bot asks for: what each is for, and what is lost without it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

COMMAND = "/oms"


@dataclass(frozen=True, slots=True)
class Scope:
    """One bot scope. `lost` says what stops working without it; without a required one, the bot itself."""

    purpose: str
    lost: str
    required: bool = False


SCOPES: Mapping[str, Scope] = {
    "chat:write": Scope("post alerts and cards, and edit them", "nothing can be posted", required=True),
    "commands": Scope("take the slash command", "no one can ask or subscribe", required=True),
    "channels:read": Scope(
        "names and state of public channels, and being invited or removed there",
        "a public channel that removed the bot or shares with another company is not noticed",
        required=True,
    ),
    "groups:read": Scope(
        "names and state of private channels, and being invited or removed there",
        "a private channel that removed the bot or shares with another company is not noticed",
        required=True,
    ),
    "channels:history": Scope(
        "find a post in a public channel whose arrival Slack did not confirm",
        "an unconfirmed post in a public channel is sent again with a note, so it may be there twice",
    ),
    "groups:history": Scope(
        "find a post in a private channel whose arrival Slack did not confirm",
        "an unconfirmed post in a private channel is sent again with a note, so it may be there twice",
    ),
    "files:write": Scope(
        "post charts", "`/oms chart` has no picture to show, and completed projects get none"
    ),
    "im:write": Scope(
        "tell the one who subscribed that a channel no longer takes messages",
        "the one who subscribed is not told when a channel stops taking messages",
    ),
}

# event -> the scopes of which each lets Slack send it for its own kind of channel; none where none is needed
EVENTS: Mapping[str, frozenset[str]] = {
    "app_uninstalled": frozenset(),
    "channel_archive": frozenset({"channels:read"}),
    "channel_rename": frozenset({"channels:read"}),
    "group_archive": frozenset({"groups:read"}),
    "group_rename": frozenset({"groups:read"}),
    "member_joined_channel": frozenset({"channels:read", "groups:read"}),
    "member_left_channel": frozenset({"channels:read", "groups:read"}),
    "tokens_revoked": frozenset(),
}


def missing(granted: Iterable[str]) -> dict[str, Scope]:
    """Return the scopes that the bot asks for and was not granted."""
    have = frozenset(granted)
    return {name: scope for name, scope in SCOPES.items() if name not in have}
