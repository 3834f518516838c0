"""Processes that a benchmark starts: pinned to a core, known by their first line, ended by their input."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from benchmarks.machine import SERVER, pinned

ROOT = Path(__file__).resolve().parent.parent
STOP_S = 12.0


@dataclass(frozen=True, slots=True)
class Child:
    """A running process, and what its first line said."""

    process: asyncio.subprocess.Process
    said: Mapping[str, Any]

    @property
    def pid(self) -> int:
        return self.process.pid

    async def ask(self, line: str) -> dict[str, Any]:
        """Write one line and read the one that answers it."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{line}\n".encode())
        answer = await self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the child ended at {line!r}: build/bench/*.log says why")
        found: dict[str, Any] = json.loads(answer)
        return found


@asynccontextmanager
async def module(name: str, *arguments: str, core: int) -> AsyncIterator[Child]:
    """A module of this package, which writes one line of JSON when it is ready."""
    async with running([sys.executable, "-m", name, *arguments], core=core, log=name) as process:
        assert process.stdout
        line = await process.stdout.readline()
        if not line:
            raise RuntimeError(f"{name} did not start: build/bench/{name}.log says why")
        yield Child(process, json.loads(line))


@asynccontextmanager
async def running(
    command: Sequence[str], *, core: int, log: str, env: Mapping[str, str] | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process on one core; at the end its input is closed, and then it is told to stop."""
    logs = ROOT / "build" / "bench"
    logs.mkdir(parents=True, exist_ok=True)
    with pinned(core), (logs / f"{log}.log").open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE if log.startswith("benchmarks") else errors,
            stderr=errors,
            env={**os.environ, **(env or {})},
            cwd=ROOT,
        )
    try:
        yield process
    finally:
        await _stop(process, gently=log.startswith("benchmarks"))


async def _stop(process: asyncio.subprocess.Process, *, gently: bool) -> None:
    if process.returncode is None:
        if gently and process.stdin:
            process.stdin.close()
        else:
            process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_S)
    except TimeoutError:
        process.kill()
        await process.wait()


@asynccontextmanager
async def oms() -> AsyncIterator[str]:
    """The OMS stand-in on the servers' core; its address."""
    async with module("benchmarks.standins.oms", core=SERVER) as child:
        yield f"http://127.0.0.1:{child.said['port']}"


@asynccontextmanager
async def slack() -> AsyncIterator[str]:
    """The Slack stand-in on the servers' core; its address."""
    async with module("benchmarks.standins.slack", core=SERVER) as child:
        yield f"http://127.0.0.1:{child.said['port']}"


async def post(url: str, value: object) -> Any:
    """Post JSON and read JSON."""
    request = Request(url, json.dumps(value).encode(), {"Content-Type": "application/json"})
    return json.loads(await _fetch(request) or b"null")


async def get(url: str) -> str:
    return (await _fetch(Request(url))).decode()


async def _fetch(request: Request) -> bytes:
    def fetch() -> bytes:
        with urlopen(request, timeout=120) as answer:
            body: bytes = answer.read()
            return body

    return await asyncio.to_thread(fetch)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
