"""The Socket Mode connection: made as soon as Slack lets us, and kept."""

import asyncio
import logging

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

log = logging.getLogger(__name__)

RETRY_STEPS_S = (1.0, 2.0, 5.0, 10.0, 30.0)


class SlackConnection:
    """Slack being away at the start stops nothing: OMS is polled, and what is learnt waits in the outbox."""

    def __init__(self, bolt: AsyncApp, app_token: str) -> None:
        self._handler = AsyncSocketModeHandler(bolt, app_token)
        self._connecting: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        session = self._handler.client.current_session
        return session is not None and not session.closed

    def start(self) -> None:
        self._connecting = asyncio.get_running_loop().create_task(self._connect())

    async def stop(self) -> None:
        """Take no more requests; what Bolt has begun goes on."""
        if self._connecting:
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)
        await self._handler.close_async()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped

    async def _connect(self) -> None:
        """Connect, again and again until it works; from then on the SDK reconnects by itself."""
        attempt = 0
        while True:
            try:
                await self._handler.connect_async()  # type: ignore[no-untyped-call]  # as above
            except Exception as error:  # noqa: BLE001 whatever it is, the next attempt may work
                pause = RETRY_STEPS_S[min(attempt, len(RETRY_STEPS_S) - 1)]
                log.warning(
                    "cannot connect to Slack", extra={"error": type(error).__name__, "again_in_s": pause}
                )
                attempt += 1
                await asyncio.sleep(pause)
            else:
                return
