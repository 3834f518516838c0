"""The HTTP endpoint for probes: `/healthz`, `/readyz`, `/metrics`."""

import os
from collections.abc import Callable, Mapping

from aiohttp import web

from omsbot.config import ConfigProblem

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class HealthServer:
    """Serves the probes; `ready` maps each check to None or one sentence that says what is missing."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        ready: Callable[[], Mapping[str, str | None]],
        metrics: Callable[[], bytes],
    ) -> None:
        self._host = host
        self._port = port
        self._ready = ready
        self._metrics = metrics
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen; port 0 takes any free one.

        :raises ConfigProblem: where the address cannot be listened on.
        """
        app = web.Application()
        app.add_routes(
            [
                web.get("/healthz", self._healthz),
                web.get("/readyz", self._readyz),
                web.get("/metrics", self._show_metrics),
            ]
        )
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError as error:
            await runner.cleanup()
            reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
            line = (
                f"OMSBOT_HTTP_PORT: health and metrics cannot listen on "
                f"{self._host}:{self._port} ({reason}); "
                "give a free port (0 takes any), or an address of this machine in OMSBOT_HTTP_HOST"
            )
            raise ConfigProblem([line]) from None
        self._runner = runner

    async def stop(self) -> None:
        runner, self._runner = self._runner, None
        if runner:
            await runner.cleanup()

    @property
    def url(self) -> str:
        """The address that is listened on, without a trailing slash."""
        if self._runner is None or not self._runner.addresses:
            raise RuntimeError("the health server is not started")
        host, port = self._runner.addresses[0][:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _readyz(self, _request: web.Request) -> web.Response:
        missing = {check: problem for check, problem in self._ready().items() if problem is not None}
        return web.json_response({"ready": not missing, "missing": missing}, status=503 if missing else 200)

    async def _show_metrics(self, _request: web.Request) -> web.Response:
        return web.Response(body=self._metrics(), headers={"Content-Type": METRICS_TYPE})
