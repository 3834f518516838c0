"""Waiting for what runs in the background, and how long a test waits before it says that it hangs."""

import asyncio

from omsbot.services.tasks import Tasks

# What comes within a second on an idle machine may take minutes on a busy one; then it is a hang.
PATIENCE_S = 240.0


async def idle(tasks: Tasks) -> None:
    """Wait until nothing runs any more, also what was begun meanwhile."""
    while len(tasks):
        await asyncio.wait(set(tasks._running))
