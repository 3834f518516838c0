"""What the control API does: an entry of `ACTS` is one `POST /control/NAME`, described in `control`."""

from collections.abc import Callable
from typing import Any

from omsbot.sandbox.slack import membership
from omsbot.sandbox.slack.errors import SlackError
from omsbot.sandbox.slack.messages import Json
from omsbot.sandbox.slack.people import ANA, BOT_USER
from omsbot.sandbox.slack.scene import Scene

Act = Callable[[Scene, Json], Any]
COMMAND_SECONDS = 3.0


async def command(slack: Scene, asked: Json) -> Json:
    """A line of the composer."""
    return await slack.type_line(
        str(asked.get("text", "")), channel=_channel(asked), user=_user(slack, asked), timeout=COMMAND_SECONDS
    )


async def click(slack: Scene, asked: Json) -> Json:
    """A button or a choice in a message."""
    result = await slack.click(
        str(asked.get("ts", "")),
        str(asked.get("action_id", "")),
        channel=_channel(asked),
        user=_user(slack, asked),
        value=asked.get("value"),
        block_id=str(asked.get("block_id", "")),
        timeout=COMMAND_SECONDS,
    )
    return result.to_json()


async def act_on_view(slack: Scene, asked: Json) -> Json:
    """A button in a modal or the app home, or the modal's own buttons."""
    view = slack.workspace.views.find(str(asked.get("view_id", "")))
    match asked.get("do"):
        case "click":
            action_id = str(asked.get("action_id", ""))
            result = await slack.interactions.click_in_view(
                view, action_id, value=asked.get("value"), timeout=COMMAND_SECONDS
            )
        case "submit":
            result = await slack.interactions.submit(view, asked.get("values") or {}, timeout=COMMAND_SECONDS)
        case "close":
            await slack.interactions.close_view(view, timeout=COMMAND_SECONDS)
            return {}
        case _:
            raise SlackError("invalid_arguments")
    return result.to_json()


def home(slack: Scene, asked: Json) -> Json:
    """A look at the app's home tab."""
    slack.interactions.open_home(_user(slack, asked))
    return {}


def say(slack: Scene, asked: Json) -> Json:
    """A message of a person."""
    message = slack.say(
        str(asked.get("text", "")),
        channel=_channel(asked),
        user=_user(slack, asked),
        thread_ts=str(asked.get("thread_ts") or ""),
    )
    return {"ts": message["ts"]}


def invite(slack: Scene, asked: Json) -> Json:
    """Let someone into a channel."""
    slack.invite(_channel(asked), asked.get("user", BOT_USER))
    return {}


def kick(slack: Scene, asked: Json) -> Json:
    """Take someone out of a channel."""
    slack.kick(_channel(asked), asked.get("user", BOT_USER))
    return {}


def archive(slack: Scene, asked: Json) -> Json:
    """Archive a channel, or bring it back."""
    slack.archive(_channel(asked), archived=bool(asked.get("archived", True)))
    return {}


def rename(slack: Scene, asked: Json) -> Json:
    """Give a channel another name."""
    membership.rename(slack.workspace, slack.workspace.channel(_channel(asked)), str(asked["name"]))
    return {}


def delete(slack: Scene, asked: Json) -> Json:
    """A person deletes a message."""
    slack.delete_message(_channel(asked), str(asked.get("ts", "")))
    return {}


def fault(slack: Scene, asked: Json) -> Json:
    """Arm a fault."""
    known = ("method", "kind", "channel", "count")
    details = {key: value for key, value in asked.items() if key not in known}
    try:
        slack.fault(
            str(asked["method"]),
            asked["kind"],
            channel=asked.get("channel"),
            count=asked.get("count", 1),
            **details,
        )
    except (KeyError, ValueError) as mistake:
        raise SlackError("invalid_arguments", detail=str(mistake)) from None
    return {}


def clear_faults(slack: Scene, asked: Json) -> Json:
    """Disarm every fault."""
    slack.api.faults.waiting.clear()
    return {}


def limits(slack: Scene, asked: Json) -> Json:
    """Switch the rate limits."""
    slack.limiter.enabled = bool(asked.get("enabled", True))
    return {}


def scopes(slack: Scene, asked: Json) -> Json:
    """Grant exactly these scopes."""
    slack.workspace.installation.scopes = tuple(str(one) for one in asked.get("scopes", ()))
    return {}


def revoke(slack: Scene, asked: Json) -> Json:
    """Take the app's token away, or give it back with an empty error."""
    slack.revoke(str(asked.get("error", "token_revoked")))
    return {}


async def sockets(slack: Scene, asked: Json) -> Json:
    """End or refresh the Socket Mode connections."""
    reason = str(asked.get("do", "refresh_requested"))
    await (slack.sockets.close() if reason == "close" else slack.sockets.disconnect(reason))
    return {}


ACTS: dict[str, Act] = {
    "command": command,
    "click": click,
    "view": act_on_view,
    "home": home,
    "say": say,
    "invite": invite,
    "kick": kick,
    "archive": archive,
    "rename": rename,
    "delete": delete,
    "fault": fault,
    "faults/clear": clear_faults,
    "limits": limits,
    "scopes": scopes,
    "revoke": revoke,
    "sockets": sockets,
}


def _channel(asked: Json) -> str:
    return str(asked.get("channel", ""))


def _user(slack: Scene, asked: Json) -> str:
    return slack.workspace.user(str(asked.get("user") or ANA)).id
