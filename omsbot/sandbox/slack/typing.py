"""What Slack makes of a text that a person types after a slash command."""

import re

from omsbot.sandbox.slack.state import Workspace

# What is already in Slack's own notation stays as it is (a client pasted it so).
NOTATION = re.compile(r"(<[@#!][^<>]*>)")
LINK = re.compile(r"https?://[^\s<>|]+")
MENTION = re.compile(r"(?<!\w)([@#])([\w.-]+)")


def escaped(workspace: Workspace, text: str) -> str:
    """The text of a command with `should_escape`: people, groups, channels and links in Slack's notation."""
    parts = NOTATION.split(text)
    return "".join(part if number % 2 else _plain(workspace, part) for number, part in enumerate(parts))


def _plain(workspace: Workspace, text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    words = re.split(r"(https?://[^\s<>|]+)", text)
    return "".join(
        f"<{word}>" if LINK.fullmatch(word) else MENTION.sub(lambda found: _mention(workspace, found), word)
        for word in words
    )


def _mention(workspace: Workspace, found: re.Match[str]) -> str:
    sign, name = found.groups()
    if sign == "#":
        for channel in workspace.channels.values():
            if channel.name == name and not channel.is_im:
                return f"<#{channel.id}|{name}>"
        return found[0]
    if name in ("here", "channel", "everyone"):
        return f"<!{name}>"
    for user in workspace.users.values():
        if user.name.replace(" ", "") == name.lower():
            return f"<@{user.id}|{user.name}>"
    for group in workspace.groups.values():
        if group.handle == name:
            return f"<!subteam^{group.id}|@{name}>"
    return found[0]
