"""What the outcome of a call to Slack says of later calls: pauses of a channel, of a method, of the app."""

import logging
from collections.abc import Mapping
from functools import partial

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.engine import Database, transact
from omsbot.db.stores import channels, limits, outbox
from omsbot.domain.notify.delivery import NotSent, Outcome, Rejected, RejectionScope, Sent, Unknown
from omsbot.domain.notify.slack_limits import APP_WIDE, DOWN_AFTER, EDIT

log = logging.getLogger(__name__)

OUTCOME_LABELS = {Sent: "sent", NotSent: "not_sent", Unknown: "unknown", Rejected: "rejected"}
INSTALLATION_PAUSE_MS = 15_000  # after Slack refused the installation as a whole
CHANNEL_PROBE_STEPS_MS = (60_000, 300_000, 900_000, 3_600_000)
NEXT_LOOK_MS = 5_000
REFUSED_LOOK_MS = 60_000
# Slack will never let this installation look: what nobody can find is sent again, and says so
NO_LOOK = {
    "missing_scope",
    "not_allowed_token_type",
    "unknown_method",
    "method_not_supported_for_channel_type",
}


async def note_health(conn: Connection, method: str, outcome: Outcome, now: int) -> None:
    """Count the calls that Slack did not answer: when it is down, one probe at a time goes out."""
    if isinstance(outcome, Unknown) or (isinstance(outcome, NotSent) and not outcome.limited):
        if await limits.failed(conn, method, now=now) == DOWN_AFTER:
            extra = {"method": method, "error": outcome.error}
            log.error("Slack is taken as down: one probe at a time", extra=extra)
    elif await limits.answered(conn, method):
        await outbox.retry_at_once(conn, now=now)


async def hold_back(conn: Connection, method: str, channel_id: str, outcome: Outcome, now: int) -> bool:
    """Let rest what a failed post or edit says is to rest; False where it says something of itself alone."""
    match outcome:
        case NotSent(limited=True, retry_after_s=after):
            limited = APP_WIDE if method == EDIT else channel_id
            await limits.block(conn, method, limited, until=now + _pause_ms(after), now=now)
        case Rejected(scope=RejectionScope.CHANNEL, error=error):
            await _pause_channel(conn, channel_id, error, now)
        case Rejected(scope=RejectionScope.INSTALLATION, error=error):
            log.error("Slack refuses the installation", extra={"error": error})
            await limits.block_all(conn, method, until=now + INSTALLATION_PAUSE_MS)
        case _:
            return False
    return True


async def hold_back_looks(
    database: Database, method: str, found: Mapping[str, Sent] | Outcome, now: int
) -> None:
    """Hold back all looks by a method that was answered with a 429, and nothing else."""
    if isinstance(found, NotSent) and found.limited:
        until = now + _pause_ms(found.retry_after_s)
        await transact(database, partial(limits.block_all, method=method, until=until))


def can_never_look(found: Mapping[str, Sent] | Outcome) -> bool:
    """Whether looking again is of no use, because Slack does not let this installation look there."""
    return isinstance(found, Rejected) and found.error in NO_LOOK


def pause_after_look_ms(failure: Outcome) -> int:
    """How long to wait after a look that was none, in ms."""
    if isinstance(failure, NotSent) and failure.retry_after_s is not None:
        return int(failure.retry_after_s * 1000)
    return REFUSED_LOOK_MS if isinstance(failure, Rejected) else NEXT_LOOK_MS


async def _pause_channel(conn: Connection, channel_id: str, error: str, now: int) -> None:
    """Let a channel that Slack refuses rest, the longer the more often it was refused in a row."""
    tries = await channels.attempts(conn, channel_id)
    pause = CHANNEL_PROBE_STEPS_MS[min(tries, len(CHANNEL_PROBE_STEPS_MS) - 1)]
    await channels.pause(conn, channel_id, error, probe_at=now + pause)


def _pause_ms(retry_after_s: float | None) -> int:
    return int((retry_after_s or 1) * 1000)
