"""The table of commands is whole: every entry can be read, carried out, explained and found."""

import re
from collections import Counter

import pytest

from omsbot.bot import texts
from omsbot.bot.commands import TABLE
from omsbot.bot.grammar.parser import Understood, parse
from omsbot.bot.grammar.table import Entry, Group

EVERY = pytest.mark.parametrize("entry", TABLE.entries, ids=lambda entry: entry.name)


@EVERY
def test_the_example_of_a_command_is_understood_as_that_command(entry: Entry) -> None:
    parsed = parse(entry.example.replace("np_xxx", "np_a1"), TABLE, actor="U0ME")
    assert isinstance(parsed, Understood)
    assert parsed.entry is entry


@EVERY
def test_the_example_and_the_form_begin_with_the_name(entry: Entry) -> None:
    assert entry.example.split()[0] == entry.form.split()[0] == entry.name


@EVERY
def test_the_summary_is_a_verb_first_without_a_full_stop(entry: Entry) -> None:
    assert re.match(r"[a-z]+ ", entry.summary)
    assert not entry.summary.split()[0].endswith("s")
    assert not entry.summary.endswith(".")


@EVERY
def test_the_help_names_and_explains_a_command(entry: Entry) -> None:
    assert f"/oms {entry.example}: {entry.summary}" in texts.whole_help(TABLE).text
    explained = texts.command_help(entry).text
    assert f"/oms {entry.form}" in explained
    assert entry.summary[1:] in explained


@EVERY
def test_a_command_is_found_by_its_name_and_synonyms(entry: Entry) -> None:
    for word in (entry.name, entry.name.upper(), f"/{entry.name}", *entry.synonyms):
        assert TABLE.named(word) is entry


def test_no_word_means_two_commands() -> None:
    words = Counter(word for entry in TABLE.entries for word in (entry.name, *entry.synonyms))
    assert [word for word, count in words.items() if count > 1] == []


def test_every_group_has_commands() -> None:
    assert all(TABLE.groups()[group] for group in Group)


@pytest.mark.parametrize(
    ("typed", "name"),
    [("subscrbe", "subscribe"), ("histroy", "history"), ("zzzzzz", None)],
    ids=["a letter lost", "two swapped", "nothing of ours"],
)
def test_a_mistyped_word_is_near_a_command(typed: str, name: str | None) -> None:
    near = TABLE.nearest(typed)
    assert (near.name if near else None) == name
