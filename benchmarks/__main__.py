"""Run the benchmarks: `python -m benchmarks [--quick] [NAME ...]`."""

import argparse
import asyncio
import importlib
import time

from benchmarks import machine, report
from benchmarks.result import Result, Scale

NAMES = ("polling", "growth", "fleet", "starting", "telling", "bursts", "flood", "store")


async def measured(names: list[str], scale: Scale) -> dict[str, Result]:
    """One after another; a benchmark that breaks ends the run."""
    results: dict[str, Result] = {}
    for name in names:
        began = time.perf_counter()
        result: Result = await importlib.import_module(f"benchmarks.{name}").measure(scale)
        results[name] = result
        print(f"\n{report.section(result)}\n({name}: {time.perf_counter() - began:.0f} s)", flush=True)
    return results


def main() -> None:
    """Print each table as it comes; a full run of all also writes the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--quick", action="store_true", help="small sizes: to see that everything runs")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of: {', '.join(NAMES)}")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(NAMES):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    began = time.perf_counter()
    load = machine.load()
    results = asyncio.run(measured(asked.names or list(NAMES), Scale(asked.quick)))
    facts = machine.described() | {
        "load before": f"{load:.1f}",
        "duration": f"{time.perf_counter() - began:.0f} s",
    }
    report.write(results, facts, quick=asked.quick, whole=not asked.names)


if __name__ == "__main__":
    main()
