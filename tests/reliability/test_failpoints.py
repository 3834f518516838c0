"""Whatever dies at whichever step, and whatever Slack answered: each event is told exactly once.

Here is a part of the sweep, drawn so that each side and each way to be interrupted has its turn;
`make reliability` plays all of it.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.reliability.failpoints import sweep
from tests.reliability.slack import Reply
from tests.reliability.stories import CARD, NEWS, OVERVIEW, Story
from tests.reliability.world import World, opened

SOME = 29  # every so many failpoints: prime to the 6 kinds of each step
FEW = 397


@pytest.fixture
async def world(quick_file: Path, quiet_log: None) -> AsyncIterator[World]:
    async with opened(quick_file) as made:
        yield made


@pytest.mark.parametrize("reply", Reply)
@pytest.mark.parametrize("story", [NEWS, CARD], ids=lambda story: story.name)
async def test_each_event_is_told_exactly_once_wherever_the_bot_is_interrupted(
    story: Story, reply: Reply, world: World
) -> None:
    found = await sweep(story, reply, world, every=SOME)
    assert not found.wrong


@pytest.mark.parametrize("reply", [Reply.LIMITED, Reply.LOST_BEFORE, Reply.LOST_AFTER])
async def test_the_news_of_many_projects_in_one_message_is_told_exactly_once_too(
    reply: Reply, world: World
) -> None:
    found = await sweep(OVERVIEW, reply, world, every=FEW)
    assert not found.wrong
