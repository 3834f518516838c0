"""What is done once a night: samples are thinned, and what is old and over is deleted.

The night's work is parted into pieces, each with a row in `job_runs` that is written by the transaction which
ends it: of several replicas one does a piece, a kill loses nothing, and a bot that was down at night does it
on its return.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.engine import Database, transact
from omsbot.db.stores import job_runs, samples
from omsbot.db.upkeep import retention
from omsbot.domain.project.samples import HOUR_MS

log = logging.getLogger(__name__)

JOB = "upkeep"
NIGHT_MS = 3 * HOUR_MS  # a day's work begins at 03:00 UTC
PIECES_PER_PASS = 100  # a pass has to end in time; the next goes on
ALL = "all"


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a night's work: `run` does up to `most` rows of it in a transaction, and says how many."""

    name: str
    most: int
    run: Callable[[Connection], Awaitable[int]]


class Upkeep:
    def __init__(self, database: Database, *, retention_ms: int, clock: Callable[[], int]) -> None:
        self._database = database
        self._retention_ms = retention_ms
        self._clock = clock

    async def run(self) -> int:
        """One pass: do what is left of the night, or part of it; returns how many rows were deleted."""
        night = night_of(self._clock())
        deleted = transactions = 0
        for piece in await self._left(night):
            more = True
            while more:
                if transactions == PIECES_PER_PASS:
                    return deleted
                number, more = await self._do(piece, night)
                deleted += number
                transactions += 1
        return deleted

    async def _left(self, night: str) -> list[Piece]:
        """What nobody has done this night; its last piece says that there is no more."""
        async with self._database.read() as conn:
            if await job_runs.done(conn, JOB, [f"{night} {ALL}"]):
                return []
            thinning = map(self._thinning, await samples.sampled(conn))
            pieces = [*map(self._deletion, retention.RULES), *thinning, self._end(night)]
            done = await job_runs.done(conn, JOB, [f"{night} {piece.name}" for piece in pieces])
        return [piece for piece in pieces if f"{night} {piece.name}" not in done]

    def _deletion(self, name: str) -> Piece:
        async def run(conn: Connection) -> int:
            return await retention.RULES[name](conn, self._clock() - self._retention_ms, retention.ROWS)

        return Piece(name, retention.ROWS, run)

    def _thinning(self, project_id: int) -> Piece:
        async def run(conn: Connection) -> int:
            return await samples.thin(conn, project_id, now=self._clock())

        return Piece(f"samples {project_id}", samples.THIN_LIMIT, run)

    def _end(self, night: str) -> Piece:
        async def run(_conn: Connection) -> int:
            log.info("the upkeep of this night is done", extra={"night": night})
            return 0

        return Piece(ALL, 1, run)

    async def _do(self, piece: Piece, night: str) -> tuple[int, bool]:
        """Do a piece, or the next part of it; returns the number of rows and whether there is more."""
        period = f"{night} {piece.name}"

        async def work(conn: Connection) -> tuple[int, bool]:
            if not await job_runs.claim(conn, JOB, period, now=self._clock()):
                return 0, False
            number = await piece.run(conn)
            if number >= piece.most:
                await job_runs.release(conn, JOB, period)
            return number, number >= piece.most

        return await transact(self._database, work, slow=True)


def night_of(now: int) -> str:
    """The night that a time (ms) belongs to, as a date: it lasts from 03:00 UTC to the next."""
    return datetime.fromtimestamp((now - NIGHT_MS) // 1000, UTC).date().isoformat()
