"""What Slack says of the bot's token and of a channel."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Login:
    """Whose token it is, and what it may do."""

    team_id: str
    user_id: str
    bot_id: str | None
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    name: str
    is_member: bool
    is_private: bool
    is_ext_shared: bool
    is_archived: bool
