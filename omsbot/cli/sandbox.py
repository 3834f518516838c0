"""`omsbot sandbox oms` and `omsbot sandbox slack`: one stand-in alone, until Ctrl-C."""

import argparse
import asyncio
import os
import shlex
from collections.abc import Callable, Mapping
from typing import Protocol

from omsbot.cli.problems import CommandProblem
from omsbot.cli.signals import stop_on_signals


class StandIn(Protocol):
    """What both stand-ins are to a person who starts them."""

    @property
    def url(self) -> str: ...
    async def start(self) -> None: ...
    async def stop(self) -> None: ...


def oms(asked: argparse.Namespace) -> int:
    """Run the OMS simulator."""
    from omsbot.sandbox.oms import DEMO_PASSWORD, DEMO_USER, OmsSimulator, demo_projects, many

    projects = many(asked.many) if asked.many else demo_projects()
    simulator = OmsSimulator(projects, host=asked.host, port=asked.port, fast=asked.fast)

    def welcome() -> str:
        shown = "\n".join(f"  {project.id}  {project.name} ({project.scenario})" for project in projects[:10])
        more = f"\n  and {len(projects) - 10} more" if len(projects) > 10 else ""
        variables = {
            "OMSBOT_OMS_URL": simulator.url,
            "OMSBOT_OMS_USER": DEMO_USER,
            "OMSBOT_OMS_PASSWORD": DEMO_PASSWORD,
        }
        control = f"{simulator.url}/control/projects/{projects[0].id}"
        return (
            f"OMS simulator at {simulator.url}\n{shown}{more}\n\nFor the bot:\n{_exports(variables)}\n\n"
            f'Make one fail:\n  curl -d \'{{"action": "fail"}}\' {control}'
        )

    return asyncio.run(_serve(simulator, welcome, asked))


def slack(asked: argparse.Namespace) -> int:
    """Run the Slack stand-in."""
    from omsbot.sandbox.slack import SlackStandIn

    bot_token, app_token = "xoxb-sandbox", "xapp-sandbox"
    stand_in = SlackStandIn(
        host=asked.host,
        port=asked.port,
        bot_token=bot_token,
        app_token=app_token,
        limits=not asked.no_limits,
    )

    def welcome() -> str:
        variables = {
            "OMSBOT_SLACK_API_URL": stand_in.api_url,
            "SLACK_BOT_TOKEN": bot_token,
            "SLACK_APP_TOKEN": app_token,
        }
        return f"Slack stand-in, its page: {stand_in.url}\n\nFor the bot:\n{_exports(variables)}"

    return asyncio.run(_serve(stand_in, welcome, asked))


async def _serve(stand_in: StandIn, welcome: Callable[[], str], asked: argparse.Namespace) -> int:
    try:
        await stand_in.start()
    except OSError as error:
        raise CommandProblem(
            f"cannot listen on {asked.host}:{asked.port} ({os.strerror(error.errno or 0)}): "
            "end what uses it, or give another --port (0 takes any)"
        ) from None
    try:
        print(f"{welcome()}\n\nCtrl-C ends it.", flush=True)
        with stop_on_signals() as stop:
            await stop.wait()
    finally:
        await stand_in.stop()
    return 0


def _exports(variables: Mapping[str, str]) -> str:
    return "\n".join(f"  export {name}={shlex.quote(value)}" for name, value in variables.items())
