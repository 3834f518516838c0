"""The short form of the kills; `make reliability` runs the long one."""

from pathlib import Path

import pytest

from tests.reliability.kills import kill_often


@pytest.mark.timeout(600)  # real processes start four times, and Slack's history is looked at in real time
async def test_a_few_kills_among_faults_lose_and_double_nothing(tmp_path: Path) -> None:
    result = await kill_often(tmp_path, kills=3, transitions=20, seed=3, pause_s=0.1)
    assert (result.lost, result.double, result.out_of_order, result.stuck) == (0, 0, 0, 0), result
