"""`omsbot doctor` finds what is wrong, whatever else is."""

from pathlib import Path

from omsbot.sandbox.oms import OmsSimulator
from omsbot.sandbox.slack import DEFAULT_SCOPES, SlackStandIn
from tests.integration.cli.program import Ended, omsbot


def colours(ended: Ended) -> dict[str, set[str]]:
    """Return the colours of each subject."""
    found: dict[str, set[str]] = {}
    for line in ended.out.splitlines():
        found.setdefault(line[8:22].strip(), set()).add(line[:6].strip())
    return found


def grant_all_but(refused: str, slack: SlackStandIn) -> None:
    slack.workspace.installation.scopes = tuple(scope for scope in DEFAULT_SCOPES if scope != refused)


async def test_everything_is_green_when_all_is_well(env: dict[str, str], tmp_path: Path) -> None:
    ended = await omsbot("doctor", env=env, cwd=tmp_path)
    assert (ended.status, ended.err) == (0, "")
    subjects = {"settings", "database", "slack", "slack scopes", "socket mode", "oms default", "clock"}
    assert colours(ended) == {subject: {"green"} for subject in subjects}


async def test_each_check_is_made_although_the_others_fail(
    env: dict[str, str], tmp_path: Path, oms: OmsSimulator
) -> None:
    oms.break_with("401")
    changes = {
        "SLACK_BOT_TOKEN": "xoxb-wrong",
        "SLACK_APP_TOKEN": "xoxb-swapped",
        "OMSBOT_DATABASE_URL": f"sqlite:///{tmp_path / 'nowhere' / 'bot.db'}",
        "OMSBOT_HTTP_PROT": "1",
    }
    ended = await omsbot("doctor", env={**env, **changes}, cwd=tmp_path)
    assert ended.status == 1
    found = colours(ended)
    assert found["settings"] == {"red", "yellow"}
    assert found["database"] == {"red"}
    assert found["slack"] == {"red"}
    assert found["socket mode"] == {"yellow"}
    assert found["oms default"] == {"red"}
    assert "invalid_auth" in ended.out
    assert "did you mean OMSBOT_HTTP_PORT?" in ended.out
    assert all(" Do: " in line for line in ended.out.splitlines() if line.startswith("red"))


async def test_a_scope_that_was_refused_is_told_with_what_is_lost(
    env: dict[str, str], tmp_path: Path, slack: SlackStandIn
) -> None:
    grant_all_but("channels:history", slack)
    ended = await omsbot("doctor", env=env, cwd=tmp_path)
    assert ended.status == 0
    assert colours(ended)["slack scopes"] == {"yellow"}
    assert "channels:history is not granted: an unconfirmed post" in ended.out


async def test_a_required_scope_that_is_missing_is_red(
    env: dict[str, str], tmp_path: Path, slack: SlackStandIn
) -> None:
    grant_all_but("chat:write", slack)
    ended = await omsbot("doctor", env=env, cwd=tmp_path)
    assert ended.status == 1
    assert "chat:write is not granted: nothing can be posted" in ended.out
