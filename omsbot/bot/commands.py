"""The table of commands: from it come the parser, the help, the dispatch and the check of the reference."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from omsbot.bot import texts
from omsbot.bot.answers.changes import Changes
from omsbot.bot.answers.charts import Pictures
from omsbot.bot.answers.deadlines import DeadlineCommands
from omsbot.bot.answers.questions import Questions
from omsbot.bot.answers.readiness import ReadinessQuestions
from omsbot.bot.grammar import ask, check, follow, plan, silence
from omsbot.bot.grammar.arguments import Asked
from omsbot.bot.grammar.table import Entry, Group, Table
from omsbot.bot.replies import Person, Reply
from omsbot.slack.kit.blocks import Message

C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Answers:
    """What carries commands out."""

    questions: Questions
    changes: Changes
    charts: Pictures
    deadlines: DeadlineCommands
    readiness: ReadinessQuestions


def _entry(
    group: Group,
    name: str,
    summary: str,
    *,
    form: str = "",
    example: str = "",
    synonyms: str = "",
    read: Callable[[Asked], C],
    do: Callable[[Answers, C, Person, Reply], Awaitable[None]],
) -> Entry:
    """A command; the types make sure that `do` takes what `read` gives."""
    return Entry(
        name=name,
        group=group,
        form=f"{name} {form}".strip(),
        example=f"{name} {example}".strip(),
        summary=summary,
        synonyms=tuple(synonyms.split()),
        read=read,
        do=do,
    )


def _question(
    group: Group,
    name: str,
    summary: str,
    *,
    form: str,
    example: str = "",
    synonyms: str,
    read: Callable[[Asked], C],
    ask: Callable[[Answers, C, Person], Awaitable[Message]],
) -> Entry:
    """A command whose answer is one message, for the person who asked."""

    async def do(to: Answers, command: C, person: Person, reply: Reply) -> None:
        await reply.privately(await ask(to, command, person))

    return _entry(group, name, summary, form=form, example=example, synonyms=synonyms, read=read, do=do)


async def _show_steps(to: Answers, command: ask.ShowSteps, person: Person, reply: Reply) -> None:
    # one message each, so that the Refresh of one project does not replace the others
    for message in await to.questions.steps_of_each(command.refs, person):
        await reply.privately(message)


async def _deadline(
    to: Answers, command: plan.ShowDeadline | plan.SetDeadline, person: Person, reply: Reply
) -> None:
    match command:
        case plan.ShowDeadline(ref):
            await reply.privately(await to.deadlines.show(ref, person))
        case plan.SetDeadline(ref, wanted):
            await to.deadlines.set(ref, wanted, person, reply)


async def _help(_to: Answers, command: check.ShowHelp, _person: Person, reply: Reply) -> None:
    topic = command.topic
    entry = (TABLE.named(topic) or TABLE.nearest(topic)) if topic else None
    await reply.privately(texts.command_help(entry) if entry else texts.whole_help(TABLE))


TABLE = Table(
    [
        _question(
            Group.ASK,
            "projects",
            "find a project and its id",
            form="[server:] [text] [page N]",
            example="orders",
            synonyms="project search find",
            read=ask.read_projects,
            ask=lambda to, c, person: to.questions.projects(c.server, c.search, c.page, person),
        ),
        _entry(
            Group.ASK,
            "steps",
            "show what each step is doing now",
            form="[server:]np_xxx",
            example="np_xxx",
            synonyms="step status show progress state info",
            read=ask.read_steps,
            do=_show_steps,
        ),
        _question(
            Group.ASK,
            "history",
            "show what happened to a project",
            form="[server:]np_xxx [page N]",
            example="np_xxx",
            synonyms="events log",
            read=ask.read_history,
            ask=lambda to, c, person: to.questions.history(c.ref, c.page, person),
        ),
        _question(
            Group.ASK,
            "why",
            "show why each event was posted here, or why not",
            form="[server:]np_xxx [page N]",
            example="np_xxx",
            synonyms="reason reasons",
            read=ask.read_why,
            ask=lambda to, c, person: to.questions.why(c.ref, c.page, person),
        ),
        _entry(
            Group.ASK,
            "chart",
            "post a chart of progress, rate and lag",
            form="[server:]np_xxx",
            example="np_xxx",
            synonyms="graph plot draw",
            read=ask.read_chart,
            do=lambda to, c, person, _reply: to.charts.chart(c.ref, person),
        ),
        _entry(
            Group.FOLLOW,
            "subscribe",
            "post changes and failures of a project in this channel",
            form="[server:]np_xxx [failures|important|all] [mention @someone]",
            example="np_xxx",
            synonyms="sub follow watch add",
            read=follow.read_subscribe,
            do=lambda to, c, person, reply: to.changes.subscribe(c.refs, person, reply, c.change),
        ),
        _entry(
            Group.FOLLOW,
            "unsubscribe",
            "stop posting about a project in this channel",
            form="[server:]np_xxx",
            example="np_xxx",
            synonyms="unsub unfollow unwatch remove stop",
            read=follow.read_unsubscribe,
            do=lambda to, c, person, reply: to.changes.unsubscribe(c.refs, person, reply),
        ),
        _question(
            Group.FOLLOW,
            "list",
            "show what this channel follows",
            form="[page N]",
            synonyms="ls subscriptions following",
            read=follow.read_list,
            ask=lambda to, c, person: to.questions.subscriptions(c.page, person),
        ),
        _entry(
            Group.SILENCE,
            "mute",
            "silence a project for a while, or the whole channel if you give no id",
            form="[[server:]np_xxx] 2h",
            example="np_xxx 2h",
            synonyms="snooze silence",
            read=silence.read_mute,
            do=lambda to, c, person, reply: to.changes.mute(c.refs, c.duration_ms, person, reply),
        ),
        _entry(
            Group.SILENCE,
            "unmute",
            "end a mute early",
            form="[[server:]np_xxx]",
            example="np_xxx",
            synonyms="unsnooze unsilence",
            read=silence.read_unmute,
            do=lambda to, c, person, reply: to.changes.unmute(c.refs, person, reply),
        ),
        _entry(
            Group.SILENCE,
            "quiet",
            "silence this channel every day at these hours; off ends it",
            form="22:00-07:00 Europe/Berlin | quiet off",
            example="22:00-07:00 Europe/Berlin",
            synonyms="dnd night",
            read=silence.read_quiet,
            do=lambda to, c, person, reply: to.changes.quiet(c.hours, person, reply),
        ),
        _entry(
            Group.PLAN,
            "deadline",
            "warn when a project is likely to finish later than this; off removes it",
            form="[server:]np_xxx [02:00 | in 6h | off]",
            example="np_xxx 02:00",
            synonyms="due eta",
            read=plan.read_deadline_command,
            do=_deadline,
        ),
        _question(
            Group.PLAN,
            "ready",
            "check whether a project is ready for its switchover",
            form="[server:]np_xxx",
            example="np_xxx",
            synonyms="readiness switchover go",
            read=plan.read_ready,
            ask=lambda to, c, person: to.readiness.ready(c.ref, person),
        ),
        _entry(
            Group.CHECK,
            "test",
            "post a sample alert, to see that alerts arrive here",
            synonyms="try ping",
            read=check.read_test,
            do=lambda to, _c, person, reply: to.changes.test(person, reply),
        ),
        _entry(
            Group.CHECK,
            "help",
            "show this help, or explain one command",
            form="[command]",
            synonyms="h commands man usage",
            read=check.read_help,
            do=_help,
        ),
    ]
)
