"""What the documents promise is what the program has: settings, commands, metrics, working links."""

import argparse
import re
import tomllib
from pathlib import Path

import pytest

from omsbot.bot.commands import TABLE
from omsbot.cli.parser import build_parser
from omsbot.config import load
from omsbot.config.fields import CONFIG_VARIABLE, FIELDS, RULE_FIELDS, SERVER_FIELDS, SLACK_FIELDS, Field
from omsbot.domain.events import Level
from omsbot.metrics import Metrics

ROOT = Path(__file__).parents[2]
SETTINGS = [field for field in (*SLACK_FIELDS, *FIELDS, *SERVER_FIELDS, *RULE_FIELDS) if field.variable]
DOCUMENTS = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/reference.md",
    "docs/architecture.md",
    "docs/design.md",
    "docs/operations.md",
)
README = (ROOT / "README.md").read_text(encoding="utf-8")
OPERATIONS = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
REFERENCE = (ROOT / "docs/reference.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "omsbot.toml.example"

LINK = re.compile(r"\]\(([^)\s]+)\)")
LARGEST_PICTURE = 300_000


def row_of(name: str, text: str = REFERENCE) -> str:
    """The line of a table whose first cell names something."""
    found = [line for line in text.splitlines() if line.startswith(f"| `{name}`")]
    assert len(found) == 1, f"{name} has {len(found)} rows"
    return found[0]


def parser_at(words: tuple[str, ...]) -> argparse.ArgumentParser:
    parser = build_parser()
    for word in words:
        parser = subcommands(parser)[word]
    return parser


def subcommands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    groups = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return {name: one for group in groups for name, one in group.choices.items()}


def commands(words: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every command that does something: ("run",), ("db", "upgrade")..."""
    below = subcommands(parser_at(words))
    return [one for name in below for one in commands((*words, name))] if below else [words]


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("field", SETTINGS, ids=lambda field: field.variable)
def test_a_setting_stands_in_the_table_with_its_key_its_default_and_its_secrecy(field: Field) -> None:
    row = row_of(str(field.variable))
    _, _, key, default, _ = (cell.strip() for cell in row.split("|")[:5])
    assert f"`{field.key}`" in key
    assert ("**secret**" in default) == field.secret
    assert ("required" in default) == bool(field.mend)
    if field.default:
        assert f"`{field.default}`" in default


def test_the_table_of_settings_has_no_setting_that_is_none() -> None:
    known = {field.variable for field in SETTINGS} | {CONFIG_VARIABLE}
    assert set(re.findall(r"^\| `([A-Z_]{4,})`", REFERENCE, re.MULTILINE)) == known


def test_the_key_that_only_the_file_has_is_explained() -> None:
    for field in SERVER_FIELDS:
        assert field.variable or f"`{field.key}` in `[oms.NAME]`" in REFERENCE


@pytest.mark.parametrize("name", [entry.name for entry in TABLE.entries])
def test_a_command_of_slack_stands_in_the_table(name: str) -> None:
    assert re.search(rf"^\| `/oms {name}\b", REFERENCE, re.MULTILINE)


def test_the_table_has_no_command_of_slack_that_is_none() -> None:
    shown = re.findall(r"^\| `/oms (\w+)", REFERENCE, re.MULTILINE)
    assert sorted(shown) == sorted(entry.name for entry in TABLE.entries)


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_a_command_of_the_command_line_stands_in_the_table(words: tuple[str, ...]) -> None:
    assert re.search(rf"^\| `omsbot {' '.join(words)}\b", REFERENCE, re.MULTILINE)


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_option_of_a_command_is_named(words: tuple[str, ...]) -> None:
    options = {option for action in parser_at(words)._actions for option in action.option_strings[:1]}
    row = next(line for line in REFERENCE.splitlines() if line.startswith(f"| `omsbot {' '.join(words)}"))
    assert [option for option in options - {"-h"} if option not in row] == []


@pytest.mark.parametrize("level", list(Level), ids=str)
def test_a_level_is_explained(level: Level) -> None:
    row_of(str(level))


def test_every_metric_is_explained() -> None:
    exported = {
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in Metrics().registry.collect()
        if family.name.startswith("omsbot_")
    }
    exported = {f"{name}_info" if name == "omsbot_build" else name for name in exported}
    assert exported == set(re.findall(r"^\| `(omsbot_\w+)`", OPERATIONS, re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_link_to_a_file_leads_to_one(document: str) -> None:
    here = ROOT / document
    for target in LINK.findall(here.read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        if "://" in target:
            continue
        file = here.parent / path if path else here
        assert file.is_file(), target
        if anchor:
            assert anchor in anchors(file.read_text(encoding="utf-8")), target


def test_pictures_are_small_and_shown_somewhere() -> None:
    for picture in (ROOT / "docs/images").iterdir():
        assert picture.stat().st_size < LARGEST_PICTURE, picture.name
        assert picture.name in README + OPERATIONS


def test_the_example_file_is_taken_as_it_is(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    for name in re.findall(r'_file = "(secrets/[\w-]+)"', text):
        secret = tmp_path / name
        secret.parent.mkdir(exist_ok=True)
        secret.write_text({"bot-token": "xoxb-1", "app-token": "xapp-1"}.get(secret.name, "p@ss:w%rd"))
    (tmp_path / "omsbot.toml").write_text(text, encoding="utf-8")
    assert set(load(environ={}, cwd=tmp_path).servers) == {"default", "prod"}


def test_the_example_file_shows_every_key() -> None:
    text = re.sub(r"^# (?=\w+ = )", "", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    shown = tomllib.loads(text)
    servers = shown.pop("oms")
    shown_keys = {key.removesuffix("_file") for key in shown}
    optional = {"slack_api_url", "log_format"}
    assert {field.key for field in (*SLACK_FIELDS, *FIELDS)} - optional <= shown_keys
    server_keys = {key for table in servers.values() for key in table} | {"ca_file"}
    assert {field.key for field in SERVER_FIELDS} <= {
        key.replace("password_file", "password") for key in server_keys
    }
