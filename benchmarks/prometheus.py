"""Debian's Prometheus and Alertmanager, as somebody would set them up who has no bot."""

import asyncio
import json
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

from benchmarks.children import free_port, get, module, post, running
from benchmarks.machine import CLIENT, cpu_s, rss_mb
from benchmarks.seed import oms_id

PROMETHEUS, ALERTMANAGER = "prometheus", "prometheus-alertmanager"
RULES = """\
groups:
  - name: oms
    rules:
      - alert: OmsStepFailed
        expr: oms_step_failed == 1
"""
# every project by its id in the message, so that its reader learns as much as from the bot
TEXT = "{{ range .Alerts }}{{ .Labels.project }} {{ .Labels.step }} failed\\n{{ end }}"


@dataclass(frozen=True, slots=True)
class Watched:
    """All processes together, window by window; `alone` is without the bridge."""

    shares: list[float]
    alone: list[float]
    rss_mb: float
    scrapes_a_second: float


@dataclass(frozen=True, slots=True)
class Alertmanager:
    pid: int
    url: str


async def watched(
    oms: str, hook: str, projects: int, *, every_s: float, warm_s: float, windows: int, window_s: float
) -> Watched | None:
    """What both cost while they watch a fleet; None where they are not installed."""
    if not (shutil.which(PROMETHEUS) and shutil.which(ALERTMANAGER)):
        return None
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        async with (
            alertmanager(hook, group_by="alertname") as manager,
            module("benchmarks.standins.bridge", oms.rpartition(":")[2], core=CLIENT) as bridge,
            _prometheus(home, bridge.said["port"], projects, every_s, manager.url) as pid,
        ):
            await asyncio.sleep(warm_s)
            before = await _answered(oms)
            began, shares, alone = time.perf_counter(), [], []
            for _ in range(windows):
                at, used = time.perf_counter(), _used([pid, manager.pid, bridge.pid])
                await asyncio.sleep(window_s)
                took = time.perf_counter() - at
                spent = [
                    now - then for now, then in zip(_used([pid, manager.pid, bridge.pid]), used, strict=True)
                ]
                shares.append(sum(spent) / took)
                alone.append(sum(spent[:2]) / took)
            scrapes = (await _answered(oms) - before) / (time.perf_counter() - began)
            memory = sum(rss_mb(one) for one in (pid, manager.pid, bridge.pid))
            return Watched(shares, alone, memory, scrapes)


def _used(pids: list[int]) -> list[float]:
    return [cpu_s(pid) for pid in pids]


@asynccontextmanager
async def alertmanager(hook: str, *, group_by: str) -> AsyncIterator[Alertmanager]:
    """Alertmanager with a Slack receiver at an address; `group_by` is a label, or "..." for each alone."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "alertmanager.yml"
        config.write_text(
            "route:\n"
            f"  receiver: slack\n  group_by: ['{group_by}']\n  group_wait: 0s\n"
            "  group_interval: 1s\n  repeat_interval: 4h\n"
            "receivers:\n  - name: slack\n    slack_configs:\n"
            f"      - api_url: {hook}\n        channel: '#bench'\n        text: \"{TEXT}\"\n"
        )
        port = free_port()
        command = [
            ALERTMANAGER,
            f"--config.file={config}",
            f"--storage.path={folder}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--cluster.listen-address=",
        ]
        async with running(command, core=CLIENT, log=f"alertmanager-{port}") as process:
            url = f"http://127.0.0.1:{port}"
            await _until_ready(f"{url}/-/ready")
            yield Alertmanager(process.pid, url)


def alert(project: str) -> dict[str, object]:
    """One alert as Prometheus would send it."""
    labels = {"alertname": "OmsStepFailed", "project": project, "step": "FULL_VERIFIER"}
    return {"labels": labels, "startsAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}


@asynccontextmanager
async def _prometheus(
    home: Path, bridge: int, projects: int, every_s: float, manager: str
) -> AsyncIterator[int]:
    (home / "rules.yml").write_text(RULES)
    (home / "targets.json").write_text(json.dumps([{"targets": [oms_id(one) for one in range(projects)]}]))
    config = home / "prometheus.yml"
    config.write_text(
        f"global: {{scrape_interval: {every_s:g}s, evaluation_interval: {every_s:g}s}}\n"
        f"rule_files: [{home}/rules.yml]\n"
        f"alerting: {{alertmanagers: [{{static_configs: [{{targets: ['{manager.removeprefix('http://')}']}}]}}]}}\n"
        "scrape_configs:\n  - job_name: oms\n"
        f"    file_sd_configs: [{{files: ['{home}/targets.json']}}]\n"
        "    relabel_configs:\n"
        "      - {source_labels: [__address__], target_label: __param_id}\n"
        "      - {source_labels: [__address__], target_label: project}\n"
        f"      - {{target_label: __address__, replacement: '127.0.0.1:{bridge}'}}\n"
        "      - {source_labels: [project], target_label: instance}\n"
    )
    port = free_port()
    command = [
        PROMETHEUS,
        f"--config.file={config}",
        f"--storage.tsdb.path={home}/data",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    async with running(command, core=CLIENT, log="prometheus") as process:
        url = f"http://127.0.0.1:{port}"
        await _until_ready(f"{url}/-/ready")
        yield process.pid


async def _answered(oms: str) -> float:
    """How many scrapes were answered so far."""
    return float((await post(f"{oms}/control", {}))["requests"])


async def _until_ready(url: str) -> None:
    for _ in range(600):
        try:
            await get(url)
        except (URLError, OSError):
            await asyncio.sleep(0.05)
        else:
            return
    raise RuntimeError(f"nothing became ready at {url}: build/bench/*.log says why")
