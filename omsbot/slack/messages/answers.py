"""Answers to commands, for the person who asked: notices and help here, lists in `lists`."""

from collections.abc import Mapping, Sequence

from omsbot.slack.kit.blocks import Message, context, rich
from omsbot.slack.kit.spans import Channel, Emoji, Line, bold, code, line, prose
from omsbot.slack.messages.lists import history, project_list, subscription_list

__all__ = ["help_text", "history", "notice", "project_list", "subscription_list"]


def notice(text: str, *, hint: str | None = None) -> Message:
    """One sentence, and what to do about it; what is between backticks is shown as code."""
    lines = [prose(text), prose(hint)] if hint else [prose(text)]
    return Message.of(lines, rich(lines))


PAUSE_REASONS = {
    "not_in_channel": "omsbot is not in the channel: type `/invite @omsbot` there.",
    "channel_not_found": "omsbot cannot see the channel: if it is private, type `/invite @omsbot` there.",
    "is_archived": "The channel is archived: unarchive it, or subscribe in another channel.",
}


def channel_paused(channel_id: str, reason: str, *, projects: int) -> Message:
    """A direct message to the one who subscribed: why nothing is posted to the channel, and the fix."""
    what = f"{projects} project{'s' if projects != 1 else ''}"
    fix = PAUSE_REASONS.get(reason, f"Slack says `{reason}`: ask an administrator of the workspace.")
    lines = [
        line(Emoji("warning"), " ", bold("omsbot cannot post to "), Channel(channel_id), "."),
        prose(f"It follows {what} there. Nothing is lost: its messages wait. {fix}"),
    ]
    return Message.of(lines, rich(lines))


def help_text(groups: Mapping[str, Sequence[tuple[str, str]]]) -> Message:
    """What the bot is, what to type first, and every command with what it does, under its heading."""
    lines: list[Line] = [
        line(bold("omsbot"), " watches OceanBase migration projects and posts changes in this channel."),
        line(
            bold("Start here: "),
            code("/oms projects"),
            " to find an id, then ",
            code("/oms subscribe np_xxx"),
            " to follow it in this channel.",
        ),
    ]
    for heading, commands in groups.items():
        lines.append(line(bold(heading)))
        lines += [line("• ", code(command), f": {does}") for command, does in commands]
    more = line(
        code("/oms help subscribe"),
        " explains one command. For a project on another OMS server, write ",
        code("SERVER:np_xxx"),
        ".",
    )
    return Message.of([*lines, more], [*rich(lines), *context(more)])
