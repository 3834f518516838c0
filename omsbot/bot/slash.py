"""Carrying out what a person typed after `/oms`."""

from collections.abc import Mapping
from typing import assert_never

from omsbot.bot import texts
from omsbot.bot.answers.changes import Changes
from omsbot.bot.answers.charts import Pictures
from omsbot.bot.answers.deadlines import DeadlineCommands
from omsbot.bot.answers.questions import Questions
from omsbot.bot.answers.readiness import ReadinessQuestions
from omsbot.bot.grammar import commands as c
from omsbot.bot.replies import Person, Reply
from omsbot.slack.messages.answers import help_text, notice


class SlashCommands:
    def __init__(
        self,
        questions: Questions,
        changes: Changes,
        pictures: Pictures,
        deadlines: DeadlineCommands,
        readiness: ReadinessQuestions,
        *,
        servers: Mapping[str, str],
        default_server: str | None,
    ) -> None:
        """For `servers` and `default_server` see `refs.parse_ref`."""
        self._questions = questions
        self._changes = changes
        self._pictures = pictures
        self._deadlines = deadlines
        self._readiness = readiness
        self._servers = servers
        self._default_server = default_server

    async def answer(self, text: str, person: Person, reply: Reply) -> None:
        """Do what was typed, and say so. May raise `Refusal`."""
        typed = c.parse(
            text, actor=person.user_id, default_server=self._default_server, servers=self._servers
        )
        match typed:
            case c.Mistake(said, hint):
                await reply.privately(notice(said, hint=hint))
            case c.ShowHelp(topic):
                await reply.privately(texts.command_help(topic) if topic else help_text())
            case (
                c.Subscribe()
                | c.Unsubscribe()
                | c.Mute()
                | c.Unmute()
                | c.Quiet()
                | c.SendTest()
                | c.SetDeadline()
            ):
                await self._change(typed, person, reply)
            case _:
                await self._ask(typed, person, reply)

    async def _change(self, typed: c.Change, person: Person, reply: Reply) -> None:
        match typed:
            case c.Subscribe(refs, change):
                await self._changes.subscribe(refs, person, reply, change)
            case c.Unsubscribe(refs):
                await self._changes.unsubscribe(refs, person, reply)
            case c.Mute(refs, duration_ms):
                await self._changes.mute(refs, duration_ms, person, reply)
            case c.Unmute(refs):
                await self._changes.unmute(refs, person, reply)
            case c.Quiet(hours):
                await self._changes.quiet(hours, person, reply)
            case c.SendTest():
                await self._changes.test(person, reply)
            case c.SetDeadline(ref, wanted):
                await self._deadlines.set(ref, wanted, person, reply)
            case _:
                assert_never(typed)

    async def _ask(self, typed: c.Question, person: Person, reply: Reply) -> None:
        match typed:
            case c.ShowSteps(refs):
                # one message each, so that the Refresh of one project does not replace the others
                for message in await self._questions.steps_of_each(refs, person):
                    await reply.privately(message)
            case c.ListSubscriptions(page):
                await reply.privately(await self._questions.subscriptions(page, person))
            case c.ListProjects(server, search, page):
                await reply.privately(await self._questions.projects(server, search, page, person))
            case c.ShowHistory(ref, page):
                await reply.privately(await self._questions.history(ref, page, person))
            case c.ShowWhy(ref, page):
                await reply.privately(await self._questions.why(ref, page, person))
            case c.ShowChart(ref):
                await self._pictures.chart(ref, person)
            case c.ShowReady(ref):
                await reply.privately(await self._readiness.ready(ref, person))
            case c.ShowDeadline(ref):
                await reply.privately(await self._deadlines.show(ref, person))
            case _:
                assert_never(typed)
