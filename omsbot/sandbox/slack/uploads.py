"""The methods of Slack's external upload: a URL for the bytes first, then the file is shared."""

import re
from typing import Any

from omsbot.sandbox.slack.arguments import Arguments
from omsbot.sandbox.slack.chat import content_of, thread_of
from omsbot.sandbox.slack.errors import SlackError
from omsbot.sandbox.slack.files import File
from omsbot.sandbox.slack.messages import Json
from omsbot.sandbox.slack.method import Method
from omsbot.sandbox.slack.people import BOT_USER, Channel
from omsbot.sandbox.slack.state import Workspace

MAX_FILE = 1024**3
MAX_ALT_TEXT = 1000
CHANNEL_ID = re.compile(r"[CGDZ][A-Z0-9]{8,}")


def get_upload_url(workspace: Workspace, args: Arguments) -> Json:
    """https://docs.slack.dev/reference/methods/files.getUploadURLExternal"""
    name = args.required("filename")
    if args.text("length", "0") == "0":
        raise SlackError("missing_argument")
    length = args.number("length", 0, low=1, high=MAX_FILE + 1, error="invalid_arguments")
    if length > MAX_FILE:
        raise SlackError("file_upload_size_restricted")
    alt_text = args.text("alt_txt")
    if len(alt_text) > MAX_ALT_TEXT:
        raise SlackError("alt_txt_too_large")
    file = File(workspace.fresh_id("F"), name, length, alt_text, int(workspace.clock()))
    workspace.files.add(file)
    return {"upload_url": f"{workspace.base_url}upload/v1/{file.ticket}", "file_id": file.id}


def complete_upload(workspace: Workspace, args: Arguments) -> Json:
    """https://docs.slack.dev/reference/methods/files.completeUploadExternal

    Without a channel the files stay private. A file is completed once, and again after a refusal.
    """
    wanted = args.json("files")
    if not isinstance(wanted, list) or not wanted or not all(isinstance(one, dict) for one in wanted):
        raise SlackError("invalid_arguments")
    files = [_uploaded(workspace, one) for one in wanted]
    for file, one in zip(files, wanted, strict=True):
        file.title = str(one.get("title") or file.name)
    shown = [file.to_json(workspace.base_url) for file in files]
    if "channel_id" in args:
        _share(workspace, args, shown)
    for file in files:
        file.completed = True
    return {"files": shown}


def _uploaded(workspace: Workspace, one: dict[str, Any]) -> File:
    file = workspace.files.find(str(one.get("id", "")))
    if not file.content or file.completed:
        raise SlackError("file_not_found")
    return file


def _share(workspace: Workspace, args: Arguments, files: list[Json]) -> None:
    channel = _channel_to_share_in(workspace, args.text("channel_id"))
    comment = args.text("initial_comment")
    blocks = None if comment else args.values.get("blocks")  # beside a comment Slack ignores them
    content = content_of(workspace, Arguments({"text": comment, "blocks": blocks}), files=files)
    workspace.post(channel, workspace.by_bot({**content, "upload": True}), thread_ts=thread_of(args))


def _channel_to_share_in(workspace: Workspace, channel_id: str) -> Channel:
    """The channel of this id (no name, no person) that the bot is in: `chat:write.public` is not enough."""
    if not CHANNEL_ID.fullmatch(channel_id):
        why = f"input must match regex pattern: ^{CHANNEL_ID.pattern}$ [json-pointer:/channel_id]"
        raise SlackError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {why}"]})
    channel = workspace.channels.get(channel_id)
    inside = channel is not None and BOT_USER in channel.members
    if channel is None or (channel.is_private and not inside):
        raise SlackError("channel_not_found")
    if channel.is_archived:
        raise SlackError("is_archived")
    if not inside:
        raise SlackError("not_in_channel")
    return channel


METHODS = {
    "files.getUploadURLExternal": Method(get_upload_url, ("files:write",)),
    "files.completeUploadExternal": Method(complete_upload, ("files:write",)),
}
