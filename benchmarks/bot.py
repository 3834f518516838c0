"""`omsbot run` as an operator starts it, between the stand-ins."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.error import URLError

from benchmarks.children import free_port, get, running
from benchmarks.machine import CLIENT, cpu_s, rss_mb

READY_S = 60.0


@dataclass(frozen=True, slots=True)
class Reading:
    """The process at one moment."""

    at: float
    cpu_s: float
    metrics: Mapping[str, float]

    @property
    def polls(self) -> float:
        return sum(value for key, value in self.metrics.items() if key.startswith("omsbot_polls_total"))


@dataclass(frozen=True, slots=True)
class Bot:
    pid: int
    url: str
    ready_after_s: float

    async def read(self) -> Reading:
        return Reading(time.perf_counter(), cpu_s(self.pid), _parsed(await get(f"{self.url}/metrics")))

    def rss_mb(self) -> float:
        return rss_mb(self.pid)


@asynccontextmanager
async def bot(
    *, database: str, oms: str, slack: str, interval_s: float = 10, core: int = CLIENT
) -> AsyncIterator[Bot]:
    """The bot, once `/readyz` says so."""
    url = f"http://127.0.0.1:{(port := free_port())}"
    env = {
        "SLACK_BOT_TOKEN": "xoxb-bench",
        "SLACK_APP_TOKEN": "xapp-bench",
        "OMSBOT_SLACK_API_URL": f"{slack}/api/",
        "OMSBOT_OMS_URL": oms,
        "OMSBOT_OMS_USER": "bench",
        "OMSBOT_OMS_PASSWORD": "bench",
        "OMSBOT_DATABASE_URL": database,
        "OMSBOT_POLL_INTERVAL": f"{interval_s:g}",
        "OMSBOT_HTTP_PORT": str(port),
        "OMSBOT_LOG_FORMAT": "json",
    }
    began = time.perf_counter()
    async with running([sys.executable, "-m", "omsbot", "run"], core=core, log="omsbot", env=env) as process:
        while not await _ready(url):
            if process.returncode is not None or time.perf_counter() - began > READY_S:
                raise RuntimeError("omsbot did not become ready: build/bench/omsbot.log says why")
            await asyncio.sleep(0.02)
        yield Bot(process.pid, url, time.perf_counter() - began)


async def _ready(url: str) -> bool:
    try:
        await get(f"{url}/readyz")
    except (URLError, OSError):
        return False
    return True


def _parsed(text: str) -> dict[str, float]:
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


def quantile(before: Reading, after: Reading, name: str, share: float) -> float:
    """A quantile of what a histogram took in between two readings, linear within its bucket."""
    prefix = f'{name}_bucket{{le="'
    counts = sorted(
        (float(key[len(prefix) : -2]), value - before.metrics.get(key, 0))
        for key, value in after.metrics.items()
        if key.startswith(prefix)
    )
    wanted, low, below = share * counts[-1][1], 0.0, 0.0
    for bound, count in counts:
        if count >= wanted:
            inside = (wanted - below) / (count - below) if count > below else 1.0
            return low + (bound - low) * inside if bound != float("inf") else low
        low, below = bound, count
    return low
