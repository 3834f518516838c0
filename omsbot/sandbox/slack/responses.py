"""What an app answers to an interaction, by its acknowledgement or through a response URL."""

import json

from aiohttp import web

from omsbot.sandbox.slack.arguments import TRUE, Arguments
from omsbot.sandbox.slack.chat import content_of
from omsbot.sandbox.slack.errors import SlackError
from omsbot.sandbox.slack.messages import Json
from omsbot.sandbox.slack.people import BOT_USER
from omsbot.sandbox.slack.state import Workspace
from omsbot.sandbox.slack.triggers import ResponseUrl


def respond(workspace: Workspace, entry: ResponseUrl, body: Json) -> None:
    """Show an answer: a new message, to one person or to the channel, or a change of the one it came from."""
    channel = workspace.channels[entry.channel]
    if body.get("delete_original") in TRUE and entry.source_ts:
        workspace.delete(channel, entry.source_ts)
        return
    content = content_of(workspace, Arguments(body))
    if body.get("replace_original") in TRUE and entry.source_ts:
        _replace(workspace, entry, content)
        return
    message_body = workspace.by_bot(content)
    thread_ts = str(body.get("thread_ts") or "")
    if body.get("response_type") == "in_channel":
        ts = workspace.post(channel, message_body, thread_ts=thread_ts).ts
    else:
        threaded = {**message_body, "thread_ts": thread_ts} if thread_ts else message_body
        ts = workspace.whisper(channel, entry.user, threaded).ts
    entry.source_ts = entry.source_ts or ts


def _replace(workspace: Workspace, entry: ResponseUrl, content: Json) -> None:
    channel = workspace.channels[entry.channel]
    conversation = workspace.conversation(channel)
    ephemeral = conversation.ephemerals.get(entry.source_ts)
    change = {"blocks": None, "attachments": None, **content}
    if ephemeral is not None:
        body = {**ephemeral.body, **change}
        ephemeral.body = {key: value for key, value in body.items() if value is not None}
        workspace.feed.publish("ephemeral", channel=channel.id, user=entry.user, ts=ephemeral.ts)
        return
    message = conversation.find(entry.source_ts)
    if message is None:
        raise SlackError("message_not_found")
    workspace.edit(channel, message, change, editor=BOT_USER)


async def serve_response_url(request: web.Request, workspace: Workspace) -> web.Response:
    """`POST /response/KEY`: "ok", or an error with status 404 (used up, expired) or 400 (a wrong body)."""
    try:
        body = json.loads(await request.text())
        if not isinstance(body, dict):
            raise TypeError
    except (ValueError, TypeError):
        return web.json_response({"ok": False, "error": "invalid_payload"}, status=400)
    try:
        entry = workspace.response_urls.use(request.match_info["key"], body)
    except SlackError as refused:
        return web.json_response(refused.answer(), status=404)
    try:
        respond(workspace, entry, body)
    except SlackError as refused:
        return web.json_response(refused.answer(), status=400)
    finally:
        workspace.feed.publish("response")
    return web.Response(text="ok")
