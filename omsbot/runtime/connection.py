"""The Socket Mode connection: made as soon as Slack lets us, and kept."""

import asyncio
import contextlib
import logging

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

sdk_log = logging.getLogger(f"{__name__}.sdk")

PING_S = 10.0
CLOSE_S = 1.0


def _in_one_line(record: logging.LogRecord) -> bool:
    """Drop the traceback of a failed attempt: Slack being away is no fault of the program."""
    if record.getMessage().startswith("Failed to connect"):
        record.exc_info = None
    return True


sdk_log.addFilter(_in_one_line)


class SlackConnection:
    """Slack being away at the start stops nothing: OMS is polled, and what is learnt waits in the outbox."""

    def __init__(self, bolt: AsyncApp, app_token: str, *, ping_s: float = PING_S) -> None:
        """`ping_s` is the pause between two pings, and between two attempts to connect."""
        self._handler = AsyncSocketModeHandler(bolt, app_token, ping_interval=ping_s, logger=sdk_log)
        self._ping_s = ping_s
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def connected(self) -> bool:
        session = self._handler.client.current_session
        return session is not None and not session.closed

    def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._connect()), loop.create_task(self._drop_used_addresses())]

    async def stop(self) -> None:
        """Take no more requests; what Bolt has begun goes on."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(TimeoutError):  # a peer that does not answer must not hold up the stop
            async with asyncio.timeout(CLOSE_S):
                await self._handler.close_async()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped
        await self._handler.client.aiohttp_client_session.close()  # the SDK's comes last, perhaps too late

    async def _connect(self) -> None:
        """Connect; the SDK tries until it works, and reconnects by itself from then on."""
        await self._handler.connect_async()  # type: ignore[no-untyped-call]  # as above

    async def _drop_used_addresses(self) -> None:
        """Have each attempt ask Slack for a new address while there is no connection.

        An address is good for one attempt, within seconds. After one that failed the SDK would try the same
        address for ever.
        """
        while True:
            await asyncio.sleep(self._ping_s / 2)
            if not self.connected:
                self._handler.client.wss_uri = None
