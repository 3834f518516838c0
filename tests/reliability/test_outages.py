"""Short forms of outages and bursts; `make reliability` runs them at full size."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.reliability.outages import app_wide_limit, burst, oms_down, slack_down
from tests.reliability.world import World, opened

NOTHING_WRONG = {"lost": 0, "double": 0, "out_of_order": 0}


@pytest.fixture
async def world(quick_file: Path, quiet_log: None) -> AsyncIterator[World]:
    async with opened(quick_file) as made:
        yield made


async def test_many_failures_at_once_are_readable_within_seconds(world: World) -> None:
    result = await burst(world, projects=120)
    assert result["readable_after_s"] <= 4, result
    assert NOTHING_WRONG.items() <= result.items(), result


async def test_after_an_outage_of_slack_comes_no_flood_and_failures_come_first(world: World) -> None:
    result = await slack_down(world, projects=7, places=2, changes=4)
    assert result["most_a_second_in_a_channel"] == 1, result
    assert result["most_a_second_in_all"] <= app_wide_limit(), result
    assert result["failures_first"], result
    assert result["collapsed"] > 0, result
    assert NOTHING_WRONG.items() <= result.items(), result


async def test_an_outage_of_oms_is_told_once_a_channel_and_ends_without_a_stampede(world: World) -> None:
    result = await oms_down(world, projects=20, places=2, pace_s=10)
    assert result["events"] == {"server_unreachable": 1, "server_back": 1}, result
    assert result["notices_a_channel"] == 1, result
    assert result["asked_in_the_last_half_hour_down"] <= 10, result
