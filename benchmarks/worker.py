"""A process that asks OMS in one way: `python -m benchmarks.worker WAY ...`.

Each line of its input is a number of polls; it answers with the CPU-seconds and seconds that these took.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any, cast

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from benchmarks.machine import rss_mb
from benchmarks.posting import Taker
from benchmarks.seed import SERVER, oms_id
from omsbot.app import GATHER_S
from omsbot.db.engine.engine import Database
from omsbot.metrics import Metrics
from omsbot.oms.client import OmsClient, OmsServer
from omsbot.runtime.garbage import collect_seldom
from omsbot.services.access import Access
from omsbot.services.charts.painter import Painter
from omsbot.services.tasks import Tasks
from omsbot.services.wiring import Choices, Ports, wire

IN_FLIGHT = 50
# the pipeline's projects change with its own polls alone, so that its mix is the one that is said
OTHERS = 50_000
PATH = "/api/v2?Action=DescribeProjectSteps"
HEADERS = {"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "identity"}
Ask = Callable[[str], Awaitable[object]]
Loop = Callable[[int], Awaitable[int]]


class CountedTasks(Tasks):
    """Tells when all that was spawned has ended."""

    def __init__(self) -> None:
        super().__init__()
        self._left = 0
        self.idle = asyncio.Event()

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        self._left += 1
        self.idle.clear()
        super().spawn(self._counted(work))

    async def _counted(self, work: Coroutine[Any, Any, Any]) -> None:
        try:
            await work
        finally:
            self._left -= 1
            if not self._left:
                self.idle.set()


async def pipeline(asked: argparse.Namespace, stack: AsyncExitStack) -> Loop:
    """The bot's own poller, on a database in which all projects are due again at once."""
    database, tasks, metrics = Database(asked.database, chance=random.random), CountedTasks(), Metrics()
    await database.open()
    stack.push_async_callback(database.close)
    server = OmsServer(name=SERVER, url=asked.oms, user="bench", password="bench")
    client = OmsClient(server, clock=_now)
    stack.push_async_callback(client.close)
    ports = Ports(
        database=database,
        slack=Taker(),
        oms={SERVER: client},
        painter=Painter({}),
        clock=_now,
        timer=time.monotonic,
        chance=random.random,
        new_id=lambda: str(uuid.uuid4()),
        tasks=tasks,
        polls=tasks,
        metrics=metrics,
        wake=lambda: None,
        wake_in=lambda after_s: None,
    )
    poller = wire(ports, Choices(interval_ms=1, access=Access({SERVER: None}), gather_s=GATHER_S)).poller

    async def poll(number: int) -> int:
        done = 0
        while done < number:
            claimed = await poller.poll_due()
            if claimed:
                await tasks.idle.wait()
            else:
                await asyncio.sleep(0.001)
            done += claimed
        return done

    return poll


async def bare(asked: argparse.Namespace, stack: AsyncExitStack) -> Loop:
    """The same httpx and transport, and nothing else: the body is thrown away."""

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=IN_FLIGHT, keepalive_timeout=30)
        return aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
        )

    transport = AiohttpTransport(trust_env=False, client=session)
    stack.push_async_callback(transport.aclose)
    url, headers = httpx.URL(f"{asked.oms}{PATH}"), httpx.Headers(HEADERS)
    extensions = {"timeout": {"connect": 3.0, "read": None, "write": None, "pool": None}}

    async def ask(project: str) -> None:
        question = json.dumps({"id": project}).encode()
        request = httpx.Request("POST", url, headers=headers, content=question, extensions=extensions)
        response = await transport.handle_async_request(request)
        stream = cast("httpx.AsyncByteStream", response.stream)
        async for _ in stream:
            pass
        await stream.aclose()

    return _fifty(ask, asked.projects)


async def default(asked: argparse.Namespace, stack: AsyncExitStack) -> Loop:
    """httpx as its documentation shows it."""
    limits = httpx.Limits(max_connections=IN_FLIGHT, max_keepalive_connections=IN_FLIGHT)
    client = await stack.enter_async_context(httpx.AsyncClient(limits=limits, headers=HEADERS))
    url = f"{asked.oms}{PATH}"

    async def ask(project: str) -> None:
        await client.post(url, json={"id": project})

    return _fifty(ask, asked.projects)


def _fifty(ask: Ask, projects: int) -> Loop:
    """Fifty askers side by side, each one question after another."""

    async def poll(number: int) -> int:
        async def one(first: int) -> None:
            for at in range(first, number, IN_FLIGHT):
                await ask(oms_id(OTHERS + at % projects))

        await asyncio.gather(*(one(first) for first in range(IN_FLIGHT)))
        return number

    return poll


def _now() -> int:
    return time.time_ns() // 1_000_000


async def main() -> None:
    """Be ready, then serve one line after another."""
    parser = argparse.ArgumentParser()
    parser.add_argument("way", choices=["pipeline", "bare", "default"])
    parser.add_argument("--oms", required=True)
    parser.add_argument("--projects", type=int, required=True)
    parser.add_argument("--database", default="")
    asked = parser.parse_args()
    build = {"pipeline": pipeline, "bare": bare, "default": default}[asked.way]
    async with AsyncExitStack() as stack:
        poll = await build(asked, stack)
        collect_seldom()  # as the bot does; what runs beside it has the same
        _say(ready=True)
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            cpu, wall = time.process_time(), time.perf_counter()
            polls = await poll(int(line))
            took = {"cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - wall}
            _say(polls=polls, rss_mb=rss_mb(os.getpid()), **took)


def _say(**fields: object) -> None:
    print(json.dumps(fields), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
