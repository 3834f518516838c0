"""What people do to channels: invite, kick, archive, rename; the app hears of it as events."""

from omsbot.sandbox.slack.messages import Json
from omsbot.sandbox.slack.people import BOT_USER, TEAM_ID, Channel
from omsbot.sandbox.slack.state import Workspace


def join(workspace: Workspace, channel: Channel, user: str, *, inviter: str = "") -> None:
    """Let someone in: a line in the channel, and `member_joined_channel`."""
    if user in channel.members:
        return
    channel.members.append(user)
    _line(
        workspace,
        channel,
        user,
        "join",
        f"<@{user}> has joined the channel",
        **({"inviter": inviter} if inviter else {}),
    )
    event: Json = {"type": "member_joined_channel", "user": user, **_place(channel)}
    workspace.on_event({**event, "inviter": inviter} if inviter else event)


def leave(workspace: Workspace, channel: Channel, user: str, *, actor: str) -> None:
    """Take someone out: `member_left_channel`, and for the bot itself `channel_left` or `group_left`."""
    if user not in channel.members:
        return
    channel.members.remove(user)
    _line(workspace, channel, user, "leave", f"<@{user}> was removed from the channel")
    workspace.on_event({"type": "member_left_channel", "user": user, **_place(channel)})
    if user == BOT_USER:
        prefix = "group" if channel.is_private else "channel"
        workspace.on_event({"type": f"{prefix}_left", "channel": channel.id, "actor_id": actor})


def set_archived(workspace: Workspace, channel: Channel, *, archived: bool, actor: str) -> None:
    """Archive or bring back."""
    channel.is_archived = archived
    prefix = "group" if channel.is_private else "channel"
    workspace.feed.publish("channel", channel=channel.id)
    workspace.on_event(
        {"type": f"{prefix}_{'archive' if archived else 'unarchive'}", "channel": channel.id, "user": actor}
    )


def rename(workspace: Workspace, channel: Channel, name: str) -> None:
    """Give a channel another name; its id stays."""
    channel.name = name
    prefix = "group" if channel.is_private else "channel"
    workspace.feed.publish("channel", channel=channel.id)
    workspace.on_event(
        {"type": f"{prefix}_rename", "channel": {"id": channel.id, "name": name, "created": channel.created}}
    )


def _place(channel: Channel) -> Json:
    return {"channel": channel.id, "channel_type": "G" if channel.is_private else "C", "team": TEAM_ID}


def _line(workspace: Workspace, channel: Channel, user: str, what: str, text: str, **more: str) -> None:
    subtype = f"{'group' if channel.is_private else 'channel'}_{what}"
    workspace.post(channel, workspace.by_person(user, text, subtype=subtype, **more))
    workspace.feed.publish("channel", channel=channel.id)
