"""What a table of commands holds, and how a word finds its entry; the table itself is `bot.commands`."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from omsbot.bot.grammar.arguments import Asked


class Group(StrEnum):
    """The headings of the help, in the order in which they are shown."""

    ASK = "Ask"
    FOLLOW = "Follow"
    SILENCE = "Silence"
    PLAN = "Plan"
    CHECK = "Check"


@dataclass(frozen=True, slots=True)
class Entry:
    """A command: how it is written and explained, what it is read as, and how that is carried out.

    `form` and `example` are what follows `/oms`; the example can be copied, with `np_xxx` for the project.
    `summary` says what the command does, the verb first and without a full stop. `do` takes the services of
    the bot, what `read` gave, the person and the reply.
    """

    name: str
    group: Group
    form: str
    example: str
    summary: str
    synonyms: tuple[str, ...]
    read: Callable[[Asked], Any]
    do: Callable[..., Awaitable[None]]


class Table:
    """All commands, by their names and synonyms."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = tuple(entries)
        self._by_word: Mapping[str, Entry] = {
            word: entry for entry in entries for word in (entry.name, *entry.synonyms)
        }

    def named(self, word: str) -> Entry | None:
        """The command that a word means, in whatever case."""
        return self._by_word.get(_bare(word))

    def nearest(self, word: str) -> Entry | None:
        """The command that a mistyped word is closest to; None where nothing is close."""
        close = get_close_matches(_bare(word)[:20], list(self._by_word), n=1, cutoff=0.6)
        return self._by_word[close[0]] if close else None

    def groups(self) -> Mapping[Group, Sequence[Entry]]:
        """The entries under their headings, in the order of the table."""
        return {group: [entry for entry in self.entries if entry.group is group] for group in Group}


def _bare(word: str) -> str:
    return word.lower().lstrip("/-")
