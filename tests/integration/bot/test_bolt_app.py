"""The Bolt app against a Slack that speaks Socket Mode."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from omsbot.bot.listeners import bolt_app
from omsbot.runtime.connection import SlackConnection
from omsbot.sandbox.slack import SlackStandIn


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandIn]:
    workspace = SlackStandIn(limits=False)
    await workspace.start()
    yield workspace
    await workspace.stop()


async def test_commands_are_acknowledged_while_slacks_web_api_is_down(slack: SlackStandIn) -> None:
    bolt = bolt_app("xoxb-sandbox", slack.api_url)

    async def command(ack: Callable[[], Awaitable[Any]]) -> None:
        await ack()

    bolt.command("/oms")(command)
    connection = SlackConnection(bolt, "xapp-sandbox")
    connection.start()
    await slack.wait_for(lambda: connection.connected)
    slack.fault("auth.test", "timeout_before", count=100)
    try:
        results = await asyncio.gather(*(slack.command("steps np_a1") for _ in range(100)))
    finally:
        await connection.stop()

    assert {(result.acked, result.error) for result in results} == {(True, "")}
    assert "auth.test" not in {call.method for call in slack.calls}
