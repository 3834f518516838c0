"""The results as a table, and whether each is as it must be."""

from collections.abc import Callable, Mapping
from typing import Any

Result = Mapping[str, Any]
SIGNAL_S = 10.0


def _exact(result: Result) -> bool:
    return all(not result.get(name) for name in ("lost", "double", "out_of_order", "stuck"))


Demand = tuple[str, Callable[[Result], bool]]
NOTHING_WRONG: Demand = ("nothing wrong", lambda result: not result["wrong"])
# what each experiment must come to, in words and as a check
DEMANDS: Mapping[str, Demand] = {
    "kills": ("nothing lost, double or out of order", _exact),
    "state machine": ("no way to anything wrong", lambda result: result["runs"] > 0),
    "failpoints of an overview": NOTHING_WRONG,
    "failpoints of news": NOTHING_WRONG,
    "failpoints of a card": NOTHING_WRONG,
    "kills without settling": ("doubles, which the harness sees", lambda result: result["double"] > 0),
    "signals": (
        "each end within 10 s, nothing lost or double",
        lambda result: max(result["longest_s"].values()) <= SIGNAL_S and _exact(result),
    ),
    "oms down": (
        "told once a channel, no stampede",
        lambda result: result["notices_a_channel"] == 1 and result["most_asked_a_second_on_return"] <= 400,
    ),
    "slack down": (
        "no flood, failures first",
        lambda result: (
            result["most_a_second_in_a_channel"] == 1 and result["failures_first"] and _exact(result)
        ),
    ),
    "burst": ("readable within 30 s", lambda result: result["readable_after_s"] <= 30 and _exact(result)),
    "locked database": ("survives, all is told", lambda result: result["survived"] and _exact(result)),
    "full disk": ("all is told when there is room", lambda result: result["came_to_rest"] and _exact(result)),
    "torn log": (
        "starts, and the file is sound",
        lambda result: result["started"] == result["sound"] == result["times"],
    ),
    "a day": (
        "what an independent model says, and the same trace again",
        lambda result: not result["wrong"] and result["same_trace"],
    ),
    "commands": (
        "each acknowledged in 3 s",
        lambda result: result["acknowledged"] == result["commands"] and result["slowest_s"] <= 3,
    ),
}
HIDDEN = {"details", "error", "wrong", "took_s", "seconds", "slack_faults", "oms_faults"}


def table(results: Mapping[str, Result]) -> tuple[str, bool]:
    """The results as a table in Markdown, and whether all are as they must be."""
    rows = ["| experiment | must be | was | in s | |", "|---|---|---|---|---|"]
    all_good = True
    for name, result in results.items():
        demand, check = DEMANDS[name]
        good = "error" not in result and check(result)
        all_good &= good
        was = ", ".join(f"{key} {_shown(value)}" for key, value in result.items() if key not in HIDDEN)
        verdict = "holds" if good else "**does not hold**"
        rows.append(f"| {name} | {demand} | {was} | {result['took_s']} | {verdict} |")
    return "\n".join(rows) + "\n", all_good


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{key} {one}" for key, one in value.items())
    return str(value)
