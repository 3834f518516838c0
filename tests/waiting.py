"""Waiting for what runs in the background."""

import asyncio

from omsbot.services.tasks import Tasks


async def idle(tasks: Tasks) -> None:
    """Wait until nothing runs any more, also what was begun meanwhile."""
    while len(tasks):
        await asyncio.wait(set(tasks._running))
