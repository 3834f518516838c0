"""Whether a project is ready for its switchover, from OMS's answer now and the samples of its lag."""

from dataclasses import dataclass

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.engine import Database
from omsbot.db.stores import projects, samples
from omsbot.domain.detection.conditions import ConditionKind
from omsbot.domain.project.project import ProjectRef, Snapshot, StepKind
from omsbot.domain.reports.readiness import Readiness, lag_low_since, readiness
from omsbot.domain.views import ProjectView
from omsbot.services.requests.queries import Queries

LOOKED_BACK_MS = 24 * 3_600_000  # a lag that has been low for a day is low


@dataclass(frozen=True, slots=True)
class Judged:
    """A project and the verdict on it; None where nothing is known of its steps."""

    view: ProjectView
    readiness: Readiness | None


class Judge:
    def __init__(self, database: Database, queries: Queries) -> None:
        self._database = database
        self._queries = queries

    async def judge(self, *, channel_id: str, ref: ProjectRef, now: int) -> Judged:
        """Judge a project by OMS's answer now, or by its last known state. May raise `Refusal`."""
        view = await self._queries.look(channel_id=channel_id, ref=ref)
        if view.snapshot is None:
            return Judged(view, None)
        # of what is not seen now the past is judged, as of its last look
        at = view.snapshot.observed_at if view.problem else now
        async with self._database.read() as conn:
            since = await _lag_low_since(conn, ref, view.snapshot, at)
        frozen = [one.since_at for one in view.conditions if one.kind is ConditionKind.FROZEN]
        verdict = readiness(
            view.snapshot, now=at, lag_low_since=since, frozen_since=min(frozen, default=None)
        )
        return Judged(view, verdict)


async def _lag_low_since(conn: Connection, ref: ProjectRef, snapshot: Snapshot, at: int) -> int | None:
    """Since when the lags of all incremental steps are low, by the samples of the last day."""
    project = await projects.find(conn, ref)
    keys = [key for key, step in snapshot.keyed() if step.kind is StepKind.INCREMENTAL]
    if project is None or not keys:
        return None
    found = []
    for key in keys:
        taken = await samples.load(conn, project.id, step=key, since=at - LOOKED_BACK_MS)
        found.append(lag_low_since(taken, now=at))
    return max((one for one in found if one is not None), default=None) if None not in found else None
