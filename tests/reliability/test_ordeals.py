"""Short forms of what a machine does to the process; `make reliability` runs them at full size."""

from pathlib import Path

from tests.reliability.ordeals import commands


async def test_a_burst_of_commands_is_acknowledged_in_time(tmp_path: Path) -> None:
    result = await commands(tmp_path, number=100)
    assert result["acknowledged"] == result["commands"], result
