"""Carrying out what a person typed after `/oms`."""

from collections.abc import Mapping

from omsbot.bot.commands import TABLE, Answers
from omsbot.bot.grammar.parser import Mistake, Understood, parse
from omsbot.bot.replies import Person, Reply
from omsbot.slack.messages.answers import notice


class SlashCommands:
    def __init__(self, answers: Answers, *, servers: Mapping[str, str], default_server: str | None) -> None:
        """For `servers` and `default_server` see `refs.parse_ref`."""
        self._answers = answers
        self._servers = servers
        self._default_server = default_server

    async def answer(self, text: str, person: Person, reply: Reply) -> None:
        """Do what was typed, and answer. May raise `Refusal`."""
        typed = parse(
            text,
            TABLE,
            actor=person.user_id,
            default_server=self._default_server,
            servers=self._servers,
        )
        match typed:
            case Mistake(said, hint):
                await reply.privately(notice(said, hint=hint))
            case Understood(entry, command):
                await entry.do(self._answers, command, person, reply)
