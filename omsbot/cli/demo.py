"""`omsbot demo`: the real bot between a simulated OMS and a stand-in for Slack, in one process."""

import argparse
import asyncio
import errno
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from omsbot import logs
from omsbot.app import App
from omsbot.cli.problems import CommandProblem
from omsbot.cli.signals import stop_on_signals
from omsbot.config import Secret, ServerSettings, Settings
from omsbot.sandbox.oms import DEMO_PASSWORD, DEMO_USER, OmsSimulator, demo_projects
from omsbot.sandbox.slack import SlackStandIn

BOT_TOKEN = "xoxb-sandbox"  # noqa: S105 - the stand-in's, known to all
APP_TOKEN = "xapp-sandbox"  # noqa: S105 - the stand-in's, known to all
CHANNEL = "migrations"
FOLLOWED = 4
CONNECT_SECONDS = 30.0


def demo(asked: argparse.Namespace) -> int:
    """Run everything until Ctrl-C, or for `--seconds`."""
    with tempfile.TemporaryDirectory(prefix="omsbot-demo-") as directory:
        return asyncio.run(_demo(asked, Path(directory)))


async def _demo(asked: argparse.Namespace, directory: Path) -> int:
    log_file = directory / "omsbot.log"
    async with AsyncExitStack() as stack:
        stream = sys.stderr if asked.verbose else stack.enter_context(log_file.open("w", encoding="utf-8"))
        stop = stack.enter_context(stop_on_signals())
        slack = await stack.enter_async_context(_slack(asked.port))
        oms = OmsSimulator(demo_projects(), fast=asked.fast)
        await oms.start()
        stack.push_async_callback(oms.stop)
        settings = _settings(asked, slack, oms, directory)
        logs.configure(settings.log_level, settings.log_format, stream, secrets=settings.secrets())
        bot = App(settings)
        await bot.start()
        stack.push_async_callback(bot.stop)
        print(f"Open this page: {slack.url}\n", flush=True)
        await _follow(slack)
        print(_guide(slack, oms, bot, None if asked.verbose else log_file), flush=True)
        await _wait(stop, asked.seconds)
    return 0


@asynccontextmanager
async def _slack(port: int) -> AsyncIterator[SlackStandIn]:
    slack = SlackStandIn(port=port, bot_token=BOT_TOKEN, app_token=APP_TOKEN)
    try:
        await slack.start()
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise CommandProblem(f"cannot listen on port {port}: {os.strerror(error.errno or 0)}") from None
        slack = SlackStandIn(port=0, bot_token=BOT_TOKEN, app_token=APP_TOKEN)
        await slack.start()
        print(f"Port {port} is taken, so the page is on another one.")
    try:
        yield slack
    finally:
        await slack.stop()


def _settings(asked: argparse.Namespace, slack: SlackStandIn, oms: OmsSimulator, directory: Path) -> Settings:
    server = ServerSettings(
        name="default",
        url=oms.url,
        user=DEMO_USER,
        password=Secret(DEMO_PASSWORD),
        console_url=f"{oms.url}/oms-v2/migration",
    )
    return Settings(
        slack_bot_token=Secret(BOT_TOKEN),
        slack_app_token=Secret(APP_TOKEN),
        slack_api_url=slack.api_url,
        servers={server.name: server},
        database_url=asked.database or f"sqlite:///{directory / 'omsbot.db'}",
        poll_interval_ms=1000,
        http_port=0,
        log_format="console",
    )


async def _follow(slack: SlackStandIn) -> None:
    """Type the subscription as a person would, once the bot is connected."""
    ids = " ".join(project.id for project in demo_projects()[:FOLLOWED])
    try:
        await slack.wait_for(lambda: slack.sockets.count, timeout=CONNECT_SECONDS)
    except TimeoutError:
        raise CommandProblem("the bot did not connect to the Slack stand-in: see its log (-v)") from None
    print(f"#{CHANNEL}: /oms subscribe {ids}\n", flush=True)
    await slack.command(f"subscribe {ids}", channel=CHANNEL)


async def _wait(stop: asyncio.Event, seconds: float | None) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


def _guide(slack: SlackStandIn, oms: OmsSimulator, bot: App, log_file: Path | None) -> str:
    fresh = demo_projects()[FOLLOWED + 1]
    control = f"{oms.url}/control/projects/{fresh.id}"
    return f"""\
The bot follows {FOLLOWED} projects in #{CHANNEL}. Within 20 seconds one of them fails: its alert stands in
the channel and in the thread of its card. It recovers 40 seconds later; another one waits for a person.

On the page, type into #{CHANNEL}:
  /oms steps {fresh.id}
  /oms subscribe {fresh.id}
  /oms projects
  /oms list
  /oms help
and click the buttons below the messages.

Make things happen in OMS:
  curl -d '{{"action": "fail"}}' {control}
  curl -d '{{"action": "recover"}}' {control}
  curl -d '{{"action": "pause"}}' {control}
  curl -d '{{"mode": "500", "count": 20}}' {oms.url}/control/faults

Metrics: {bot.http_url}/metrics{f"{chr(10)}Log: {log_file}" if log_file else ""}
Ctrl-C ends everything.
"""
