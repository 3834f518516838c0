"""A thousand failures at once in one channel, under Slack's limit of one message a second."""

import asyncio
import re
import shutil
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass

from benchmarks import seed
from benchmarks.bot import bot
from benchmarks.children import ROOT, oms, post, slack
from benchmarks.prometheus import ALERTMANAGER, alert, alertmanager
from benchmarks.result import Result, Row, Scale, at_most

ID = re.compile(r"np_\d{5}")
READABLE_S = 30


@dataclass(frozen=True, slots=True)
class Told:
    """What a channel shows at the end."""

    readable: int
    after_s: float
    messages: int
    double: int


async def measure(scale: Scale) -> Result:
    """The bot and two Alertmanagers side by side, each in a channel of its own, for the same time."""
    projects, patience_s = scale.of(1_000, 30), scale.of(45, 6)
    async with AsyncExitStack() as stack:
        url, talk = await stack.enter_async_context(oms()), await stack.enter_async_context(slack())
        await post(f"{url}/control", {"moved": 0})
        database = await seed.sqlite(ROOT / "build" / "bench" / "bursts.db", projects, places=1, interval_s=2)
        await stack.enter_async_context(bot(database=database, oms=url, slack=talk, interval_s=2))
        managers = {}
        if shutil.which(ALERTMANAGER):
            for place, group_by in (("alone", "..."), ("grouped", "alertname")):
                managers[place] = await stack.enter_async_context(
                    alertmanager(f"{talk}/hook/{place}", group_by=group_by)
                )
        await asyncio.sleep(scale.of(5, 2))
        await post(f"{talk}/control/log", {"forget": True})
        ids = [seed.oms_id(one) for one in range(projects)]
        began = time.time()
        await post(f"{url}/control", {"fail": ids})
        for manager in managers.values():
            await post(f"{manager.url}/api/v2/alerts", [alert(one) for one in ids])
        await asyncio.sleep(patience_s)
        log = await post(f"{talk}/control/log", {})
    told = {place: _told(log["said"], place, began) for place in ("C0", *managers)}
    ours = told["C0"]
    rows = [
        at_most(Row("bot: the last failure is readable after", _all_after(ours, projects), "s"), READABLE_S),
        Row("bot: messages", ours.messages, ""),
        at_most(Row(f"bot: not readable after {patience_s} s", projects - ours.readable, ""), 0, "0"),
        at_most(Row("bot: double", ours.double, ""), 0, "0"),
        Row("refused with 429 meanwhile, of all three", log["refused"], ""),
    ]
    for place, words in (("alone", "Alertmanager, a message an alert"), ("grouped", "Alertmanager, grouped")):
        if place in told:
            rows += _beside(words, told[place], projects, patience_s)
    notes = [
        f"{projects:,} projects fail at their next poll, within 2 s.",
        f"The channel is read {patience_s} s later.",
        "A failure is readable once a message names its project.",
        "Alertmanager's text names every project by a template; where Slack cuts a text is left aside.",
    ]
    if not managers:
        notes[-1] = "Alertmanager is not installed here: left out."
    return Result(f"A burst: {projects:,} failures at once in one channel", rows, notes)


def _all_after(told: Told, projects: int) -> float:
    """When the last failure could be read; for ever where one could not."""
    return told.after_s if told.readable == projects else float("inf")


def _beside(words: str, told: Told, projects: int, patience_s: int) -> list[Row]:
    return [
        Row(f"{words}: readable after {patience_s} s", told.readable, f"of {projects:,}"),
        Row(f"{words}: messages", told.messages, ""),
        Row(f"{words}: the last of these after", told.after_s, "s"),
    ]


def _told(said: list[dict[str, str | float]], place: str, began: float) -> Told:
    seen: Counter[str] = Counter()
    last, messages = began, 0
    for one in said:
        if one["channel"] != place:
            continue
        messages += 1
        fresh = set(ID.findall(str(one["text"])))
        if fresh - seen.keys():
            last = float(one["at"])
        seen.update(fresh)
    return Told(len(seen), last - began, messages, sum(number > 1 for number in seen.values()))
