"""`omsbot demo`: the real bot between a simulated OMS and a stand-in for Slack, in one process."""

import argparse
import asyncio
import errno
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from omsbot import logs
from omsbot.app import App
from omsbot.cli.problems import CommandProblem
from omsbot.cli.signals import stop_on_signals
from omsbot.config import Secret, ServerSettings, Settings
from omsbot.sandbox.clock import FastClock
from omsbot.sandbox.oms import DEMO_PASSWORD, DEMO_USER, OmsSimulator, demo_projects
from omsbot.sandbox.slack import SlackStandIn

BOT_TOKEN = "xoxb-sandbox"  # noqa: S105 - the stand-in's, known to all
APP_TOKEN = "xapp-sandbox"  # noqa: S105 - the stand-in's, known to all
CHANNEL = "migrations"
FOLLOWED = 4
CONNECT_SECONDS = 30.0
TRIES = {
    "stalled": "a copy that stalls",
    "slow": "a copy far below its usual rate",
    "steady": "a copy whose end can be told",
    "frozen": "a checkpoint that stands still",
    "idle": "lag that is none: nobody writes",
    "flapping": "a failure that comes and goes",
    "inconsistent": "rows that differ",
    "paused": "a pause of 13 hours",
}


def demo(asked: argparse.Namespace) -> int:
    """Run everything until Ctrl-C, or for `--seconds`."""
    if asked.database and asked.fast > 1:
        raise CommandProblem(
            "--fast and --database do not go together: a kept database would hold times that are yet to come"
        )
    with tempfile.TemporaryDirectory(prefix="omsbot-demo-") as directory:
        return asyncio.run(_demo(asked, Path(directory)))


async def _demo(asked: argparse.Namespace, directory: Path) -> int:
    log_file = directory / "omsbot.log"
    async with AsyncExitStack() as stack:
        stream = sys.stderr if asked.verbose else stack.enter_context(log_file.open("w", encoding="utf-8"))
        stop = stack.enter_context(stop_on_signals())
        clock = FastClock(asked.fast)
        slack = await stack.enter_async_context(_slack(asked.port, clock))
        oms = OmsSimulator(demo_projects(), clock=clock, call=clock.call)
        await oms.start()
        stack.push_async_callback(oms.stop)
        settings = _settings(asked, slack, oms, directory)
        logs.configure(settings.log_level, settings.log_format, stream, secrets=settings.secrets())
        bot = App(settings, clock=clock.ms)
        with clock.call():  # what is fast begins when everybody is there
            await bot.start()
            stack.push_async_callback(bot.stop)
            print(f"Open this page: {slack.url}\n", flush=True)
            await _follow(slack)
        log_shown = None if asked.verbose else log_file
        print(_guide(asked.fast, oms, metrics=bot.http_url, log_file=log_shown), flush=True)
        await _wait(stop, asked.seconds)
    return 0


@asynccontextmanager
async def _slack(port: int, clock: FastClock) -> AsyncIterator[SlackStandIn]:
    slack = _slack_at(port, clock)
    try:
        await slack.start()
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise CommandProblem(f"cannot listen on port {port}: {os.strerror(error.errno or 0)}") from None
        slack = _slack_at(0, clock)
        await slack.start()
        print(f"Port {port} is taken, so the page is on another one.")
    try:
        yield slack
    finally:
        await slack.stop()


def _slack_at(port: int, clock: FastClock) -> SlackStandIn:
    """Build a stand-in that keeps the demo's time; but nobody clicks any faster for it."""
    return SlackStandIn(
        port=port,
        bot_token=BOT_TOKEN,
        app_token=APP_TOKEN,
        clock=clock,
        people_clock=time.time,
        call=clock.call,
    )


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
        poll_interval_ms=_interval_ms(asked.fast),
        http_port=0,
        log_format="console",
    )


def _interval_ms(fast: float) -> int:
    """Poll every second; in fast time four times in the time from one pass of the bot to the next.

    What changed between two looks further apart than some intervals is told as late, so the interval must
    not be short beside that time.
    """
    return max(1000, int(fast * 250))


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


def _guide(fast: float, oms: OmsSimulator, *, metrics: str, log_file: Path | None) -> str:
    ids = {project.scenario: project.id for project in reversed(demo_projects())}
    fresh = ids["cloud"]
    control = f"{oms.url}/control"
    pace = f"Time runs {fast:g} times faster: the pause" if fast > 1 else "With --fast 60, the pause"
    tries = "\n".join(f"  /oms subscribe {ids[scenario]}   {what}" for scenario, what in TRIES.items())
    return f"""\
The bot follows {FOLLOWED} projects in #{CHANNEL}. Soon one of them fails: its alert stands in the channel
and in the thread of its card. It recovers 40 seconds later; another one waits for a person.

On the page, type into #{CHANNEL}:
  /oms steps {fresh}
  /oms chart {ids["fails_full"]}
  /oms ready {ids["lagging"]}
  /oms projects
  /oms list
  /oms help
and click the buttons below the messages.

What no status tells:
{tries}
{pace} of 13 hours takes {_took(13 * 3600 / (fast if fast > 1 else 60))}.

Make things happen in OMS:
  curl -d '{{"action": "fail"}}' {control}/projects/{fresh}
  curl -d '{{"action": "recover"}}' {control}/projects/{fresh}
  curl -d '{{"action": "pause"}}' {control}/projects/{fresh}
  curl -d '{{"mode": "503", "after": 60, "for": 600}}' {control}/faults

Metrics: {metrics}/metrics{f"{chr(10)}Log: {log_file}" if log_file else ""}
Ctrl-C ends everything.
"""


def _took(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} seconds"
