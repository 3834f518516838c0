"""Check: the commands about the bot itself, and how they are read."""

from dataclasses import dataclass

from omsbot.bot.grammar.arguments import Asked, nothing_else


@dataclass(frozen=True, slots=True)
class SendTest:
    pass


@dataclass(frozen=True, slots=True)
class ShowHelp:
    """`topic` is the word that help is wanted on, as it was typed."""

    topic: str | None = None


def read_test(asked: Asked) -> SendTest:
    nothing_else(asked, asked.args)
    return SendTest()


def read_help(asked: Asked) -> ShowHelp:
    return ShowHelp(asked.args[0] if asked.args else None)
