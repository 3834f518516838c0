"""Work in the background."""

import asyncio
import logging

import pytest

from omsbot.services.tasks import Tasks


async def test_a_shutdown_waits_for_what_runs() -> None:
    tasks, go, done = Tasks(), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        await go.wait()
        done.set()

    tasks.spawn(work())
    assert len(tasks) == 1
    draining = asyncio.create_task(tasks.drain(20))
    await asyncio.sleep(0)
    go.set()
    await draining

    assert done.is_set()
    assert len(tasks) == 0


async def test_what_is_left_after_a_while_is_cancelled_and_may_clean_up() -> None:
    tasks, cleaned = Tasks(), asyncio.Event()

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.set()

    tasks.spawn(hang())
    await tasks.drain(0.01)

    assert cleaned.is_set()
    assert len(tasks) == 0


async def test_after_a_shutdown_nothing_starts() -> None:
    tasks, begun = Tasks(), asyncio.Event()

    async def work() -> None:
        begun.set()

    await tasks.drain(0)
    tasks.spawn(work())
    await asyncio.sleep(0)

    assert not begun.is_set()


async def test_an_exception_ends_one_task_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    tasks, done = Tasks(), asyncio.Event()

    async def fail() -> None:
        raise ValueError("the reason")

    async def work() -> None:
        done.set()

    with caplog.at_level(logging.ERROR):
        tasks.spawn(fail())
        tasks.spawn(work())
        await tasks.drain(20)

    assert done.is_set()
    assert "a background task failed" in caplog.text
    assert "the reason" in caplog.text
