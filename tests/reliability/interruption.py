"""Where a process can die: before and after each commit and each call to Slack.

The bot knows nothing of this. Its collaborators are wrapped: the database around each commit, Slack around
each call. What dies is dead: nothing that the old objects still try has any effect.
"""

import asyncio
from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    CRASH = "crash"
    EXCEPTION = "exception"
    CANCELLATION = "cancellation"


class Side(StrEnum):
    BEFORE = "before"
    AFTER = "after"


class KilledError(BaseException):
    """Ends a process as kill -9 does: nothing in the bot catches it."""


class BrokenError(Exception):
    """An error that nobody foresaw."""


@dataclass(frozen=True, slots=True)
class Failpoint:
    """The `number`-th step of a run, and what happens there."""

    number: int
    side: Side
    mode: Mode


class Interrupter:
    """Counts the steps that a run takes, names them, and interrupts at one of them."""

    def __init__(self, at: Failpoint | None = None) -> None:
        self._at = at
        self.steps: list[str] = []
        self.doing = ""  # the pass that runs; nothing is counted before the first
        self.dead = False
        self.struck = False

    async def before(self, name: str) -> None:
        if self.dead:
            raise KilledError
        if self.doing:
            self.steps.append(f"{self.doing}: {name}")
            await self._strike(len(self.steps) - 1, Side.BEFORE)

    async def after(self, name: str) -> None:
        if self.dead:
            raise KilledError
        if self.doing:
            number = max(index for index, step in enumerate(self.steps) if step.endswith(f": {name}"))
            await self._strike(number, Side.AFTER)

    async def _strike(self, number: int, side: Side) -> None:
        if self.struck or self._at is None or (number, side) != (self._at.number, self._at.side):
            return
        self.struck = True
        match self._at.mode:
            case Mode.CRASH:
                self.dead = True
                raise KilledError
            case Mode.EXCEPTION:
                raise BrokenError(f"{self.steps[number]}, {side}")
            case Mode.CANCELLATION:
                task = asyncio.current_task()
                assert task is not None
                task.cancel()
                await asyncio.sleep(0)
