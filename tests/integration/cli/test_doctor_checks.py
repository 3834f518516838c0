"""What each check of `omsbot doctor` finds."""

import asyncio
import sqlite3
import ssl
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from aiohttp import web

from omsbot.cli.doctor import bounded, clock_findings
from omsbot.cli.doctor_database import examine_database
from omsbot.cli.doctor_oms import examine_oms, seconds_ahead
from omsbot.cli.doctor_slack import examine_slack
from omsbot.cli.findings import Colour, Examination, green
from omsbot.config import Secret, ServerSettings, Settings
from omsbot.db.engine.migrations import upgrade
from omsbot.db.engine.url import driver_url, sqlite_file


async def test_every_database_can_be_examined(database_url: str) -> None:
    await upgrade(database_url)
    examination = await examine_database(database_url)
    assert {finding.colour for finding in examination.findings} == {Colour.GREEN}


@pytest.fixture
async def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """Make a self-signed certificate for 127.0.0.1 that is good for three days."""
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    process = await asyncio.create_subprocess_exec(
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
        *("-days", "3", "-subj", "/CN=oms", "-addext", "subjectAltName=IP:127.0.0.1"),
        *("-keyout", str(key), "-out", str(cert)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert await process.wait() == 0
    return cert, key


@pytest.fixture
async def tls_port(certificate: tuple[Path, Path]) -> AsyncIterator[int]:
    """Serve OMS's empty list of projects over TLS."""

    async def answer(_request: web.Request) -> web.Response:
        return web.json_response({"success": True, "data": [], "totalCount": 0})

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


def server(port: int, ca_file: Path | None) -> ServerSettings:
    return ServerSettings("prod", f"https://127.0.0.1:{port}", "u", Secret("p"), ca_file, "https://x")


async def test_a_certificate_that_ends_soon_is_told(tls_port: int, certificate: tuple[Path, Path]) -> None:
    examination = await examine_oms(server(tls_port, certificate[0]))
    texts = [finding.line() for finding in examination.findings]
    assert any("its certificate ends in 3 days" in text for text in texts)
    assert examination.clock_ahead_s is not None
    assert abs(examination.clock_ahead_s) < 30


async def test_a_login_that_sees_no_project_is_told(tls_port: int, certificate: tuple[Path, Path]) -> None:
    examination = await examine_oms(server(tls_port, certificate[0]))
    assert examination.findings[0].colour is Colour.YELLOW
    assert "shows it no project" in examination.findings[0].text


async def test_a_certificate_that_nobody_vouches_for_is_red(tls_port: int) -> None:
    examination = await examine_oms(server(tls_port, None))
    (finding,) = examination.findings
    assert finding.colour is Colour.RED
    assert "OMSBOT_OMS_CA_FILE" in finding.line() or "ca_file" in finding.line()


@pytest.mark.parametrize(
    ("date", "ahead"),
    [
        pytest.param("Thu, 01 Jan 1970 00:01:40 GMT", 20.0, id="ahead"),
        pytest.param("Thu, 01 Jan 1970 00:02:20 GMT", -20.0, id="behind"),
        pytest.param("yesterday", None, id="no date"),
        pytest.param(None, None, id="no header"),
    ],
)
def test_the_skew_of_clocks_is_read_from_the_date_header(date: str | None, ahead: float | None) -> None:
    assert seconds_ahead(date, 120.0) == ahead


async def test_a_database_without_tables_is_told_by_who_makes_them(empty_url: str, backend: str) -> None:
    if backend == "sqlite":
        sqlite_file(driver_url(empty_url)).touch()
    examination = await examine_database(empty_url)
    revision = examination.findings[0]
    assert revision.colour is (Colour.GREEN if backend == "sqlite" else Colour.RED)
    assert "0005" in revision.text


async def test_a_database_of_a_newer_program_is_red(sqlite_url: str) -> None:
    with closing(sqlite3.connect(sqlite_file(driver_url(sqlite_url)))) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    examination = await examine_database(sqlite_url)
    assert examination.findings[0].colour is Colour.RED
    assert "newer than this omsbot" in examination.findings[0].text


async def test_a_file_that_is_no_database_is_red(tmp_path: Path) -> None:
    (tmp_path / "bot.db").write_text("a letter, and a long one at that; surely no database at all" * 20)
    (finding,) = (await examine_database(f"sqlite:///{tmp_path / 'bot.db'}")).findings
    assert finding.colour is Colour.RED
    assert "not a SQLite database" in finding.line()


@pytest.fixture
async def odd_slack() -> AsyncIterator[tuple[str, dict[str, str]]]:
    """A server in Slack's place, and the body that it answers every call with."""
    says = {"body": "", "scopes": ""}

    async def answer(_request: web.Request) -> web.Response:
        headers = {"X-OAuth-Scopes": says["scopes"]} if says["scopes"] else {}
        return web.Response(text=says["body"], headers=headers)

    app = web.Application()
    app.router.add_post("/api/{method}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/api/", says
    await runner.cleanup()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("<html>", "does not answer as Slack does", id="a page"),
        pytest.param("[1]", "does not answer as Slack does", id="no object"),
        pytest.param('{"ok": false, "error": "token_revoked"}', "install the app", id="revoked"),
        pytest.param('{"ok": false, "error": "brand_new"}', "brand_new", id="an error of tomorrow"),
        pytest.param('{"ok": false}', "no reason", id="no error named"),
        pytest.param('{"ok": true}', "did not say which scopes", id="no scopes named"),
    ],
)
async def test_whatever_slack_answers_is_told(
    odd_slack: tuple[str, dict[str, str]], body: str, expected: str
) -> None:
    url, says = odd_slack
    says["body"] = body
    settings = Settings(Secret("xoxb-1"), Secret("xapp-1"), url, {}, "sqlite:///x.db")
    lines = [finding.line() for finding in (await examine_slack(settings)).findings]
    assert any(expected in line for line in lines)


@pytest.mark.parametrize(
    ("skews", "expected"),
    [
        pytest.param(
            {"slack": 2.0, "oms eu": -3.0}, ["green   clock          agrees with slack, oms eu."], id="well"
        ),
        pytest.param(
            {"slack": 95.4}, ["yellow  clock          this machine is 95 s ahead of slack"], id="ahead"
        ),
        pytest.param(
            {"oms eu": -40.0}, ["yellow  clock          this machine is 40 s behind oms eu"], id="behind"
        ),
        pytest.param({}, ["yellow  clock          not compared"], id="unknown"),
    ],
)
def test_the_clock_is_judged_by_what_others_say(skews: dict[str, float], expected: list[str]) -> None:
    lines = [finding.line() for finding in clock_findings(skews)]
    assert len(lines) == len(expected)
    for line, start in zip(lines, expected, strict=True):
        assert line.startswith(start)


async def test_a_check_that_breaks_stops_no_other_and_says_so() -> None:
    async def broken() -> Examination:
        raise RuntimeError("oh")

    (finding,) = (await bounded("trial", broken())).findings
    assert finding.colour is Colour.RED
    assert "the check itself broke" in finding.text


async def test_a_check_that_hangs_is_given_up() -> None:
    async def hanging() -> Examination:
        await asyncio.Event().wait()
        raise AssertionError

    (finding,) = (await bounded("trial", hanging(), seconds=0.01)).findings
    assert finding.colour is Colour.RED
    assert "no answer within" in finding.text


def test_on_a_terminal_the_word_has_its_colour() -> None:
    assert green("clock", "agrees").line(coloured=True).startswith("\x1b[32mgreen \x1b[0m  clock")
