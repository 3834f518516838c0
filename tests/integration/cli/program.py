"""Runs `omsbot` as its own process, as a person or a service manager would."""

import asyncio
import os
import re
import shlex
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.waiting import PATIENCE_S

# Nothing of the environment of whoever runs the tests; coverage still follows into the process.
KEPT = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
KEPT |= {name: value for name, value in os.environ.items() if name.startswith(("COV_", "COVERAGE_"))}


@dataclass(frozen=True, slots=True)
class Ended:
    status: int | None
    out: str
    err: str


class Program:
    """A running `omsbot` whose output can be waited for."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.out = ""

    async def printed(self, pattern: str) -> re.Match[str]:
        """Wait until stdout matches a pattern."""
        assert self._process.stdout
        async with asyncio.timeout(PATIENCE_S):
            while not (found := re.search(pattern, self.out)):
                line = await self._process.stdout.readline()
                assert line, f"ended without printing {pattern!r}: {await self.ended()}"
                self.out += line.decode()
        return found

    async def end(self, number: signal.Signals = signal.SIGTERM) -> Ended:
        """Send a signal and wait for the end."""
        if self._process.returncode is None:
            self._process.send_signal(number)
        return await self.ended()

    async def ended(self) -> Ended:
        async with asyncio.timeout(PATIENCE_S):
            out, err = await self._process.communicate()
        return Ended(self._process.returncode, self.out + out.decode(), err.decode())


@asynccontextmanager
async def started(*arguments: str, env: Mapping[str, str], cwd: Path) -> AsyncIterator[Program]:
    """Start `omsbot ARGUMENTS`; what still runs at the end is killed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "omsbot",
        *arguments,
        env={**KEPT, **env},
        cwd=cwd,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield Program(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def omsbot(*arguments: str, env: Mapping[str, str], cwd: Path) -> Ended:
    """Run `omsbot ARGUMENTS` to its end."""
    async with started(*arguments, env=env, cwd=cwd) as program:
        return await program.ended()


def exports(text: str) -> dict[str, str]:
    """Read the `export NAME=VALUE` lines that a command printed, as a shell would."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if line.strip().startswith("export "):
            name, _, value = shlex.split(line.strip())[1].partition("=")
            found[name] = value
    return found
