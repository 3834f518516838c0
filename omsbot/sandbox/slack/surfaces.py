"""The methods that put something else than a message on a screen: `views.*` and `files.*`."""

from omsbot.sandbox.slack.arguments import Arguments
from omsbot.sandbox.slack.blocks import checked_view
from omsbot.sandbox.slack.chat import content_of, thread_of
from omsbot.sandbox.slack.errors import SlackError
from omsbot.sandbox.slack.files import File
from omsbot.sandbox.slack.messages import Json
from omsbot.sandbox.slack.method import Method, channel_to_speak
from omsbot.sandbox.slack.state import Workspace
from omsbot.sandbox.slack.views import View

MAX_FILE = 1024**3


def views_open(workspace: Workspace, args: Arguments) -> Json:
    """https://docs.slack.dev/reference/methods/views.open (and views.push)"""
    content = checked_view(args.json("view"), workspace.fresh_id)
    if content["type"] != "modal":
        raise SlackError("invalid_arguments")
    user = workspace.triggers.redeem(args.required("trigger_id"))
    view = View(workspace.fresh_id("V"), user, content, workspace.fresh_id(""))
    workspace.views.push(view)
    return _changed(workspace, view)


def views_update(workspace: Workspace, args: Arguments) -> Json:
    """https://docs.slack.dev/reference/methods/views.update"""
    view = workspace.views.find(args.text("view_id"), args.text("external_id"))
    if args.text("hash") not in ("", view.hash):
        raise SlackError("hash_conflict")
    view.content = checked_view(args.json("view"), workspace.fresh_id)
    return _changed(workspace, view)


def views_publish(workspace: Workspace, args: Arguments) -> Json:
    """https://docs.slack.dev/reference/methods/views.publish"""
    content = checked_view(args.json("view"), workspace.fresh_id)
    user = args.required("user_id")
    if content["type"] != "home":
        raise SlackError("invalid_arguments")
    if user not in workspace.users:
        raise SlackError("user_not_found")
    home = workspace.views.homes.get(user) or View(workspace.fresh_id("V"), user, content, "")
    if args.text("hash") not in ("", home.hash):
        raise SlackError("hash_conflict")
    home.content = content
    workspace.views.homes[user] = home
    return _changed(workspace, home)


def get_upload_url(workspace: Workspace, args: Arguments) -> Json:
    """https://docs.slack.dev/reference/methods/files.getUploadURLExternal"""
    length = args.number("length", 0, low=1, high=MAX_FILE, error="invalid_arguments")
    name = args.required("filename")
    file = File(workspace.fresh_id("F"), name, length, args.text("alt_txt"), int(workspace.clock()))
    workspace.files.add(file)
    return {"upload_url": f"{workspace.base_url}upload/v1/{file.ticket}", "file_id": file.id}


def complete_upload(workspace: Workspace, args: Arguments) -> Json:
    """https://docs.slack.dev/reference/methods/files.completeUploadExternal"""
    wanted = args.json("files")
    if not isinstance(wanted, list) or not wanted:
        raise SlackError("invalid_arguments")
    files = [_uploaded(workspace, one) for one in wanted]
    shown = [file.to_json(workspace.base_url) for file in files]
    if "channel_id" in args:
        where = Arguments({**args.values, "channel": args.text("channel_id")})
        _share(workspace, where, shown)
    return {"files": shown}


def _uploaded(workspace: Workspace, one: Json) -> File:
    file = workspace.files.find(str(one.get("id", "")))
    if not file.content:
        raise SlackError("file_not_found")
    file.title = str(one.get("title") or file.name)
    return file


def _share(workspace: Workspace, args: Arguments, files: list[Json]) -> None:
    channel = channel_to_speak(workspace, args)
    comment = args.text("initial_comment")
    shown = Arguments({"text": comment, "blocks": args.values.get("blocks")})
    content = content_of(workspace, shown, files=files)
    workspace.post(channel, workspace.by_bot({**content, "upload": True}), thread_ts=thread_of(args))


def _changed(workspace: Workspace, view: View) -> Json:
    view.hash = f"{int(workspace.clock())}.{workspace.fresh_id('')[-8:]}"
    workspace.feed.publish("view", user=view.user, view=view.id)
    return {"view": view.to_json()}


METHODS = {
    "views.open": Method(views_open),
    "views.push": Method(views_open),
    "views.update": Method(views_update),
    "views.publish": Method(views_publish),
    "files.getUploadURLExternal": Method(get_upload_url, ("files:write",)),
    "files.completeUploadExternal": Method(complete_upload, ("files:write",)),
}
