"""Poll, tell, settle, edit, mute, kill and time in any order: nothing lost, nothing double, nothing stuck.

There are 2,000 walks in all, which take a minute or two; `OMSBOT_TEST_WALKS` says otherwise.
"""

import asyncio
import os
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.reliability.exploring import explore
from tests.reliability.machine import Running
from tests.reliability.world import World, opened

WALKS = int(os.environ.get("OMSBOT_TEST_WALKS", "2000"))
PARTS = 8  # tests, so that the workers share the walks


@pytest.fixture
def running() -> Iterator[Running]:
    with asyncio.Runner() as runner:
        yield runner.run


@pytest.fixture
def world(quick_file: Path, quiet_log: None, running: Running) -> Iterator[World]:
    stack = AsyncExitStack()
    yield running(stack.enter_async_context(opened(quick_file)))
    running(stack.aclose())


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_happens_in_any_order_each_event_is_told_once(
    part: int, world: World, running: Running
) -> None:
    explore(world, running, runs=WALKS // PARTS, start=part)
