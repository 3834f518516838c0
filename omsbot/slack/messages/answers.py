"""Answers to commands, for the one who asked: notices and help here, lists in `lists`."""

from omsbot.slack.kit.blocks import Message, context, rich
from omsbot.slack.kit.spans import Channel, Emoji, Line, bold, code, line, prose
from omsbot.slack.messages.lists import history, project_list, subscription_list

__all__ = ["help_text", "history", "notice", "project_list", "subscription_list"]

COMMANDS: tuple[tuple[str, str], ...] = (
    ("/oms steps np_xxx", "what each step of a project is doing now"),
    (
        "/oms subscribe np_xxx [failures|important|all] [mention @user or @group]",
        "tell this channel what happens to a project; all is the default: the thread of the card is quiet",
    ),
    ("/oms unsubscribe np_xxx", "stop telling this channel"),
    ("/oms list", "what this channel follows, and its state"),
    ("/oms projects [text]", "the projects that OMS has: here you find an id"),
    ("/oms mute np_xxx 2h", "say nothing of a project for a while; then tell what still holds"),
    ("/oms unmute np_xxx", "speak again"),
    ("/oms quiet 22:00-07:00 Europe/Berlin", "say nothing in that part of each day; off ends it"),
    ("/oms history np_xxx", "what happened to a project, and what was told of it"),
    ("/oms why np_xxx", "the same, with the rule that told or withheld each thing"),
    ("/oms chart np_xxx", "post a picture of progress, rate and lag over time"),
    ("/oms deadline np_xxx 02:00", "tell when the estimate passes this moment; off removes it"),
    ("/oms ready np_xxx", "is a project ready for its switchover?"),
    ("/oms test", "post a sample failure alert here: proves that messages arrive"),
    ("/oms help", "this"),
)


def notice(text: str, *, hint: str | None = None) -> Message:
    """One sentence, and what to do about it; what stands between backticks is shown as code."""
    lines = [prose(text), prose(hint)] if hint else [prose(text)]
    return Message.of(lines, rich(lines))


PAUSE_REASONS = {
    "not_in_channel": "omsbot is not in the channel: type `/invite @omsbot` there.",
    "channel_not_found": "omsbot cannot see the channel: type `/invite @omsbot` there if it is private.",
    "is_archived": "The channel is archived: unarchive it, or subscribe in another one.",
}


def channel_paused(channel_id: str, reason: str, *, projects: int) -> Message:
    """A direct message to the one who subscribed: why the channel hears nothing, and the mend."""
    what = f"{projects} project{'s' if projects != 1 else ''}"
    mend = PAUSE_REASONS.get(reason, f"Slack says `{reason}`: ask an administrator of the workspace.")
    lines = [
        line(Emoji("warning"), " ", bold("omsbot cannot post to "), Channel(channel_id), "."),
        prose(f"It follows {what} there. Nothing is lost: what is to be told waits. {mend}"),
    ]
    return Message.of(lines, rich(lines))


def help_text() -> Message:
    """What the bot is, and every command in a line."""
    lines: list[Line] = [
        line(bold("omsbot"), " watches OceanBase migration projects and tells this channel what changed."),
        *(line("• ", code(command), f": {does}") for command, does in COMMANDS),
    ]
    more = line("A project on another OMS server is SERVER:np_xxx. Levels: failures; important adds pauses, ")
    levels = line(more, "waiting and completion; all adds every step that starts or finishes.")
    return Message.of([*lines, levels], [*rich(lines), *context(levels)])
