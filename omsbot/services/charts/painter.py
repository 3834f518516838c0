"""Drawing a chart in a process that lives as long as it draws.

The drawing library takes more memory than the whole bot, and draws without giving way: in its own process
it costs the bot neither.
"""

import asyncio
import sys
from collections.abc import Mapping, Sequence

from omsbot.domain.reports.chart import Picture

PATIENCE_S = 120.0  # drawing takes a second; on a busy machine, and while it looks for its fonts, a minute
WAITING_MOST = 8
COMMAND = (sys.executable, "-P", "-m", "omsbot.chart")
PNG = b"\x89PNG\r\n\x1a\n"

# all that drawing needs: no token and no password goes to another process
NEEDED = ("HOME", "LANG", "LD_LIBRARY_PATH", "MPLCONFIGDIR", "PATH", "PYTHONPATH", "TMPDIR", "XDG_CACHE_HOME")


class PaintingFailed(Exception):  # noqa: N818 - says what happened, as the other problems do
    """There is no chart, for a reason that a person is told."""


class Painter:
    """Draws one chart at a time; those that wait behind it are few."""

    def __init__(
        self,
        environment: Mapping[str, str],
        *,
        command: Sequence[str] = COMMAND,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._environment = {name: environment[name] for name in NEEDED if name in environment}
        self._command = command
        self._patience_s = patience_s
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def paint(self, picture: Picture) -> bytes:
        """Return the PNG; raises PaintingFailed."""
        if self._waiting >= WAITING_MOST:
            raise PaintingFailed("too many charts are being drawn just now")
        self._waiting += 1
        try:
            async with self._turn:
                return await self._paint(picture.as_json().encode())
        finally:
            self._waiting -= 1

    async def _paint(self, request: bytes) -> bytes:
        pipe = asyncio.subprocess.PIPE
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command, stdin=pipe, stdout=pipe, stderr=pipe, env=self._environment
            )
        except OSError as error:
            raise PaintingFailed(f"the drawing process could not be started ({error.strerror})") from error
        try:
            async with asyncio.timeout(self._patience_s):
                png, complaint = await process.communicate(request)
        except TimeoutError:
            raise PaintingFailed(f"drawing took longer than {self._patience_s:g} s") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode != 0 or not png.startswith(PNG):
            raise PaintingFailed("the drawing process failed") from RuntimeError(complaint.decode()[-2_000:])
        return png
