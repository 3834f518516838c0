"""Whatever dies at whichever step, and whatever Slack answered: each event is told exactly once.

Here every kind of step has its turn, on each side of it, with every way to be interrupted and every answer of
Slack; `make reliability` plays all steps of a kind.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.reliability.failpoints import sweep
from tests.reliability.slack import Reply
from tests.reliability.stories import CARD, NEWS, OVERVIEW, Story
from tests.reliability.world import World, opened


@pytest.fixture
async def world(quick_file: Path, quiet_log: None) -> AsyncIterator[World]:
    async with opened(quick_file) as made:
        yield made


@pytest.mark.timeout(600)
@pytest.mark.parametrize("reply", Reply)
@pytest.mark.parametrize("story", [NEWS, CARD], ids=lambda story: story.name)
async def test_each_event_is_told_exactly_once_wherever_the_bot_is_interrupted(
    story: Story, reply: Reply, world: World
) -> None:
    found = await sweep(story, reply, world)
    assert not found.wrong


@pytest.mark.timeout(600)
@pytest.mark.parametrize("reply", [Reply.LOST_BEFORE, Reply.LOST_AFTER])
async def test_the_news_of_many_projects_in_one_message_is_told_exactly_once_too(
    reply: Reply, world: World
) -> None:
    found = await sweep(OVERVIEW, reply, world)
    assert not found.wrong
