"""Stand-ins for OMS and Slack, and the environment that points the program at them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from omsbot.sandbox.oms import DEMO_PASSWORD, DEMO_USER, OmsSimulator, demo_projects
from omsbot.sandbox.slack import SlackStandIn


@pytest.fixture
async def oms() -> AsyncIterator[OmsSimulator]:
    simulator = OmsSimulator(demo_projects())
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandIn]:
    stand_in = SlackStandIn()
    await stand_in.start()
    yield stand_in
    await stand_in.stop()


@pytest.fixture
def oms_env(oms: OmsSimulator) -> dict[str, str]:
    return {
        "OMSBOT_OMS_URL": oms.url,
        "OMSBOT_OMS_USER": DEMO_USER,
        "OMSBOT_OMS_PASSWORD": DEMO_PASSWORD,
    }


@pytest.fixture
def env(oms_env: dict[str, str], slack: SlackStandIn, tmp_path: Path) -> dict[str, str]:
    return {
        **oms_env,
        "OMSBOT_SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": "xoxb-sandbox",
        "SLACK_APP_TOKEN": "xapp-sandbox",
        "OMSBOT_DATABASE_URL": f"sqlite:///{tmp_path / 'bot.db'}",
        "OMSBOT_HTTP_PORT": "0",
        "OMSBOT_POLL_INTERVAL": "1",
    }
