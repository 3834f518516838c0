"""The `chat.*` methods of the stand-in."""

import re
from typing import Any

from omsbot.sandbox.slack.arguments import Arguments
from omsbot.sandbox.slack.blocks import checked_blocks
from omsbot.sandbox.slack.errors import SlackError
from omsbot.sandbox.slack.messages import Json, Message
from omsbot.sandbox.slack.method import Method, channel_to_speak
from omsbot.sandbox.slack.people import BOT_ID, BOT_USER, Channel
from omsbot.sandbox.slack.state import Workspace

MAX_TEXT = 40_000  # a longer text is cut by chat.postMessage
MAX_EDITED_TEXT = 4_000
MAX_METADATA = 8_000
MAX_ATTACHMENTS = 100
TS = re.compile(r"\d{10}\.\d{6}")
EVENT_TYPE = re.compile(r"[a-zA-Z][\w.:-]{0,254}")


def content_of(workspace: Workspace, args: Arguments, *, files: list[Json] | None = None) -> Json:
    """Text, blocks, attachments and files of a message, checked; SlackError(no_text) when empty."""
    content: Json = {"text": args.text("text")[:MAX_TEXT]}
    if files:
        content["files"] = files
    blocks = args.json("blocks", "invalid_blocks_format")
    if blocks:
        content["blocks"] = checked_blocks(blocks, workspace.fresh_id)
    attachments = args.json("attachments", "invalid_attachments")
    if attachments:
        content["attachments"] = _checked_attachments(workspace, attachments)
    if not content["text"].strip() and len(content) == 1:
        raise SlackError("no_text")
    return content


def thread_of(args: Arguments) -> str:
    """The thread to post into, "" for none; SlackError(invalid_thread_ts)."""
    thread_ts = args.text("thread_ts")
    if thread_ts and not TS.fullmatch(thread_ts):
        raise SlackError("invalid_thread_ts")
    return thread_ts


def post_message(workspace: Workspace, args: Arguments) -> Json:
    """https://docs.slack.dev/reference/methods/chat.postMessage"""
    channel = channel_to_speak(workspace, args)
    thread_ts = thread_of(args)
    content = content_of(workspace, args)
    message = workspace.post(
        channel,
        workspace.by_bot(content),
        thread_ts=thread_ts,
        broadcast=args.flag("reply_broadcast"),
        metadata=_checked_metadata(args) or None,
    )
    return _told(workspace, channel, message)


def update(workspace: Workspace, args: Arguments) -> Json:
    """https://docs.slack.dev/reference/methods/chat.update

    Text without blocks removes the blocks; metadata left out is kept, `{}` clears it.
    """
    channel = channel_to_speak(workspace, args)
    message = _own_message(workspace, channel, args, "cant_update_message")
    if len(args.text("text")) > MAX_EDITED_TEXT:
        raise SlackError("msg_too_long")
    content = content_of(workspace, args)
    metadata = _checked_metadata(args)
    if metadata is not None:
        message.metadata = metadata or None
    workspace.edit(channel, message, {"blocks": None, "attachments": None, **content}, editor=BOT_USER)
    return {**_told(workspace, channel, message), "text": content["text"]}


def delete(workspace: Workspace, args: Arguments) -> Json:
    """https://docs.slack.dev/reference/methods/chat.delete"""
    channel = channel_to_speak(workspace, args)
    message = _own_message(workspace, channel, args, "cant_delete_message")
    workspace.delete(channel, message.ts)
    return {"channel": channel.id, "ts": message.ts}


def post_ephemeral(workspace: Workspace, args: Arguments) -> Json:
    """https://docs.slack.dev/reference/methods/chat.postEphemeral"""
    channel = channel_to_speak(workspace, args)
    user = args.required("user")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    content = content_of(workspace, args)
    thread_ts = args.text("thread_ts")
    body = workspace.by_bot({**content, **({"thread_ts": thread_ts} if thread_ts else {})})
    return {"message_ts": workspace.whisper(channel, user, body).ts}


def get_permalink(workspace: Workspace, args: Arguments) -> Json:
    """https://docs.slack.dev/reference/methods/chat.getPermalink"""
    channel = workspace.channel(args.required("channel", "channel_not_found"))
    if channel.kind != "channels" and BOT_USER not in channel.members:
        raise SlackError("channel_not_found")
    message = workspace.conversation(channel).find(args.required("message_ts", "message_not_found"))
    if message is None:
        raise SlackError("message_not_found")
    link = f"{workspace.base_url}archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def _told(workspace: Workspace, channel: Channel, message: Message) -> Json:
    shown = workspace.conversation(channel).to_json(message, with_metadata=True, with_root=False)
    return {"channel": channel.id, "ts": message.ts, "message": shown}


def _own_message(workspace: Workspace, channel: Channel, args: Arguments, not_ours: str) -> Message:
    message = workspace.conversation(channel).find(args.required("ts", "message_not_found"))
    if message is None:
        raise SlackError("message_not_found")
    if message.body.get("bot_id") != BOT_ID:
        raise SlackError(not_ours)
    return message


def _checked_metadata(args: Arguments) -> Json | None:
    """None when left out, {} when cleared."""
    metadata = args.json("metadata", "invalid_metadata_format")
    if not metadata:
        return metadata if metadata is None else {}
    if not isinstance(metadata, dict):
        raise SlackError("invalid_metadata_format")
    event_type, payload = metadata.get("event_type"), metadata.get("event_payload")
    if (
        not isinstance(event_type, str)
        or not EVENT_TYPE.fullmatch(event_type)
        or not isinstance(payload, dict)
    ):
        raise SlackError("invalid_metadata_format")
    if len(str(payload)) > MAX_METADATA:
        raise SlackError("metadata_too_large")
    return {"event_type": event_type, "event_payload": payload}


def _checked_attachments(workspace: Workspace, attachments: Any) -> list[Json]:
    if not isinstance(attachments, list) or not all(isinstance(one, dict) for one in attachments):
        raise SlackError("invalid_attachments")
    if len(attachments) > MAX_ATTACHMENTS:
        raise SlackError("too_many_attachments")
    stored = []
    for number, one in enumerate(attachments, 1):
        blocks = {"blocks": checked_blocks(one["blocks"], workspace.fresh_id)} if one.get("blocks") else {}
        stored.append({**one, **blocks, "id": number})
    return stored


METHODS = {
    "chat.postMessage": Method(post_message, ("chat:write",)),
    "chat.update": Method(update, ("chat:write",)),
    "chat.delete": Method(delete, ("chat:write",)),
    "chat.postEphemeral": Method(post_ephemeral, ("chat:write",)),
    "chat.getPermalink": Method(get_permalink),
}
