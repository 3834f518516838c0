"""The methods about the app and the people: `auth.test`, `users.*`, `bots.info`, `usergroups.list`..."""

from omsbot.sandbox.slack.arguments import Arguments
from omsbot.sandbox.slack.errors import SlackError
from omsbot.sandbox.slack.messages import Json
from omsbot.sandbox.slack.method import Method
from omsbot.sandbox.slack.people import APP_ID, BOT_ID, BOT_USER, TEAM_ID, TEAM_NAME
from omsbot.sandbox.slack.state import Workspace


def api_test(workspace: Workspace, args: Arguments) -> Json:
    """https://docs.slack.dev/reference/methods/api.test"""
    if args.text("error"):
        raise SlackError(args.text("error"), args=args.shown())
    return {"args": args.shown()}


def auth_test(workspace: Workspace, args: Arguments) -> Json:
    """https://docs.slack.dev/reference/methods/auth.test"""
    return {
        "url": workspace.base_url,
        "team": TEAM_NAME,
        "user": workspace.users[BOT_USER].name,
        "team_id": TEAM_ID,
        "user_id": BOT_USER,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


def users_info(workspace: Workspace, args: Arguments) -> Json:
    """https://docs.slack.dev/reference/methods/users.info"""
    user = workspace.users.get(args.required("user", "user_not_found"))
    if user is None:
        raise SlackError("user_not_found")
    return {"user": user.to_json()}


def users_list(workspace: Workspace, args: Arguments) -> Json:
    """https://docs.slack.dev/reference/methods/users.list"""
    return {
        "members": [user.to_json() for user in workspace.users.values()],
        "response_metadata": {"next_cursor": ""},
    }


def usergroups_list(workspace: Workspace, args: Arguments) -> Json:
    """https://docs.slack.dev/reference/methods/usergroups.list"""
    return {"usergroups": [group.to_json() for group in workspace.groups.values()]}


def bots_info(workspace: Workspace, args: Arguments) -> Json:
    """https://docs.slack.dev/reference/methods/bots.info"""
    if args.text("bot", BOT_ID) != BOT_ID:
        raise SlackError("bot_not_found")
    name = workspace.users[BOT_USER].name
    return {
        "bot": {
            "id": BOT_ID,
            "deleted": False,
            "name": name,
            "app_id": APP_ID,
            "user_id": BOT_USER,
            "icons": {},
        }
    }


METHODS = {
    "api.test": Method(api_test, needs_token=False),
    "auth.test": Method(auth_test),
    "users.info": Method(users_info, ("users:read",)),
    "users.list": Method(users_list, ("users:read",)),
    "usergroups.list": Method(usergroups_list, ("usergroups:read",)),
    "bots.info": Method(bots_info, ("users:read",)),
}
