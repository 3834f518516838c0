"""Who is in the stand-in's workspace, and where they can talk."""

from dataclasses import dataclass, field
from typing import Any

TEAM_ID = "T0SANDBOX1"
TEAM_DOMAIN = "sandbox"
TEAM_NAME = "Sandbox workspace"
APP_ID = "A0OMSBOT01"
BOT_ID = "B0OMSBOT01"
BOT_USER = "U0OMSBOT01"
SYSTEM_USER = "USLACKBOT"
ANA = "U0ANA00001"
LI_WEI = "U0LIWEI002"
SAM = "U0SAM00003"
GROUP_ONCALL = "S0ONCALL01"

DEFAULT_SCOPES = (
    "chat:write",
    "commands",
    "channels:read",
    "groups:read",
    "channels:history",
    "groups:history",
    "files:write",
    "im:write",
)


@dataclass(frozen=True, slots=True)
class User:
    """A member of the workspace; `tz_offset` is how many seconds `tz` is ahead of UTC."""

    id: str
    name: str
    real_name: str
    is_bot: bool = False
    tz: str = "Etc/UTC"
    tz_offset: int = 0

    def to_json(self) -> dict[str, Any]:
        """Slack's user object, in the fields that a bot reads."""
        return {
            "id": self.id,
            "team_id": TEAM_ID,
            "name": self.name,
            "real_name": self.real_name,
            "deleted": False,
            "is_bot": self.is_bot,
            "tz": self.tz,
            "tz_label": self.tz.rpartition("/")[2].replace("_", " "),
            "tz_offset": self.tz_offset,
            "locale": "en-US",
            "profile": {"real_name": self.real_name, "display_name": self.name},
        }


PEOPLE = (
    User(ANA, "ana", "Ana Souza", tz="America/Sao_Paulo", tz_offset=-10_800),
    User(LI_WEI, "li wei", "Li Wei", tz="Asia/Shanghai", tz_offset=28_800),
    User(SAM, "sam", "Sam Okafor", tz="Africa/Lagos", tz_offset=3_600),
)


@dataclass(frozen=True, slots=True)
class UserGroup:
    """A group of people who can be mentioned at once."""

    id: str
    handle: str
    name: str
    users: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Slack's usergroup object."""
        return {
            "id": self.id,
            "team_id": TEAM_ID,
            "handle": self.handle,
            "name": self.name,
            "users": list(self.users),
            "user_count": len(self.users),
            "is_usergroup": True,
            "date_delete": 0,
        }


GROUPS = (UserGroup(GROUP_ONCALL, "oncall", "Database on-call", (ANA, LI_WEI)),)


@dataclass(slots=True)
class Channel:
    """A public or private channel, or the direct messages of the bot with one person (`partner`)."""

    id: str
    name: str
    created: int
    is_private: bool = False
    is_archived: bool = False
    partner: str = ""
    members: list[str] = field(default_factory=list)

    @property
    def is_im(self) -> bool:
        """Is it a direct message?"""
        return bool(self.partner)

    @property
    def kind(self) -> str:
        """The word of Slack's scopes for it: channels, groups or im."""
        if self.is_im:
            return "im"
        return "groups" if self.is_private else "channels"

    def to_json(self, *, for_user: str) -> dict[str, Any]:
        """Slack's conversation object as `for_user` sees it."""
        common = {
            "id": self.id,
            "created": self.created,
            "is_archived": self.is_archived,
            "is_im": self.is_im,
        }
        if self.is_im:
            return {**common, "user": self.partner, "is_org_shared": False, "is_user_deleted": False}
        return {
            **common,
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": not self.is_private,
            "is_group": False,
            "is_mpim": False,
            "is_private": self.is_private,
            "is_general": self.name == "general",
            "is_shared": False,
            "is_ext_shared": False,
            "is_org_shared": False,
            "is_member": for_user in self.members,
            "creator": ANA,
            "context_team_id": TEAM_ID,
            "num_members": len(self.members),
            "topic": {"value": "", "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
            "locale": "en-US",
        }


@dataclass(slots=True)
class Installation:
    """The app as it is installed in this workspace: its tokens and what they may do.

    `revoked` is Slack's error (`token_revoked`, `account_inactive`) for every call once the app was removed.
    """

    bot_token: str
    app_token: str
    scopes: tuple[str, ...]
    commands: tuple[str, ...]
    events: tuple[str, ...]
    escape_commands: bool = True
    revoked: str = ""
