"""Posts claimed and settled with nothing between: Slack takes each at once."""

import itertools
import time
import uuid
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select

from omsbot.db.engine.engine import Database
from omsbot.db.schema import deliveries, subscriptions
from omsbot.domain.notify.delivery import Failure, Outcome, Sent
from omsbot.metrics import Metrics
from omsbot.services.access import Access
from omsbot.services.charts.painter import Painter
from omsbot.services.tasks import Tasks
from omsbot.services.wiring import Choices, Ports, wire
from omsbot.slack.kit.blocks import Message

HOUR_MS = 3_600_000
WARM = 10  # the first of a process prepare their statements


class Taker:
    """Slack without a network."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    async def post(
        self,
        *,
        channel: str,
        message: Message,
        uuid: str,
        thread_ts: str | None = None,
        broadcast: bool = False,
    ) -> Outcome:
        return Sent(f"{time.time():.0f}.{next(self._numbers):06}", thread_ts)

    async def edit(self, *, channel: str, ts: str, message: Message) -> Outcome:
        return Sent(ts)

    async def delete(self, *, channel: str, ts: str) -> Outcome:
        return Sent(ts)

    async def find(
        self, *, channel: str, thread_ts: str | None, since: int, until: int, uuids: Collection[str]
    ) -> Mapping[str, Sent] | Failure:
        return {}

    async def upload(self, **what: Any) -> Outcome:
        return Sent("F1")


async def posts_a_second(address: str, number: int, *, later: int) -> float:
    """Tell what waits in so many streams, one after another, so many hours from now."""
    database = Database(address)
    await database.open()
    moments = itertools.count(time.time_ns() // 1_000_000 + later * HOUR_MS, 3_000)  # no limit is in the way
    metrics = Metrics()

    def clock() -> int:
        return next(moments)

    tasks = Tasks()
    ports = Ports(
        database=database,
        slack=Taker(),
        oms={},
        painter=Painter({}),
        clock=clock,
        timer=lambda: 0.0,
        chance=lambda: 0.5,
        new_id=lambda: str(uuid.uuid4()),
        tasks=tasks,
        polls=tasks,
        metrics=metrics,
        wake=lambda: None,
        wake_in=lambda after_s: None,
    )
    dispatcher = wire(ports, Choices(interval_ms=HOUR_MS, access=Access({}))).dispatcher
    try:
        async with database.read() as conn:
            waiting = (
                select(subscriptions.c.id)
                .join(deliveries, deliveries.c.subscription_id == subscriptions.c.id)
                .where(deliveries.c.state == "pending", subscriptions.c.post_id.is_(None))
                .group_by(subscriptions.c.id)
                .limit(number + WARM)
            )
            streams = list((await conn.execute(waiting)).scalars())
        for one in streams[:WARM]:
            await dispatcher.tell(one)
        began = time.perf_counter()
        told = [await dispatcher.tell(one) for one in streams[WARM:]]
        took = time.perf_counter() - began
    finally:
        await database.close()
    return sum(told) / took
