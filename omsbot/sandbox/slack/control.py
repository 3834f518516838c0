"""The control API of the stand-in: what people and Slack do, for the page, for curl and for other processes.

All bodies and answers are JSON. A mistake is answered with 400 and `{"ok": false, "error": ...}`.
`channel` is a name or an id, `user` an id or a name (ana, "li wei", sam; default ana).

    GET  /control/state                        workspace, users, channels, open sockets, commands
    GET  /control/messages?channel=C           messages and replies, oldest first; with &user=U the ephemerals
                                               of U too; with &limit=N the newest N
    GET  /control/ephemerals?channel=C         all ephemeral messages of a channel
    GET  /control/calls[?method=M][&after=N]   Web API calls: number, at (ms), method, args, status, error...
    GET  /control/views?user=U                 open modals and the app home of a person
    GET  /control/stream                       server-sent events: {"kind", "channel"...} for each change
    POST /control/command   {text, channel, user}   a line of the composer: `/oms ...` or plain text
    POST /control/click     {channel, ts, action_id, user, value?, block_id?}
    POST /control/view      {view_id, do: "click"|"submit"|"close", action_id?, value?, values?}
    POST /control/home      {user}   opens the app home
    POST /control/say       {channel, user, text, thread_ts?}   a person's message
    POST /control/invite    {channel, user?}   `user` defaults to the bot, as in kick
    POST /control/kick      {channel, user?}
    POST /control/archive   {channel, archived?: true}
    POST /control/rename    {channel, name}
    POST /control/delete    {channel, ts}   a person deletes a message
    POST /control/fault     {method, kind, channel?, count?, ...details}   see faults
    POST /control/faults/clear
    POST /control/limits    {enabled}
    POST /control/scopes    {scopes: [...]}
    POST /control/revoke    {error?: "token_revoked"|"account_inactive"|""}
    POST /control/sockets   {do: "warning"|"refresh_requested"|"link_disabled"|"close"}
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from omsbot.sandbox.slack.acts import ACTS
from omsbot.sandbox.slack.errors import SlackError
from omsbot.sandbox.slack.messages import Json
from omsbot.sandbox.slack.people import ANA, APP_ID, BOT_USER, TEAM_NAME
from omsbot.sandbox.slack.scene import Scene

Answer = Callable[[Scene, Json], Any]


def state(slack: Scene, asked: Json) -> Json:
    """Everything that the page needs to draw its frame."""
    workspace = slack.workspace
    people = {
        user.id: {"id": user.id, "name": user.name, "real_name": user.real_name, "is_bot": user.is_bot}
        for user in workspace.users.values()
    }
    groups = {group.id: group.handle for group in workspace.groups.values()}
    channels = [
        {**channel.to_json(for_user=BOT_USER), "members": channel.members}
        for channel in workspace.channels.values()
    ]
    return {
        "team": TEAM_NAME,
        "app_id": APP_ID,
        "bot_user": BOT_USER,
        "users": people,
        "groups": groups,
        "channels": channels,
        "commands": list(workspace.installation.commands),
        "sockets": slack.sockets.count,
        "faults": [fault.to_json() for fault in slack.api.faults.waiting],
        "calls": len(slack.api.calls),
    }


def messages(slack: Scene, asked: Json) -> Json:
    """The log of a channel, and what only `user` sees of it."""
    channel = slack.workspace.channel(asked.get("channel", ""))
    shown = slack.messages(channel.id)
    if asked.get("user"):
        user = slack.workspace.user(asked["user"]).id
        shown += [one for one in slack.ephemerals(channel.id) if one["to_user"] == user]
        shown.sort(key=lambda one: one["ts"])
    return {"channel": channel.id, "messages": shown[-_whole(asked, "limit", len(shown) or 1) :]}


def ephemerals(slack: Scene, asked: Json) -> Json:
    """What was shown to one person only."""
    return {"ephemerals": slack.ephemerals(asked.get("channel", ""))}


def calls(slack: Scene, asked: Json) -> Json:
    """The Web API calls so far."""
    after = _whole(asked, "after", 0)
    found = [call.to_json() for call in slack.api.calls if call.number > after]
    return {"calls": [call for call in found if asked.get("method") in (None, call["method"])]}


def views(slack: Scene, asked: Json) -> Json:
    """What is open on a person's screen."""
    user = slack.workspace.user(asked.get("user", ANA)).id
    home = slack.workspace.views.homes.get(user)
    modals = [view.to_json() for view in slack.workspace.views.modals.get(user, [])]
    return {"modals": modals, "home": home.to_json() if home else None}


READS: dict[str, Answer] = {
    "state": state,
    "messages": messages,
    "ephemerals": ephemerals,
    "calls": calls,
    "views": views,
}


def _whole(asked: Json, name: str, default: int) -> int:
    try:
        return int(asked.get(name, default))
    except ValueError:
        raise SlackError("invalid_arguments") from None


def routes(slack: Scene) -> list[web.RouteDef]:
    """The routes under /control."""
    reads = [web.get(f"/control/{name}", _route(slack, answer)) for name, answer in READS.items()]
    writes = [web.post(f"/control/{name}", _route(slack, answer)) for name, answer in ACTS.items()]
    return [*reads, *writes]


def _route(slack: Scene, answer: Answer) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def serve(request: web.Request) -> web.Response:
        try:
            asked = dict(request.query) if request.method == "GET" else await _body(request)
            told = answer(slack, asked)
            told = await told if isinstance(told, Awaitable) else told
            return web.json_response({"ok": True, **told})
        except SlackError as refused:
            return web.json_response(refused.answer(), status=400)

    return serve


async def _body(request: web.Request) -> Json:
    # A page of another site must not press buttons here, so that a foreign Origin is refused.
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"{request.scheme}://{request.host}":
        raise SlackError("foreign_origin")
    try:
        body = json.loads(await request.text() or "{}")
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(body, dict):
        raise SlackError("json_not_object")
    return body
