"""The methods that put something else than a message on a screen: `views.*`."""

from omsbot.sandbox.slack.arguments import Arguments
from omsbot.sandbox.slack.blocks import checked_view
from omsbot.sandbox.slack.errors import SlackError
from omsbot.sandbox.slack.messages import Json
from omsbot.sandbox.slack.method import Method
from omsbot.sandbox.slack.state import Workspace
from omsbot.sandbox.slack.views import View


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


def _changed(workspace: Workspace, view: View) -> Json:
    view.hash = f"{int(workspace.clock())}.{workspace.fresh_id('')[-8:]}"
    workspace.feed.publish("view", user=view.user, view=view.id)
    return {"view": view.to_json()}


METHODS = {
    "views.open": Method(views_open),
    "views.push": Method(views_open),
    "views.update": Method(views_update),
    "views.publish": Method(views_publish),
}
