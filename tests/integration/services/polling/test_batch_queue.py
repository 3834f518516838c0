"""Things that are worked off in order, some at a time."""

import asyncio
from collections.abc import Sequence

from omsbot.services.polling.batch_queue import Lane
from omsbot.services.tasks import Tasks
from tests.waiting import PATIENCE_S, idle

HOUR_S = 3600.0


async def test_all_are_taken_in_order_so_many_at_a_time() -> None:
    tasks, taken = Tasks(), []

    async def work(some: Sequence[int]) -> None:
        taken.append(list(some))
        await asyncio.sleep(0)

    lane = Lane(tasks, work, most=4)
    for one in range(10):
        lane.put(one)
    await idle(tasks)
    lane.put(10)
    await idle(tasks)

    assert taken == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9], [10]]


async def test_nobody_is_waited_for_once_the_lane_is_full() -> None:
    tasks, taken, twice = Tasks(), [], asyncio.Event()

    async def work(some: Sequence[int]) -> None:
        taken.append(list(some))
        if len(taken) == 2:
            twice.set()

    lane = Lane(tasks, work, most=3, gather_s=HOUR_S)
    for one in range(2):
        lane.put(one)
    await asyncio.sleep(0)
    assert taken == []
    for one in range(2, 7):
        lane.put(one)
    async with asyncio.timeout(PATIENCE_S):
        await twice.wait()
    assert taken == [[0, 1, 2], [3, 4, 5]]
    await tasks.drain(0)


async def test_others_are_waited_for_a_moment_only() -> None:
    tasks, taken = Tasks(), []

    async def work(some: Sequence[int]) -> None:
        taken.append(list(some))

    lane = Lane(tasks, work, most=3, gather_s=0.001)
    lane.put(0)
    await idle(tasks)

    assert taken == [[0]]
