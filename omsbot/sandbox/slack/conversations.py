"""The `conversations.*` methods that are about channels and who is in them."""

from omsbot.sandbox.slack import membership
from omsbot.sandbox.slack.arguments import Arguments
from omsbot.sandbox.slack.errors import SlackError
from omsbot.sandbox.slack.messages import Json
from omsbot.sandbox.slack.method import Method, channel_to_read, require_scope
from omsbot.sandbox.slack.people import BOT_USER, Channel
from omsbot.sandbox.slack.state import Workspace

READ = ("channels:read", "groups:read", "im:read")
TYPES = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}


def info(workspace: Workspace, args: Arguments) -> Json:
    """https://docs.slack.dev/reference/methods/conversations.info"""
    channel = channel_to_read(workspace, args, "read")
    answer = channel.to_json(for_user=BOT_USER)
    if not args.flag("include_num_members"):
        answer.pop("num_members", None)
    return {"channel": answer}


def listing(workspace: Workspace, args: Arguments) -> Json:
    """https://docs.slack.dev/reference/methods/conversations.list"""
    kinds = [_kind(name.strip()) for name in args.text("types", "public_channel").split(",")]
    for kind in kinds:
        require_scope(workspace, f"{kind}:read")
    found = [
        channel for channel in workspace.channels.values() if channel.kind in kinds and _visible(channel)
    ]
    if args.flag("exclude_archived"):
        found = [channel for channel in found if not channel.is_archived]
    page, cursor = _page([channel.to_json(for_user=BOT_USER) for channel in found], args)
    return {"channels": page, "response_metadata": {"next_cursor": cursor}}


def members(workspace: Workspace, args: Arguments) -> Json:
    """https://docs.slack.dev/reference/methods/conversations.members"""
    channel = channel_to_read(workspace, args, "read")
    page, cursor = _page([{"id": user} for user in channel.members], args)
    return {"members": [one["id"] for one in page], "response_metadata": {"next_cursor": cursor}}


def join(workspace: Workspace, args: Arguments) -> Json:
    """https://docs.slack.dev/reference/methods/conversations.join"""
    channel = workspace.channels.get(args.required("channel", "channel_not_found"))
    if channel is None:
        raise SlackError("channel_not_found")
    if channel.kind != "channels":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    already = BOT_USER in channel.members
    if not already:
        membership.join(workspace, channel, BOT_USER)
    answer: Json = {"channel": channel.to_json(for_user=BOT_USER)}
    return {**answer, "warning": "already_in_channel"} if already else answer


def open_direct(workspace: Workspace, args: Arguments) -> Json:
    """https://docs.slack.dev/reference/methods/conversations.open, for one person"""
    people = [user for user in args.text("users").split(",") if user]
    if "channel" in args:
        channel = workspace.channel(args.text("channel"))
    elif len(people) == 1:
        channel = workspace.direct_messages(people[0])
    else:
        raise SlackError("users_list_not_supplied" if not people else "not_enough_users")
    shown = channel.to_json(for_user=BOT_USER) if args.flag("return_im") else {"id": channel.id}
    return {"channel": shown}


def _kind(name: str) -> str:
    if name not in TYPES:
        raise SlackError("invalid_types")
    return TYPES[name]


def _visible(channel: Channel) -> bool:
    return channel.kind == "channels" or BOT_USER in channel.members


def _page(found: list[Json], args: Arguments) -> tuple[list[Json], str]:
    limit = args.number("limit", 100, low=1, high=1000)
    start = args.text("cursor", "0")
    if not start.isdigit():
        raise SlackError("invalid_cursor")
    end = int(start) + limit
    return found[int(start) : end], str(end) if end < len(found) else ""


METHODS = {
    "conversations.info": Method(info, READ),
    "conversations.list": Method(listing, READ),
    "conversations.members": Method(members, READ),
    "conversations.join": Method(join, ("channels:join", "channels:manage")),
    "conversations.open": Method(open_direct, ("im:write",)),
}
