"""A day of many projects in virtual time tells what an independent model derives from its plan."""

from pathlib import Path

import pytest

from tests.reliability.day.living import differences, live
from tests.reliability.day.model import expected
from tests.reliability.day.plan import draw


@pytest.mark.timeout(300)
async def test_a_day_tells_what_its_plan_says_and_nothing_else(quick_file: Path, quiet_log: None) -> None:
    plan = draw(1, projects=6, servers=2)
    assert differences(expected(plan), await live(plan, quick_file)) == []
