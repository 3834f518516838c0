"""Poll, tell, settle, edit, mute, kill and time in any order: nothing lost, nothing double, nothing stuck."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.reliability.exploring import explore
from tests.reliability.machine import Running
from tests.reliability.world import World, opened

RUNS = 30


@pytest.fixture
def running() -> Iterator[Running]:
    with asyncio.Runner() as runner:
        yield runner.run


@pytest.fixture
def world(quick_file: Path, quiet_log: None, running: Running) -> Iterator[World]:
    stack = AsyncExitStack()
    yield running(stack.enter_async_context(opened(quick_file)))
    running(stack.aclose())


def test_whatever_happens_in_any_order_each_event_is_told_once(world: World, running: Running) -> None:
    explore(world, running, runs=RUNS, seeded=True)
