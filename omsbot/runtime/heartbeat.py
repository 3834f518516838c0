"""The dead-man switch: a ping that stops when the bot does, so that something outside can raise the alarm."""

import logging
from collections.abc import Callable, Mapping

import httpx

log = logging.getLogger(__name__)

TIMEOUT_S = 10.0


class Heartbeat:
    def __init__(self, url: str, *, ready: Callable[[], Mapping[str, str | None]]) -> None:
        self._url = url
        self._ready = ready
        self._client = httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False)

    async def ping(self) -> None:
        """Ping once; silent while the bot is not ready, because that silence is the message."""
        if any(self._ready().values()):
            return
        try:
            answer = await self._client.get(self._url)
        except httpx.HTTPError as error:
            log.warning("the heartbeat did not go through", extra={"error": type(error).__name__})
            return
        if answer.is_error:
            log.warning("the heartbeat was refused", extra={"status": answer.status_code})

    async def close(self) -> None:
        await self._client.aclose()
