"""Socket Mode: the WebSocket connections over which the stand-in sends commands, clicks and events.

A connection begins with a ticket (`apps.connections.open`, one use) and a `hello`. Each envelope goes to
exactly one open connection and is acknowledged by its `envelope_id`, with or without a payload.
"""

import asyncio
import contextlib
import json
import secrets
import uuid
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from omsbot.sandbox.slack.feed import Feed
from omsbot.sandbox.slack.people import APP_ID

MAX_CONNECTIONS = 10
PING_SECONDS = 10.0
# How long a connection that must go may stay, so that the client has time to open another one first.
GRACE_SECONDS = 5.0


@dataclass(slots=True, eq=False)
class _Connection:
    socket: web.WebSocketResponse
    leaving: bool = False
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: dict[str, "asyncio.Future[Any]"] = field(default_factory=dict)


class SocketMode:
    """All connections of the app."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._tickets: set[str] = set()
        self._connections: list[_Connection] = []
        self._turn = 0

    @property
    def count(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    @property
    def fresh(self) -> int:
        """How many are open and were not asked to leave."""
        return sum(not connection.leaving for connection in self._connections)

    def url(self, base_url: str) -> str:
        """A WebSocket address for one connection."""
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        return f"{base_url.replace('http', 'ws', 1)}link/?ticket={ticket}&app_id={APP_ID}"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Run one connection until either side ends it."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=401, text="invalid ticket")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(heartbeat=PING_SECONDS, timeout=0.5)
        await socket.prepare(request)
        if self.count >= MAX_CONNECTIONS:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        connection = _Connection(socket)
        self._connections.append(connection)
        try:
            await socket.send_json(self._hello())
            self._feed.publish("socket", connections=self.count)
            await self._read(connection)
        finally:
            self._forget(connection)
        return socket

    async def send(self, kind: str, payload: Any, **more: Any) -> "asyncio.Future[Any] | None":
        """Send an envelope to one connection; the future is the ack's payload. None when nobody is there."""
        while (connection := self._pick()) is not None:
            envelope_id = str(uuid.uuid4())
            envelope = {"envelope_id": envelope_id, "type": kind, "payload": payload, **more}
            future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            connection.waiting[envelope_id] = future
            try:
                await connection.socket.send_json(envelope)
            except (ConnectionError, RuntimeError):
                self._forget(connection)
                continue
            return future
        return None

    async def disconnect(self, reason: str) -> None:
        """Ask every connection to leave, as Slack does; what is not a `warning` closes it after a grace."""
        told = tuple(self._connections)
        for connection in told:
            connection.leaving = True
            with contextlib.suppress(ConnectionError, RuntimeError):
                await connection.socket.send_json(
                    {"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}}
                )
        if reason != "warning":
            await asyncio.gather(*(self._end(connection) for connection in told))

    async def _end(self, connection: _Connection) -> None:
        try:
            await asyncio.wait_for(connection.gone.wait(), GRACE_SECONDS)
        except TimeoutError:
            await connection.socket.close()

    async def close(self) -> None:
        """End every connection without a word."""
        closing = [connection.socket.close(code=1001) for connection in self._connections]
        await asyncio.gather(*closing, return_exceptions=True)

    def _hello(self) -> dict[str, Any]:
        debug = {"host": "sandbox", "build_number": 1, "approximate_connection_time": 18060}
        return {
            "type": "hello",
            "num_connections": self.count,
            "debug_info": debug,
            "connection_info": {"app_id": APP_ID},
        }

    def _pick(self) -> _Connection | None:
        """Each open connection in turn; one that was asked to leave only as the last resort."""
        usable = [c for c in self._connections if not c.socket.closed]
        usable = [c for c in usable if not c.leaving] or usable
        self._turn += 1
        return usable[self._turn % len(usable)] if usable else None

    async def _read(self, connection: _Connection) -> None:
        async for message in connection.socket:
            if message.type is not WSMsgType.TEXT:
                continue
            with contextlib.suppress(ValueError, AttributeError):
                ack = json.loads(message.data)
                future = connection.waiting.pop(ack.get("envelope_id", ""), None)
                if future is not None and not future.done():
                    future.set_result(ack.get("payload"))

    def _forget(self, connection: _Connection) -> None:
        if connection in self._connections:
            self._connections.remove(connection)
            connection.gone.set()
            self._feed.publish("socket", connections=self.count)
