"""`python -m tests.reliability`: run the experiments, write their results as JSON and as a table.

Without `--long` each runs in a form of seconds. They run three at a time, each in a process of its own.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from tests.reliability.experiments import LONG, Result, experiment
from tests.reliability.report import table

AT_ONCE = 3  # on two processors: the one that takes longest mostly waits


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.reliability", description=__doc__)
    parser.add_argument("--long", action="store_true", help="the full sizes, under 30 minutes")
    parser.add_argument("--only", action="append", choices=list(LONG), help="one of them; may be repeated")
    parser.add_argument("--output", type=Path, default=Path("build/reliability.json"))
    options = parser.parse_args(arguments)
    results: dict[str, Result] = {}
    with ProcessPoolExecutor(AT_ONCE, max_tasks_per_child=1) as pool:
        running = {name: pool.submit(experiment, name, long=options.long) for name in options.only or LONG}
        for name, future in running.items():
            results[name] = future.result()
            say(f"{name}: {json.dumps(results[name], default=str)[:300]}")
    whole = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{os.cpu_count()} processors, Python {platform.python_version()}, {platform.system()}",
        "long": options.long,
        "results": results,
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(whole, indent=1, default=str) + "\n")
    shown, good = table(results)
    options.output.with_suffix(".md").write_text(shown)
    say(f"\n{shown}\nwritten to {options.output}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
