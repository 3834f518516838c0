"""Does Slack take both tokens, and which scopes did the workspace grant?

Two plain HTTP calls: what they show is Slack's own answer, not a library's reading of it.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from omsbot.cli.doctor_oms import seconds_ahead
from omsbot.cli.findings import Examination, Finding, green, red, yellow
from omsbot.config import Secret, Settings
from omsbot.slack.api.scopes import missing

CALL_SECONDS = 8.0
NOT_GIVEN = "not checked, as the token is not set"
REINSTALL = (
    "add it on the app's page OAuth & Permissions (or take app_manifest.yml anew) and reinstall the app"
)

# Slack's error code -> what to do
MENDS: Mapping[str, str] = {
    "invalid_auth": "copy the token again from the app's pages",
    "not_authed": "copy the token again from the app's pages",
    "account_inactive": "install the app in the workspace again and copy the new token",
    "token_revoked": "install the app in the workspace again and copy the new token",
    "token_expired": "install the app in the workspace again and copy the new token",
    "not_allowed_token_type": "bot tokens start with xoxb-, app-level tokens with xapp-",
    "missing_scope": "create the app-level token anew with the scope connections:write",
    "ratelimited": "wait a minute and run this again",
}
ELSE = "look the error up at https://docs.slack.dev"


@dataclass(frozen=True, slots=True)
class Answer:
    """Slack's answer to one call; `problem` is set where there was none that can be read."""

    body: Mapping[str, Any]
    scopes: frozenset[str] | None = None
    clock_ahead_s: float | None = None
    problem: str = ""


async def examine_slack(settings: Settings) -> Examination:
    """Call auth.test with the bot's token and apps.connections.open with the app's."""
    bot, app = settings.slack_bot_token, settings.slack_app_token
    timeout = aiohttp.ClientTimeout(total=CALL_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout, trust_env=True) as session:
        login = await _call(session, settings.slack_api_url, "auth.test", bot) if bot else None
        socket = await _call(session, settings.slack_api_url, "apps.connections.open", app) if app else None
    findings = [*_login_findings(login), _socket_finding(socket)]
    return Examination(tuple(findings), login.clock_ahead_s if login else None)


def _login_findings(login: Answer | None) -> Iterator[Finding]:
    if login is None:
        yield yellow("slack", NOT_GIVEN, "set SLACK_BOT_TOKEN")
        return
    if not login.body.get("ok"):
        yield _refused("slack", "SLACK_BOT_TOKEN", login)
        return
    team, user = login.body.get("team", "?"), login.body.get("user", "?")
    yield green("slack", f"SLACK_BOT_TOKEN is {user} in the workspace {team}")
    yield from _scope_findings(login.scopes)


def _scope_findings(granted: frozenset[str] | None) -> Iterator[Finding]:
    if granted is None:
        yield yellow("slack scopes", "Slack did not say which scopes are granted")
        return
    lacking = missing(granted)
    for name, scope in lacking.items():
        find = red if scope.required else yellow
        yield find("slack scopes", f"{name} is not granted: {scope.lost}", REINSTALL)
    if not lacking:
        yield green("slack scopes", "all that the bot asks for are granted")


def _socket_finding(socket: Answer | None) -> Finding:
    if socket is None:
        return yellow("socket mode", NOT_GIVEN, "set SLACK_APP_TOKEN")
    if not socket.body.get("ok"):
        return _refused("socket mode", "SLACK_APP_TOKEN", socket)
    return green("socket mode", "SLACK_APP_TOKEN opens a connection")


def _refused(subject: str, variable: str, answer: Answer) -> Finding:
    if answer.problem:
        return red(
            subject, answer.problem, "check the network path to Slack, HTTPS_PROXY and OMSBOT_SLACK_API_URL"
        )
    code = str(answer.body.get("error", "no reason"))[:100]
    return red(subject, f"Slack refuses {variable}: {code}", MENDS.get(code, ELSE))


async def _call(session: aiohttp.ClientSession, base_url: str, method: str, token: Secret) -> Answer:
    try:
        async with session.post(
            f"{base_url}{method}",
            headers={"Authorization": f"Bearer {token.reveal()}"},
            allow_redirects=False,
        ) as response:
            body = await response.json(content_type=None)
            ahead = seconds_ahead(response.headers.get("Date"), time.time())
            listed = response.headers.get("X-OAuth-Scopes")
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        reason = str(error) or "no answer in time"
        return Answer({}, problem=f"{base_url} cannot be reached: {reason}")
    except ValueError:
        return Answer({}, problem=f"{base_url} does not answer as Slack does")
    if not isinstance(body, dict):
        return Answer({}, problem=f"{base_url} does not answer as Slack does")
    scopes = frozenset(part.strip() for part in listed.split(",") if part.strip()) if listed else None
    return Answer(body, scopes, ahead)
