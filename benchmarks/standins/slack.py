"""Slack under load: `python -m benchmarks.standins.slack`. Prints its port, serves until its input ends.

Only what the bot needs to run, one message a second and channel with 429 and `Retry-After`, and an incoming
webhook (`/hook/NAME`) under the same limit for others. `/control/*` says what came, and types commands.
"""

import asyncio
import json
import sys
import time
import uuid
from typing import Any

from aiohttp import WSMsgType, web

TEAM = {"team_id": "T1", "team": "bench", "user_id": "UBOT", "bot_id": "BBOT", "user": "omsbot"}


class Slack:
    """What was said, where, and when."""

    def __init__(self) -> None:
        self.limited = True
        self.said: list[dict[str, Any]] = []
        self.refused = 0
        self._next: dict[str, float] = {}
        self._number = 0
        self._socket: web.WebSocketResponse | None = None
        self._waiting: dict[str, asyncio.Future[float]] = {}

    def post(self, channel: str, text: str, mark: str = "") -> float | None:
        """Take a message; or the seconds to wait, where the channel had one within the second."""
        now = time.time()
        free = self._next.get(channel, 0.0)
        if self.limited and now < free:
            self.refused += 1
            return free - now
        self._next[channel] = now + 1
        self.said.append({"at": now, "channel": channel, "text": text, "mark": mark})
        return None

    async def api(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        asked = await _asked(request)
        if method == "auth.test":
            return _ok(url="http://127.0.0.1/", **TEAM)
        if method == "apps.connections.open":
            return _ok(url=f"ws://{request.host}/link/?ticket=1&app_id=A1")
        if method == "conversations.info":
            channel = {"id": asked.get("channel"), "name": "bench", "is_member": True, "is_channel": True}
            return _ok(channel=channel)
        if method == "chat.postMessage":
            return self._post(asked)
        self._number += 1
        return _ok(ts=asked.get("ts", f"{time.time():.6f}"), channel=asked.get("channel"), message_ts="1.1")

    def _post(self, asked: dict[str, Any]) -> web.Response:
        metadata = asked.get("metadata") or "{}"
        found = json.loads(metadata) if isinstance(metadata, str) else metadata
        mark = found.get("event_payload", {}).get("uuid", "")
        channel, text = asked.get("channel", ""), f"{asked.get('text', '')}\n{asked.get('blocks') or ''}"
        if (wait := self.post(channel, text, mark)) is not None:
            return _limited(wait)
        self._number += 1
        ts = f"{int(time.time())}.{self._number:06}"
        message = {"ts": ts, "thread_ts": asked.get("thread_ts"), "bot_id": "BBOT"}
        return _ok(ts=ts, channel=channel, message=message)

    async def hook(self, request: web.Request) -> web.Response:
        asked = await request.json()
        wait = self.post(request.match_info["name"], json.dumps(asked))
        return web.Response(text="ok") if wait is None else _limited(wait)

    async def link(self, request: web.Request) -> web.StreamResponse:
        """Socket Mode: acknowledgements are timed."""
        self._socket = socket = web.WebSocketResponse(heartbeat=10)
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A1"}})
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                future = self._waiting.pop(json.loads(message.data).get("envelope_id", ""), None)
                if future and not future.done():
                    future.set_result(time.perf_counter())
        return socket

    async def command(self, text: str, base: str) -> float | None:
        """Type a command; the seconds until it was acknowledged, None where it never was."""
        socket, key = self._socket, str(uuid.uuid4())
        if socket is None:
            return None
        payload = {
            "command": "/oms",
            "text": text,
            "team_id": "T1",
            "channel_id": "C1",
            "channel_name": "bench",
            "user_id": "U1",
            "user_name": "ana",
            "api_app_id": "A1",
            "is_enterprise_install": "false",
            "response_url": f"{base}/response/{key}",
            "trigger_id": key,
        }
        future: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._waiting[key] = future
        began = time.perf_counter()
        envelope = {"envelope_id": key, "type": "slash_commands", "accepts_response_payload": True}
        await socket.send_json({**envelope, "payload": payload})
        try:
            return await asyncio.wait_for(future, 10) - began
        except TimeoutError:
            return None

    async def type_commands(self, request: web.Request) -> web.Response:
        """Type commands at an even pace: `rate` a second for so many `seconds`."""
        asked = await request.json()
        base, pause = f"http://{request.host}", 1 / asked["rate"]
        tasks = []
        began = time.perf_counter()
        for number in range(int(asked["rate"] * asked["seconds"])):
            await asyncio.sleep(max(0.0, began + number * pause - time.perf_counter()))
            text = asked["text"].replace("{n}", f"{number % asked['projects']:05}")
            tasks.append(asyncio.create_task(self.command(text, base)))
        return web.json_response(await asyncio.gather(*tasks))

    async def log(self, request: web.Request) -> web.Response:
        """What was said so far; `limited` and `forget` set what holds from now on."""
        asked = await request.json()
        answer = web.json_response(
            {"said": self.said, "refused": self.refused, "up": self._socket is not None}
        )
        self.limited = asked.get("limited", self.limited)
        if asked.get("forget"):
            self.said, self.refused, self._next = [], 0, {}
        return answer

    async def response(self, _request: web.Request) -> web.Response:
        return web.Response(text="ok")

    def application(self) -> web.Application:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.add_routes(
            [
                web.route("*", "/api/{method}", self.api),
                web.get("/link/", self.link),
                web.post("/hook/{name}", self.hook),
                web.post("/response/{key}", self.response),
                web.post("/control/log", self.log),
                web.post("/control/commands", self.type_commands),
            ]
        )
        return app


async def _asked(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/json":
        found: dict[str, Any] = await request.json()
        return found
    return {**request.query, **await request.post()}


def _ok(**fields: Any) -> web.Response:
    return web.json_response({"ok": True, **fields})


def _limited(wait: float) -> web.Response:
    seconds = str(max(1, round(wait + 0.49)))
    return web.json_response(
        {"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": seconds}
    )


async def main() -> None:
    """Serve until the standard input ends."""
    runner = web.AppRunner(Slack().application(), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(json.dumps({"port": runner.addresses[0][1]}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
