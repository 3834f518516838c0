"""From what a person typed after `/oms` to a command, or to what is wrong with it and how to fix it.

Texts and hints of a `Mistake` are Slack's mrkdwn. What a person typed appears in them only between
backticks and reduced to characters that cannot format, mention or link (`words.echo`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from omsbot.bot.grammar.arguments import Asked, Wrong, example, take_refs
from omsbot.bot.grammar.refs import looks_like_ref
from omsbot.bot.grammar.table import Entry, Table
from omsbot.bot.grammar.words import echo, words
from omsbot.domain.project.project import DEFAULT_SERVER

_OWN_NAMES = frozenset({"/oms", "oms", "@omsbot", "omsbot"})
_OF_NOTHING = "help"
_OF_A_PROJECT = "steps"


@dataclass(frozen=True, slots=True)
class Understood:
    """The entry that was meant, and what its reader made of the words."""

    entry: Entry
    command: Any


@dataclass(frozen=True, slots=True)
class Mistake:
    text: str
    hint: str | None = None


def parse(
    text: str,
    table: Table,
    *,
    actor: str,
    default_server: str | None = DEFAULT_SERVER,
    servers: Mapping[str, str] | None = None,
) -> Understood | Mistake:
    """Read a command. `actor` is the Slack id of the person; for the others see `refs.parse_ref`."""
    name, args = _name_and_arguments(_after_own_name(words(text)))
    entry = table.named(name)
    if entry is None:
        return _unknown_command(name, args, table, default_server, servers or {})
    try:
        return Understood(
            entry, entry.read(Asked(entry.name, entry.example, args, actor, default_server, servers or {}))
        )
    except Wrong as wrong:
        return Mistake(wrong.text, wrong.hint)
    except ValueError as wrong:
        return Mistake(str(wrong), f"Write `/oms {entry.form}`.")


def _after_own_name(typed: tuple[str, ...]) -> tuple[str, ...]:
    return typed[1:] if typed and typed[0].lower() in _OWN_NAMES else typed


def _name_and_arguments(typed: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    if not typed:
        return _OF_NOTHING, ()
    if looks_like_ref(typed[0]):
        return _OF_A_PROJECT, typed
    return typed[0], typed[1:]


def _unknown_command(
    name: str, args: Sequence[str], table: Table, default_server: str | None, servers: Mapping[str, str]
) -> Mistake:
    text = f"`/oms {echo(name)}` is not a command."
    near = table.nearest(name)
    if near is None:
        return Mistake(text, "`/oms help` lists the commands.")
    try:
        refs, _ = take_refs(Asked(near.name, near.example, tuple(args), "", default_server, servers))
    except (ValueError, Wrong):
        refs = ()
    return Mistake(text, f"Did you mean `{example(near.example, refs)}`?")
