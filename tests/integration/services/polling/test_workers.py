"""The same work for many things, so many at a time."""

import asyncio

import pytest

from omsbot.services.polling.workers import Workers
from omsbot.services.tasks import Tasks
from tests.waiting import idle


async def test_all_is_done_by_so_many_side_by_side() -> None:
    tasks, done, working, most = Tasks(), [], 0, 0

    async def work(one: int) -> None:
        nonlocal working, most
        working += 1
        most = max(most, working)
        await asyncio.sleep(0)
        working -= 1
        done.append(one)

    workers = Workers(tasks, work, most=3)
    for one in range(10):
        workers.put(one)
    await idle(tasks)
    workers.put(10)
    await idle(tasks)

    assert sorted(done) == list(range(11))
    assert most == 3


async def test_what_is_put_first_is_begun_before_all_that_waits() -> None:
    tasks, done = Tasks(), []

    async def work(one: int) -> None:
        done.append(one)

    workers = Workers(tasks, work, most=1)
    for one in range(3):
        workers.put(one)
    workers.put(9, first=True)
    await idle(tasks)

    assert done == [9, 0, 1, 2]


async def test_work_that_fails_is_logged_and_ends_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    tasks, done = Tasks(), []

    async def work(one: int) -> None:
        if one == 1:
            raise ValueError("nonsense")
        done.append(one)

    workers = Workers(tasks, work, most=1)
    for one in range(3):
        workers.put(one)
    await idle(tasks)

    assert done == [0, 2]
    assert "a piece of work failed" in caplog.text


async def test_nothing_begins_after_the_end_of_the_tasks() -> None:
    tasks, begun = Tasks(), []

    async def work(one: int) -> None:
        begun.append(one)
        await asyncio.Event().wait()

    workers = Workers(tasks, work, most=1)
    workers.put(0)
    workers.put(1)
    await tasks.drain(0)
    workers.put(2)
    await asyncio.sleep(0)

    assert begun == [0]
    assert len(tasks) == 0
