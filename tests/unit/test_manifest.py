"""The Slack app's manifest says what the code says."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from omsbot.bot.commands import TABLE
from omsbot.slack.api.scopes import COMMAND, EVENTS, SCOPES, missing

MANIFEST = Path(__file__).parents[2] / "app_manifest.yml"


@pytest.fixture(scope="module")
def manifest() -> Any:
    return yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))


def test_asks_for_exactly_the_scopes_that_the_code_knows(manifest: Any) -> None:
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == set(SCOPES)
    assert set(manifest["oauth_config"]["scopes"]) == {"bot", "bot_optional"}, (
        "a bot, never a person's rights"
    )


def test_marks_as_optional_what_the_bot_can_do_without(manifest: Any) -> None:
    optional = {name for name, scope in SCOPES.items() if not scope.required}
    assert set(manifest["oauth_config"]["scopes"]["bot_optional"]) == optional


def test_listens_to_exactly_the_events_that_the_code_knows(manifest: Any) -> None:
    assert set(manifest["settings"]["event_subscriptions"]["bot_events"]) == set(EVENTS)


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_needs_only_scopes_that_are_required(event: str) -> None:
    assert all(SCOPES[scope].required for scope in EVENTS[event])


def test_the_slash_command_has_its_name_and_gets_mentions_as_ids(manifest: Any) -> None:
    (command,) = manifest["features"]["slash_commands"]
    assert command["command"] == COMMAND
    assert command["should_escape"] is True


def test_the_usage_hint_names_real_commands(manifest: Any) -> None:
    hint = manifest["features"]["slash_commands"][0]["usage_hint"]
    assert {part.split()[0] for part in hint.split("|")} <= {entry.name for entry in TABLE.entries}


def test_runs_over_socket_mode_in_one_workspace(manifest: Any) -> None:
    settings = manifest["settings"]
    assert settings["socket_mode_enabled"] is True
    assert settings["interactivity"] == {"is_enabled": True}
    assert settings["org_deploy_enabled"] is False
    assert settings["token_rotation_enabled"] is False
    assert "request_url" not in MANIFEST.read_text(encoding="utf-8")


def test_texts_fit_what_slack_accepts(manifest: Any) -> None:
    shown = manifest["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 175 <= len(shown["long_description"]) <= 4000


def test_says_which_scopes_are_missing() -> None:
    assert missing(SCOPES) == {}
    assert set(missing(set(SCOPES) - {"files:write"})) == {"files:write"}
    assert set(missing([])) == set(SCOPES)
