"""The results as JSON in `build/` and as tables in `docs/benchmarks.md`."""

import json
import math
import time
from collections.abc import Mapping
from dataclasses import asdict

from benchmarks.children import ROOT
from benchmarks.result import Result, Row

INTRO = """\
# What it costs

Written by `make bench`. Absolute numbers drift with the machine and with who else works on it; what is
claimed are the ratios, each measured side by side in one run. The bot runs on one core, the stand-ins for
OMS and Slack on another one. *Spread* is the lowest and the highest of the rounds.
"""


def write(results: Mapping[str, Result], facts: Mapping[str, str], *, quick: bool, whole: bool) -> None:
    """Write the JSON of any run; the page only of a full one."""
    stored = {"facts": dict(facts), "quick": quick, "results": {k: asdict(v) for k, v in results.items()}}
    file = ROOT / "build" / ("bench-quick.json" if quick or not whole else "bench.json")
    file.write_text(json.dumps(stored, indent=1))
    print(f"\n{file.relative_to(ROOT)} written")
    if whole and not quick:
        page = "\n".join([INTRO, _machine(facts), *(section(one) for one in results.values())])
        (ROOT / "docs" / "benchmarks.md").write_text(page)
        print("docs/benchmarks.md written")


def section(result: Result) -> str:
    """One benchmark for people to read."""
    lines = [
        f"## {result.title}",
        "",
        "| what | measured | spread | goal | |",
        "| --- | ---: | ---: | --- | --- |",
    ]
    lines += [_line(row) for row in result.rows]
    lines += ["", *(f"- {note}" for note in result.notes)]
    return "\n".join(lines).rstrip() + "\n"


def _machine(facts: Mapping[str, str]) -> str:
    listed = "; ".join(f"{name} {value}" for name, value in facts.items() if name != "machine")
    return f"{time.strftime('%Y-%m-%d')}, {facts['machine']}; {listed}.\n"


def _line(row: Row) -> str:
    spread = "" if row.low is None or row.high is None else f"{figure(row.low)} to {figure(row.high)}"
    measured = "not in time" if math.isinf(row.value) else f"{figure(row.value)} {row.unit}"
    verdict = {True: "holds", False: "**missed**", None: ""}[row.holds]
    return f"| {row.what} | {measured} | {spread} | {row.goal} | {verdict} |"


def figure(value: float) -> str:
    """Three figures that count, thousands apart."""
    if value and abs(value) < 100:
        return f"{value:.3g}"
    return f"{value:,.0f}"
