"""Drawing in a process of its own: a real one, and ones that go wrong."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from omsbot.domain.reports.chart import Curve, Measure, Picture
from omsbot.services.charts.painter import PNG, WAITING_MOST, Painter, PaintingFailed
from tests.builders import NOW

PICTURE = Picture("np_a1b2", (Curve("Full migration", Measure.PROGRESS, ((NOW, 1), (NOW + 60_000, 2))),))


def running(program: str, **how: float) -> Painter:
    """A painter whose process runs this program instead."""
    return Painter(os.environ, command=(sys.executable, "-c", program), **how)


async def test_a_picture_is_drawn_and_this_process_does_not_load_the_library() -> None:
    png = await Painter(os.environ).paint(PICTURE)
    assert png.startswith(PNG)
    program = (
        "import sys, omsbot.app; sys.exit(any(n.startswith(('matplotlib', 'numpy')) for n in sys.modules))"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
    assert await process.wait() == 0


async def test_the_process_gets_no_secret_of_ours(tmp_path: Path) -> None:
    told = tmp_path / "told"
    program = f"import os; open({str(told)!r}, 'w').write(' '.join(os.environ)); print(1)"
    environment = {**os.environ, "SLACK_BOT_TOKEN": "xoxb-1", "OMSBOT_DATABASE_URL": "postgresql://u:p@h/d"}
    painter = Painter(environment, command=(sys.executable, "-c", program))
    with pytest.raises(PaintingFailed):
        await painter.paint(PICTURE)
    names = set(told.read_text().split())
    assert "PATH" in names
    assert not {"SLACK_BOT_TOKEN", "OMSBOT_DATABASE_URL"} & names


FAULTS = {
    "it fails": ("import sys; sys.exit('no font')", "the drawing process failed"),
    "it says something else": ("print('hello')", "the drawing process failed"),
    "it dies at once, unread": ("import os; os.kill(os.getpid(), 9)", "the drawing process failed"),
}


@pytest.mark.parametrize(("program", "said"), FAULTS.values(), ids=FAULTS)
async def test_a_process_that_goes_wrong_is_one_sentence(program: str, said: str) -> None:
    with pytest.raises(PaintingFailed, match=said):
        await running(program).paint(PICTURE)


async def test_a_process_that_cannot_be_started_is_one_sentence() -> None:
    with pytest.raises(PaintingFailed, match="could not be started"):
        await Painter(os.environ, command=("/nowhere/python",)).paint(PICTURE)


def hanging(told: Path) -> str:
    return f"import os, time; open({str(told)!r}, 'w').write(str(os.getpid())); time.sleep(600)"


def written(told: Path) -> str:
    return told.read_text() if told.exists() else ""


async def pid_in(told: Path) -> int:
    for _ in range(3_000):
        if text := written(told):
            return int(text)
        await asyncio.sleep(0.01)
    raise AssertionError("the process never began")


async def test_a_process_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[asyncio.subprocess.Process] = []
    start = asyncio.create_subprocess_exec

    async def noted(*command: Any, **how: Any) -> asyncio.subprocess.Process:
        started.append(await start(*command, **how))
        return started[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", noted)
    with pytest.raises(PaintingFailed, match=r"longer than 0\.2 s"):
        await running(hanging(tmp_path / "pid"), patience_s=0.2).paint(PICTURE)
    assert [one.returncode for one in started] == [-signal.SIGKILL]


async def test_a_shutdown_ends_the_process_too(tmp_path: Path) -> None:
    drawing = asyncio.create_task(running(hanging(tmp_path / "pid")).paint(PICTURE))
    pid = await pid_in(tmp_path / "pid")
    drawing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await drawing
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_only_so_many_wait_for_their_turn_and_one_is_drawn_at_a_time(tmp_path: Path) -> None:
    painter = running(hanging(tmp_path / "pid"))
    waiting = [asyncio.create_task(painter.paint(PICTURE)) for _ in range(WAITING_MOST)]
    await pid_in(tmp_path / "pid")
    with pytest.raises(PaintingFailed, match="too many charts"):
        await painter.paint(PICTURE)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    (tmp_path / "pid").unlink()
    again = asyncio.create_task(painter.paint(PICTURE))
    assert await pid_in(tmp_path / "pid"), "there is room again"
    again.cancel()
    await asyncio.gather(again, return_exceptions=True)
