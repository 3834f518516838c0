"""Reading back what was said: `conversations.history` and `conversations.replies`."""

import re

from omsbot.sandbox.slack.arguments import Arguments
from omsbot.sandbox.slack.errors import SlackError
from omsbot.sandbox.slack.messages import Json
from omsbot.sandbox.slack.method import Method, channel_to_read
from omsbot.sandbox.slack.people import BOT_USER
from omsbot.sandbox.slack.state import Workspace


def history(workspace: Workspace, args: Arguments) -> Json:
    """https://docs.slack.dev/reference/methods/conversations.history"""
    channel = channel_to_read(workspace, args, "history")
    if BOT_USER not in channel.members:
        raise SlackError("not_in_channel")
    conversation = workspace.conversation(channel)
    oldest, latest, inclusive = _window(args)
    limit = args.number("limit", 100, low=1, high=999)
    found = []
    for message in conversation.between(oldest, latest, inclusive=inclusive):
        found.append(conversation.to_json(message, with_metadata=args.flag("include_all_metadata")))
        if len(found) > limit:
            break
    return _page(found, limit, "latest")


def replies(workspace: Workspace, args: Arguments) -> Json:
    """https://docs.slack.dev/reference/methods/conversations.replies: the parent comes first, always."""
    channel = channel_to_read(workspace, args, "history")
    if BOT_USER not in channel.members:
        raise SlackError("not_in_channel")
    conversation = workspace.conversation(channel)
    thread = conversation.thread(args.required("ts", "thread_not_found"))
    if thread is None:
        raise SlackError("thread_not_found")
    oldest, latest, inclusive = _window(args)
    limit = args.number("limit", 1000, low=1, high=1000)
    parent, rest = thread[0], thread[1:]
    shown = [m for m in rest if _inside(m.ts, oldest, latest, inclusive=inclusive)]
    with_metadata = args.flag("include_all_metadata")
    found = [
        conversation.to_json(m, with_metadata=with_metadata, with_root=False)
        for m in (parent, *shown[: limit + 1])
    ]
    return _page(found, limit + 1, "oldest")


def _window(args: Arguments) -> tuple[str, str, bool]:
    cursor = args.text("cursor")
    oldest, latest = args.text("oldest", "0"), args.text("latest")
    for bound, error in ((oldest, "invalid_ts_oldest"), (latest, "invalid_ts_latest")):
        if bound and not re.fullmatch(r"\d{1,10}(\.\d*)?", bound):
            raise SlackError(error)
    if cursor.startswith("latest:"):
        return oldest, cursor.removeprefix("latest:"), False
    if cursor.startswith("oldest:"):
        return cursor.removeprefix("oldest:"), latest, False
    if cursor:
        raise SlackError("invalid_cursor")
    return oldest, latest, args.flag("inclusive")


def _inside(ts: str, oldest: str, latest: str, *, inclusive: bool) -> bool:
    low, high, at = float(oldest or 0), float(latest or 1e11), float(ts)
    return low <= at <= high if inclusive else low < at < high


def _page(found: list[Json], limit: int, bound: str) -> Json:
    page = found[:limit]
    has_more = len(found) > limit
    answer: Json = {"messages": page, "has_more": has_more, "pin_count": 0}
    if has_more:
        answer["response_metadata"] = {"next_cursor": f"{bound}:{page[-1]['ts']}"}
    return answer


# Which scope is needed depends on the kind of channel, and is asked for when the channel is known.
METHODS = {
    "conversations.history": Method(history, ("channels:history", "groups:history", "im:history")),
    "conversations.replies": Method(replies, ("channels:history", "groups:history", "im:history")),
}
