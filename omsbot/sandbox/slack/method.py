"""What the Web API methods have in common: a function, scopes, and where the bot may read and speak."""

from collections.abc import Callable
from dataclasses import dataclass

from omsbot.sandbox.slack.arguments import Arguments
from omsbot.sandbox.slack.errors import SlackError
from omsbot.sandbox.slack.messages import Json
from omsbot.sandbox.slack.people import BOT_USER, Channel
from omsbot.sandbox.slack.state import Workspace


@dataclass(frozen=True, slots=True)
class Method:
    """One method: any one of `scopes` is enough; `app_level` methods take the app's token, not the bot's."""

    run: Callable[[Workspace, Arguments], Json]
    scopes: tuple[str, ...] = ()
    app_level: bool = False
    needs_token: bool = True


def require_scope(workspace: Workspace, *any_of: str) -> None:
    """SlackError(missing_scope) as Slack says it, with what is needed and what was granted."""
    granted = workspace.installation.scopes
    if any_of and not set(any_of) & set(granted):
        raise SlackError("missing_scope", needed=",".join(any_of), provided=",".join(granted))


def channel_to_read(workspace: Workspace, args: Arguments, purpose: str) -> Channel:
    """The channel that `channel` means, if the bot may look at it for `purpose` ("read" or "history")."""
    channel = workspace.channels.get(args.required("channel", "channel_not_found"))
    if channel is None or (channel.kind != "channels" and BOT_USER not in channel.members):
        raise SlackError("channel_not_found")
    require_scope(workspace, f"{channel.kind}:{purpose}")
    return channel


def channel_to_speak(workspace: Workspace, args: Arguments) -> Channel:
    """The channel that `channel` means, if the bot may post there; a person's id means direct messages."""
    name = args.required("channel", "channel_not_found")
    channel = workspace.direct_messages(name) if name in workspace.users else workspace.channel(name)
    inside = BOT_USER in channel.members
    if not inside and channel.is_private:
        raise SlackError("channel_not_found")
    if channel.is_archived:
        raise SlackError("is_archived")
    if not inside and "chat:write.public" not in workspace.installation.scopes:
        raise SlackError("not_in_channel")
    return channel
