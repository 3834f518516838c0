"""What a person is told when a request fails: a refusal as it is, anything else by an id in the log."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from omsbot.bot import texts
from omsbot.bot.replies import Reply
from omsbot.services.refusal import Refusal

log = logging.getLogger(__name__)

ANSWER_TIMEOUT_S = 25.0


async def attend(work: Callable[[], Awaitable[None]], reply: Reply, new_id: Callable[[], str]) -> None:
    """Do what a person asked for within `ANSWER_TIMEOUT_S`; tell them where it fails."""
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            await work()
    except Exception as error:  # noqa: BLE001 - a person waits for an answer, whatever it is
        await reply.privately(texts.refused([(None, explain(error, new_id))]))


def explain(error: Exception, new_id: Callable[[], str]) -> Refusal:
    """An error in words for the one who asked; what is not a refusal is logged with its traceback."""
    if isinstance(error, Refusal):
        return error
    error_id = new_id()[:8]
    log.error("a request failed", extra={"error_id": error_id}, exc_info=error)
    if isinstance(error, TimeoutError):
        return Refusal(f"This took too long (error id {error_id}).", "Try again in a minute.")
    return Refusal(
        f"Something went wrong (error id {error_id}).",
        "Try again; an operator finds the id in the bot's log.",
    )
