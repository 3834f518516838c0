"""What was told, judged from outside: messages in Slack against what the polls saw."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PENDING = """
SELECT d.id, d.not_before FROM deliveries d WHERE d.state = 'pending' AND d.not_before <= :now
"""
UNSETTLED = "SELECT uuid, state, due_at FROM posts WHERE state IN ('sending', 'unknown')"
DELIVERIES = """
SELECT d.id, d.state, d.reason, d.subscription_id, e.kind, e.version
FROM deliveries d JOIN events e ON e.id = d.event_id
"""
CARDS = """
SELECT p.ts, p.shown_hash, p.dirty FROM posts p JOIN subscriptions s ON s.card_post_id = p.id
WHERE s.state = 'active' AND p.state = 'sent'
"""
# a card whose content Slack refused, as plain text too, is tried anew with the next news
CARDLESS = """
SELECT s.id FROM subscriptions s WHERE s.state = 'active' AND s.subject LIKE 'p:%' AND NOT EXISTS (
    SELECT 1 FROM posts p WHERE p.id = s.card_post_id AND p.state IN ('sent', 'failed'))
"""
STREAMS = "SELECT id, post_id FROM subscriptions WHERE post_id IS NOT NULL"
NEXT = """
SELECT due_at FROM posts WHERE due_at IS NOT NULL
UNION ALL SELECT blocked_until FROM limits
UNION ALL SELECT next_at FROM limits
UNION ALL SELECT probe_at FROM channels WHERE probe_at IS NOT NULL
UNION ALL SELECT retry_at FROM subscriptions WHERE state = 'active'
UNION ALL SELECT not_before FROM deliveries WHERE state = 'pending'
UNION ALL SELECT edited_at + 3000 FROM posts WHERE dirty > 0
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """A message that a person sees: when (a place in Slack's order), and which deliveries it tells."""

    order: str
    tells: tuple[int, ...]


@dataclass(slots=True)
class Verdict:
    """What is wrong; all empty is a pass."""

    lost: list[str] = field(default_factory=list)
    double: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not (self.lost or self.double or self.out_of_order or self.stuck)

    @property
    def counts(self) -> Mapping[str, int]:
        return {
            "lost": len(self.lost),
            "double": len(self.double),
            "out_of_order": len(self.out_of_order),
            "stuck": len(self.stuck),
        }


class Ledger:
    """Reads a SQLite database beside the bot, by its own connection."""

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)

    def close(self) -> None:
        self._connection.close()

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(query, values).fetchall()

    def tells(self, uuid: str) -> tuple[int, ...]:
        """The deliveries that a post carries at this moment."""
        query = "SELECT d.id FROM deliveries d JOIN posts p ON p.id = d.post_id WHERE p.uuid = :uuid"
        return tuple(row[0] for row in self.rows(query, uuid=uuid))

    def next_due(self, now: int) -> int | None:
        """When something is due next, after now (ms)."""
        return min((row[0] for row in self.rows(NEXT) if row[0] > now), default=None)

    def kinds(self) -> list[str]:
        return [row[0] for row in self.rows("SELECT kind FROM events ORDER BY subject, version, ordinal")]

    def unsettled(self, now: int) -> list[str]:
        """What still has to happen, in words; empty where all is told and settled."""
        waiting = [f"delivery {row[0]} waits" for row in self.rows(PENDING, now=now)]
        waiting += [f"post {row[0]} is {row[1]}" for row in self.rows(UNSETTLED)]
        waiting += [f"stream {row[0]} has no card" for row in self.rows(CARDLESS)]
        waiting += [f"the card {row[0]} is out of date" for row in self.rows(CARDS) if row[2] > 0]
        waiting += [f"stream {row[0]} is held by post {row[1]}" for row in self.rows(STREAMS)]
        twins = self.rows("SELECT uuid FROM posts WHERE state = 'dissolved' AND due_at IS NOT NULL")
        return waiting + [f"post {row[0]} may have a twin" for row in twins]

    def card_hashes(self) -> dict[str, str | None]:
        """What each card should show, by its Slack timestamp."""
        return {row[0]: row[1] for row in self.rows(CARDS)}

    def verdict(self, shown: Iterable[Shown], now: int) -> Verdict:
        """Judge what is in Slack by what the database says was to be told."""
        messages = list(shown)
        times = Counter(delivery for message in messages for delivery in message.tells)
        verdict = Verdict(stuck=self.unsettled(now))
        streams: dict[int, dict[int, int]] = defaultdict(dict)
        for number, state, reason, stream, kind, version in self.rows(DELIVERIES):
            streams[stream][number] = version
            name = f"delivery {number} ({kind}, {state}, {reason})"
            if state == "told" and not times[number]:
                verdict.lost.append(name)
            if times[number] > 1:
                verdict.double.append(f"{name} x{times[number]}")
        verdict.out_of_order = [
            text for versions in streams.values() for text in _disorder(versions, messages)
        ]
        return verdict


def _disorder(versions: Mapping[int, int], messages: Sequence[Shown]) -> list[str]:
    """Where a later message of one stream tells something older than an earlier one did."""
    newest, found = 0, []
    for message in sorted(messages, key=lambda one: one.order):
        told = [versions[number] for number in message.tells if number in versions]
        if told and min(told) < newest:
            found.append(f"version {min(told)} after {newest}")
        newest = max([newest, *told])
    return found
