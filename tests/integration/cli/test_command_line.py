"""The command line itself: help, usage, exit statuses, and problems in plain lines."""

import asyncio
import sys
from pathlib import Path

import pytest

from omsbot.cli import run_command_line
from tests.integration.cli.program import omsbot

HEAVY = ("aiohttp", "httpx", "pydantic", "slack_bolt", "slack_sdk", "sqlalchemy", "structlog")


def test_help_names_every_command_and_the_exit_statuses(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run_command_line(["--help"])
    text = capsys.readouterr().out
    assert ended.value.code == 0
    for word in ("run", "demo", "sandbox", "steps", "doctor", "db", "exit status: 0", "omsbot.toml"):
        assert word in text


@pytest.mark.parametrize(
    "arguments",
    [["run"], ["demo"], ["sandbox", "oms"], ["sandbox", "slack"], ["steps"], ["doctor"], ["db", "backup"]],
    ids=" ".join,
)
def test_every_command_has_its_own_help(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run_command_line([*arguments, "--help"])
    assert ended.value.code == 0
    assert f"usage: omsbot {' '.join(arguments)}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param([], id="no command"),
        pytest.param(["dance"], id="unknown command"),
        pytest.param(["db"], id="no action"),
        pytest.param(["steps"], id="no project"),
        pytest.param(["demo", "--port", "70000"], id="no port"),
        pytest.param(["demo", "--fast", "0"], id="no speed"),
        pytest.param(["sandbox", "oms", "--many", "0"], id="no project to play"),
        pytest.param(["run", "--verb"], id="unknown option"),
    ],
)
def test_a_wrong_command_line_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run_command_line(arguments)
    assert ended.value.code == 2
    assert "usage: omsbot" in capsys.readouterr().err


async def test_help_loads_no_library_that_takes_its_time() -> None:
    code = (
        "import sys; from omsbot.cli import run_command_line\n"
        "try: run_command_line(['--help'])\n"
        "except SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, err = await process.communicate()
    assert err.decode().strip() == "[]"


async def test_the_version_is_told(tmp_path: Path) -> None:
    ended = await omsbot("--version", env={}, cwd=tmp_path)
    assert ended.status == 0
    assert ended.out.startswith("omsbot ")


async def test_missing_settings_are_one_line_each_and_no_traceback(tmp_path: Path) -> None:
    ended = await omsbot("run", env={}, cwd=tmp_path)
    lines = ended.err.splitlines()
    assert ended.status == 1
    assert len(lines) == 5
    assert all(line.startswith("omsbot: ") for line in lines)
    assert lines[0].startswith("omsbot: SLACK_BOT_TOKEN is missing: ")


@pytest.mark.parametrize("command", [["run"], ["steps", "np_a"]], ids=" ".join)
async def test_a_ca_file_without_a_certificate_is_one_line_and_no_traceback(
    command: list[str], env: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "ca.pem").write_text("no pem")
    ended = await omsbot(*command, env={**env, "OMSBOT_OMS_CA_FILE": "ca.pem"}, cwd=tmp_path)
    assert ended.status == 1
    assert ended.err.splitlines() == [
        "omsbot: OMSBOT_OMS_CA_FILE names a file without a certificate in PEM format"
    ]


async def test_a_reader_that_goes_away_is_no_problem(oms_env: dict[str, str], tmp_path: Path) -> None:
    script = f"{sys.executable} -m omsbot --help | head -n 1"
    process = await asyncio.create_subprocess_shell(
        script, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert out.decode().count("\n") == 1
    assert err == b""
