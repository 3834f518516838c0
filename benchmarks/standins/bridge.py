"""OMS for Prometheus: `python -m benchmarks.standins.bridge OMS_PORT`. Prints its port, then serves.

`GET /metrics?id=` asks OMS about one project and shows its steps as samples. It is as lean as Python allows
(no framework, no checks), so that the comparison flatters what it is compared with.
"""

import asyncio
import json
import sys
from collections import deque
from typing import Any

from benchmarks.standins.http import Head

QUESTION = (
    b"POST /api/v2?Action=DescribeProjectSteps HTTP/1.1\r\nHost: oms\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
)
LENGTH = b"Content-Length: "
FIGURES = ("processedRecords", "srcRps", "dstRps", "incrTimestampCheckpoint")


class Asker(asyncio.Protocol):
    """One connection to OMS: a question, its answer, and back to those that are free."""

    def __init__(self, free: "deque[Asker]") -> None:
        self._free = free
        self._seen = b""
        self._answer: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def ask(self, project: bytes) -> "asyncio.Future[bytes]":
        question = b'{"id":"%b"}' % project
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(QUESTION % (len(question), question))
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._seen += data
        head, whole, body = self._seen.partition(b"\r\n\r\n")
        if not whole or len(body) < int(head.partition(LENGTH)[2].partition(b"\r\n")[0]):
            return
        self._seen = b""
        self._free.append(self)
        if self._answer and not self._answer.done():
            self._answer.set_result(body)


class Scraped(asyncio.Protocol):
    """One connection of Prometheus, which scrapes one target after another over it."""

    def __init__(self, bridge: "Bridge") -> None:
        self._bridge = bridge
        self._seen = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._seen += data
        if self._seen.endswith(b"\r\n\r\n"):
            project = self._seen.partition(b"id=")[2].partition(b" ")[0]
            self._seen = b""
            self._bridge.scrape(project, self._transport)


class Bridge:
    """From a scrape to a question to samples."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._free: deque[Asker] = deque()
        self._head = Head(b"text/plain; version=0.0.4")
        self._tasks: set[asyncio.Task[None]] = set()

    def scrape(self, project: bytes, transport: asyncio.Transport) -> None:
        task = asyncio.get_running_loop().create_task(self._scrape(project, transport))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _scrape(self, project: bytes, transport: asyncio.Transport) -> None:
        asker = self._free.pop() if self._free else await self._connected()
        answer = json.loads(await asker.ask(project))
        transport.write(self._head.before(samples(answer["data"])))

    async def _connected(self) -> Asker:
        loop = asyncio.get_running_loop()
        _, asker = await loop.create_connection(lambda: Asker(self._free), "127.0.0.1", self._port)
        return asker


def samples(steps: list[dict[str, Any]]) -> bytes:
    """The fewest samples of a project that its alerts and graphs need."""
    lines = []
    for step in steps:
        label = f'{{step="{step["name"]}"}}'
        lines.append(f"oms_step_failed{label} {int(step['status'] == 'FAILED')}")
        lines.append(f"oms_step_progress{label} {step['progress']}")
        figures = step["stepInfo"] or {}
        lines += [f"oms_step_{key}{label} {figures[key]}" for key in FIGURES if figures.get(key) is not None]
    lines.append("")
    return "\n".join(lines).encode()


async def main() -> None:
    """Serve until the standard input ends."""
    bridge, loop = Bridge(int(sys.argv[1])), asyncio.get_running_loop()
    server = await loop.create_server(lambda: Scraped(bridge), "127.0.0.1", 0, backlog=1024)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
