"""Answers on their way into the database: many share one transaction, and what has news is not gathered.

Most answers say what the last one said, and most of the others bring new figures only. One transaction for
each would cost many times what the question cost, so they are gathered for a moment. An answer whose statuses
are not those of the last one does not wait for them. Where a batch fails, each of its answers gets a try of
its own. Nothing is lost where that fails too: its claim runs out, and the project is asked again.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.engine import Database, transact
from omsbot.db.stores.projects import Claimed
from omsbot.domain.poll_pace import factor
from omsbot.domain.project.diff import outline
from omsbot.domain.project.project import Snapshot
from omsbot.oms.wire import Unchanged
from omsbot.services.polling.batch_queue import Lane
from omsbot.services.polling.observations import Told
from omsbot.services.polling.poll_transaction import Answered, PollTransaction
from omsbot.services.polling.polls_under_way import PollsUnderWay
from omsbot.services.tasks import Tasks

log = logging.getLogger(__name__)

BATCH = 500
NEWS_TOGETHER = 10
NEWS_S = 0.05  # SQLite's writer gives way to nobody between two, and a completion alone takes as long


@dataclass(slots=True)
class Known:
    """What this process stored of a project last: good as long as the row still says the same."""

    digest: int | None
    observed_at: int | None
    version: int
    factor: float
    outline: int


class Intake:
    def __init__(
        self,
        database: Database,
        transaction: PollTransaction,
        under_way: PollsUnderWay,
        *,
        clock: Callable[[], int],
        timer: Callable[[], float],
        tasks: Tasks,
        gather_s: float,
    ) -> None:
        """`timer` is monotonic, in seconds; answers without news are gathered for `gather_s`."""
        self._database = database
        self._transaction = transaction
        self._under_way = under_way
        self._clock = clock
        self._timer = timer
        self._known: dict[int, Known] = {}
        self._quiet = Lane(tasks, self._store_batch, most=BATCH, gather_s=gather_s)
        # on a server, one that holds several projects would be in the way of those that tell of them
        self._news = Lane(tasks, self._store_news, most=NEWS_TOGETHER if database.dialect == "sqlite" else 1)

    def digest(self, project: Claimed) -> int | None:
        """The digest of the stored answer; None where the next answer has to be read in any case."""
        known = self._known.get(project.id)
        if known is None or (known.observed_at, known.version) != (project.observed_at, project.version):
            return None
        due = project.check_at is not None and project.check_at <= self._clock()
        return None if due or project.troubled else known.digest

    def put(self, project: Claimed, answer: Snapshot | Unchanged, *, asked_at: int, ahead: bool) -> None:
        """Have an answer stored, `ahead` of the quiet ones as where its statuses are others than before."""
        known = self._known.get(project.id)
        if isinstance(answer, Snapshot):
            one = Answered(project, asked_at, answer, factor(answer), outline(answer))
        else:
            known = self._known[project.id]
            one = Answered(project, asked_at, answer, known.factor, known.outline)
        news = known is not None and known.outline != one.outline
        (self._news if ahead or news else self._quiet).put(one)

    async def _store_batch(self, batch: Sequence[Answered]) -> None:
        try:
            stored = await transact(self._database, partial(self._transaction.quiet, batch=batch))
        except Exception:
            # one of them may be what cannot be stored: each gets a try of its own
            log.exception("a batch of answers could not be stored", extra={"answers": len(batch)})
            stored = set()
        for one in batch:
            if one.project.id in stored:
                self._remember(one)
                self._stored(one, ())
            elif isinstance(one.answer, Snapshot):
                self._news.put(one)
            else:  # only its times were to be stored: the claim runs out
                self._under_way.let_go(one.project)

    def _stored(self, one: Answered, told: Told) -> None:
        self._under_way.end(one.project, one.asked_at, "ok", told)

    def _remember(self, one: Answered) -> None:
        number, answer = one.project.id, one.answer
        if isinstance(answer, Unchanged):
            self._known[number].observed_at = answer.observed_at
        elif answer.digest is not None:
            self._know(one, answer.digest)

    def _know(self, one: Answered, digest: int | None) -> None:
        """Keep what is stored of a project; without its digest the next answer is read in any case."""
        self._known[one.project.id] = Known(
            digest, one.answer.observed_at, one.project.version, one.factor, one.outline
        )

    async def _store_news(self, some: Sequence[Answered]) -> None:
        """One transaction for what came while the last one was under way; should it fail, one for each."""
        try:
            told = await transact(self._database, partial(self._store_each, some=some))
        except Exception:
            if len(some) > 1:
                for one in some:
                    await self._store_news([one])
                return
            log.exception("an answer could not be stored", extra={"project": str(some[0].project.ref)})
            self._under_way.let_go(some[0].project)
            return
        for one, events in zip(some, told, strict=False):
            self._know(one, None)  # its version is not known here
            self._stored(one, events)
        for one in some[len(told) :]:
            self._news.put(one)

    async def _store_each(self, conn: Connection, *, some: Sequence[Answered]) -> Sequence[Told]:
        """What each told, in order; the last ones are left out where the first took their time."""
        until = self._timer() + NEWS_S
        told: list[Told] = []
        for one in some:
            if told and self._timer() > until:
                break
            assert isinstance(one.answer, Snapshot), "it says something else"  # noqa: S101 narrows the type
            told.append(await self._transaction.answered(conn, one.project, one.answer))
        return told
