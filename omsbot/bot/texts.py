"""Confirmations and refusals for what people asked the bot to do."""

from collections.abc import Mapping, Sequence

from omsbot.bot.grammar.arguments import example
from omsbot.bot.grammar.table import Entry, Table
from omsbot.domain.durations import HOUR_MS
from omsbot.domain.events import Level
from omsbot.domain.notify.delivery import NotSent, Rejected, RejectionScope, Unknown
from omsbot.domain.notify.quiet_hours import QuietHours
from omsbot.domain.project.project import ProjectRef
from omsbot.domain.views import SubscriptionView
from omsbot.services.refusal import Refusal
from omsbot.slack.kit.blocks import Message, context, rich
from omsbot.slack.kit.spans import Date, Line, code, line, mentions, prose
from omsbot.slack.messages.answers import help_text, notice

MUTE_BUTTON_MS = HOUR_MS

_LEVELS: Mapping[Level, str] = {
    Level.FAILURES: "failures and recoveries",
    Level.IMPORTANT: "failures, recoveries and what needs someone to act",
    Level.ALL: "every change",
}


def not_invited() -> Refusal:
    return Refusal(
        "I am not in this channel, so I cannot post here.",
        "Invite me first: type `/invite @omsbot` here, then repeat the command.",
    )


def only_in_channels() -> Refusal:
    return Refusal(
        "This works in a channel, not in direct messages.",
        "Type it in the channel that it is for; here you can ask with `/oms steps` and `/oms projects`.",
    )


def shared_channel() -> Refusal:
    return Refusal(
        "This channel is shared with another company, so I say nothing of your projects here.",
        "Use a channel of your own, or ask who runs omsbot to allow it (`OMSBOT_ALLOW_SHARED_CHANNELS`).",
    )


def archived() -> Refusal:
    return Refusal("This channel is archived, so nothing can be posted here.", "Use another channel.")


def slack_silent() -> Refusal:
    return Refusal("Slack does not answer me just now.", "Try again in a minute.")


def channel_unreadable(error: str) -> Refusal:
    """Slack refuses to tell of the channel, by its error code: the app's installation is not whole."""
    return Refusal(
        f"Slack does not let me see what kind of channel this is (`{error}`), so I do not post here.",
        "Ask who runs omsbot to run `omsbot doctor`: it names the scope that is missing.",
    )


def sample_failed(outcome: NotSent | Unknown | Rejected) -> Refusal:
    if isinstance(outcome, Unknown):
        return Refusal(
            f"Slack did not confirm the test alert (`{outcome.error}`); it may be here all the same.",
            "If it is not, try again in a minute.",
        )
    return Refusal(f"Slack did not take the test alert (`{outcome.error}`).", "Try again in a minute.")


def chart_failed(outcome: NotSent | Unknown | Rejected) -> Refusal:
    """Why a chart that was drawn is not in the channel, as far as one can know."""
    match outcome:
        case Rejected(error="missing_scope"):
            return Refusal(
                "I may not post pictures: the app lacks the scope `files:write`.",
                "Ask who runs omsbot to add it on the app's page OAuth & Permissions and reinstall the app.",
            )
        case Rejected(scope=RejectionScope.CHANNEL):
            return not_invited()
        case Unknown(error=error):
            return Refusal(
                f"Slack did not confirm the chart (`{error}`); it may be here all the same.",
                "If it is not, try again in a minute.",
            )
        case NotSent(error=error) | Rejected(error=error):
            return Refusal(f"Slack did not take the chart (`{error}`).", "Try again in a minute.")


def said(lines: Sequence[Line]) -> Message:
    """A message of these lines."""
    return Message.of(lines, rich(lines))


def refused(refusals: Sequence[tuple[ProjectRef | None, Refusal]]) -> Message:
    """One refusal, or several with the project that each is about."""
    if len(refusals) == 1:
        return notice(refusals[0][1].text, hint=refusals[0][1].hint)
    return said([_refusal_of(ref, refusal) for ref, refusal in refusals])


def _refusal_of(ref: ProjectRef | None, refusal: Refusal) -> Line:
    about = line(code(str(ref)), ": ") if ref else None
    return line(about, prose(refusal.text), " ", prose(refusal.hint or ""))


def subscribed(view: SubscriptionView, *, created: bool) -> Line:
    """What the channel gets about a project from now on."""
    ref = view.project.ref
    whom = mentions(view.options.mention)
    return line(
        f"This channel {'now follows' if created else 'follows'} ",
        code(str(ref)),
        f" and gets {_LEVELS[view.options.level]}",
        line("; failures mention ", whom) if whom else None,
        ". The card appears here in a moment." if created else ".",
    )


def unsubscribed(ref: ProjectRef, actor: str) -> Line:
    return line(_who(actor), " stopped following ", code(str(ref)), " in this channel.")


def muted(ref: ProjectRef | None, until: int, actor: str) -> Line:
    """Who muted what, until when (ms), and how to end it early."""
    return line(
        _who(actor),
        " muted ",
        _what(ref),
        " until ",
        Date(until),
        ". One message then sums up what is still open; ",
        code("/oms unmute" + (f" {ref}" if ref else "")),
        " ends it early.",
    )


def quiet(hours: QuietHours | None, actor: str) -> Line:
    """Who set or ended the quiet hours of a channel."""
    if hours is None:
        return line(_who(actor), " ended the quiet hours of this channel.")
    return line(_who(actor), f" set quiet hours here: {hours} ({hours.zone}). Messages wait until they end.")


def unmuted(ref: ProjectRef | None, actor: str) -> Line:
    return line(_who(actor), " unmuted ", _what(ref), ".")


def posted_by(message: Message, actor: str) -> Message:
    """A message that a person had posted, and who it was."""
    who = line("Posted by ", _who(actor), ".")
    return Message(message.text, (*message.blocks, *context(who)), message.content)


def sample_sent() -> Message:
    return notice("The test alert was posted: alerts reach this channel.")


def whole_help(table: Table) -> Message:
    """Every command in a line, under its heading."""
    return help_text(
        {
            str(group): [(example(entry.example, ()), entry.summary) for entry in entries]
            for group, entries in table.groups().items()
        }
    )


def command_help(entry: Entry) -> Message:
    """How one command is written, what it does, and an example to copy."""
    summary = f"{entry.summary[0].upper()}{entry.summary[1:]}."
    said = [line(code(f"/oms {entry.form}")), line(summary)]
    if entry.example != entry.form:
        said.append(line("For example ", code(example(entry.example, ())), "."))
    if entry.synonyms:
        said.append(line(f"Other words for it: {', '.join(entry.synonyms)}."))
    return Message.of(said, rich(said))


def _who(actor: str) -> Line:
    return mentions(f"<@{actor}>") or line("Someone")


def _what(ref: ProjectRef | None) -> Line:
    return line(code(str(ref))) if ref else line("everything in this channel")
