"""A database in which so many projects are followed already: each with a snapshot and a card."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

from benchmarks.standins.answers import body, prepare
from omsbot.db.codec import dump_snapshot
from omsbot.db.engine.engine import Database
from omsbot.db.engine.migrations import upgrade
from omsbot.db.schema import channels, latest, posts, projects, subscriptions
from omsbot.oms.wire import steps_in
from omsbot.oms.wire.answer import Answer

SERVER = "default"
CARD = json.dumps({"text": "A card. " + "x" * 400, "blocks": []})


def oms_id(number: int) -> str:
    return f"np_{number:05}"


async def sqlite(file: Path, number: int, *, places: int = 50, interval_s: float = 10) -> str:
    """A new SQLite file with so many projects in so many channels; its URL."""
    _remove(file)
    url = f"sqlite:///{file}"
    await fill(url, number, places=places, interval_s=interval_s)
    return url


def _remove(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    for suffix in ("", "-wal", "-shm", ".lock"):
        Path(f"{file}{suffix}").unlink(missing_ok=True)


async def fill(url: str, number: int, *, places: int = 50, interval_s: float = 10) -> None:
    """Bring an empty database up to date and follow projects in it; their polls are spread evenly."""
    await upgrade(url)
    database = Database(url)
    await database.open()
    now = time.time_ns() // 1_000_000
    try:
        async with database.write() as conn:
            await _insert(conn, channels, [_channel(place) for place in range(min(places, number))])
            snapshot = _snapshot(now)
            pause = interval_s * 1000 / number
            await _insert(conn, projects, [_project(one, now, int(one * pause)) for one in range(number)])
            ids = [row.id for row in await conn.execute(select(projects.c.id).order_by(projects.c.id))]
            await _insert(conn, latest, [{"project_id": one, "snapshot": snapshot} for one in ids])
            await _insert(
                conn,
                subscriptions,
                [_subscription(one, f"C{place % places}", now) for place, one in enumerate(ids)],
            )
            rows = await conn.execute(
                select(subscriptions.c.id, subscriptions.c.channel_id).order_by(subscriptions.c.id)
            )
            cards = [_card(row.id, row.channel_id, now) for row in rows]
            await _insert(conn, posts, cards)
            made = await conn.execute(select(posts.c.id, posts.c.subscription_id))
            for row in made.all():
                await conn.execute(
                    subscriptions.update()
                    .where(subscriptions.c.id == row.subscription_id)
                    .values(card_post_id=row.id)
                )
    finally:
        await database.close()


async def _insert(conn: Any, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), 500):
        await conn.execute(table.insert(), rows[start : start + 500])


def _snapshot(now: int) -> str:
    answer = Answer(
        body=body(prepare()[0][0], 1),
        status=200,
        content_type="application/json",
        observed_at=now,
        server_at=now,
        location=None,
        retry_after=None,
    )
    return dump_snapshot(steps_in(answer))


def _channel(place: int) -> dict[str, Any]:
    return {"id": f"C{place}", "team_id": "T1", "state": "active", "attempts": 0}


def _project(number: int, now: int, due_ms: int) -> dict[str, Any]:
    return {
        "server": SERVER,
        "oms_id": oms_id(number),
        "state": "followed",
        "observed_at": now,
        "version": 1,
        "troubled": 0,
        "next_poll_at": now + due_ms,
    }


def _subscription(project_id: int, channel_id: str, now: int) -> dict[str, Any]:
    return {
        "channel_id": channel_id,
        "subject": f"p:{project_id}",
        "level": "all",
        "state": "active",
        "created_by": "U1",
        "created_at": now,
        "attempts": 0,
        "retry_at": 0,
        "plain": 0,
    }


def _card(subscription_id: int, channel_id: str, now: int) -> dict[str, Any]:
    return {
        "uuid": f"card-{subscription_id}",
        "channel_id": channel_id,
        "subscription_id": subscription_id,
        "kind": "card",
        "broadcast": 0,
        "body": CARD,
        "state": "sent",
        "attempt": 1,
        "started_at": now,
        "looks": 0,
        "ts": f"{now // 1000}.{subscription_id:06}",
        "shown_hash": "",
        "dirty": 0,
        "edited_at": now,
    }
