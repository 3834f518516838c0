"""A Slack workspace to run the bot against: Web API, Socket Mode, and a page where a person types and clicks.

It speaks to the bot only over HTTP and WebSocket, as Slack does. The parts, each in its own module:

    state, people, messages    who is there and what was said
    api, method, arguments     the Web API; its methods in account, chat,
                                                 conversations, history, surfaces
    blocks, block_types, schema    what Slack refuses of blocks
    limits, faults                   what goes wrong, by rule or on demand
    socket, events, interactions   what is sent to the bot
    scene                            what people and tests do, and what they see
    control, acts, page              the same over HTTP
"""

import asyncio

from aiohttp import web

from omsbot.sandbox.slack import control, page
from omsbot.sandbox.slack.events import DEFAULT_EVENTS
from omsbot.sandbox.slack.people import ANA, DEFAULT_SCOPES
from omsbot.sandbox.slack.responses import serve_response_url
from omsbot.sandbox.slack.scene import CommandResult, Scene

__all__ = ["ANA", "DEFAULT_EVENTS", "DEFAULT_SCOPES", "CommandResult", "SlackStandIn"]

STOP_SECONDS = 1.0
MAX_UPLOAD = 64 * 1024 * 1024


class SlackStandIn(Scene):
    """The whole stand-in. Started again after a stop, it has the same port and still knows everything."""

    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen. OSError when the port is taken."""
        self.api.stopping.clear()
        runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=STOP_SECONDS)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._port = runner.addresses[0][1]
        self._runner = runner
        self.workspace.base_url = self.url

    async def stop(self) -> None:
        """Close every connection and stop listening, within a second or so."""
        self.api.stopping.set()
        self.workspace.feed.publish("stopping")
        await self.sockets.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _application(self) -> web.Application:
        async def response_url(request: web.Request) -> web.Response:
            return await serve_response_url(request, self.workspace)

        app = web.Application(client_max_size=MAX_UPLOAD)
        app.add_routes(
            [
                web.route("*", "/api/{method}", self.api.serve),
                web.post("/response/{key}", response_url),
                web.get("/link/", self.sockets.serve),
                *control.routes(self),
                *page.routes(self),
            ]
        )
        return app
