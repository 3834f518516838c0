"""The chart of a project: drawn from its samples for whoever asks, and for its completion."""

import logging
from dataclasses import dataclass

from omsbot.db.engine.engine import Database
from omsbot.db.stores import projects, samples
from omsbot.db.stores.condition_spans import spells
from omsbot.db.stores.projects import Following, StoredProject
from omsbot.domain.project.project import ProjectRef
from omsbot.domain.project.samples import KEPT_MS, thinned
from omsbot.domain.reports.chart import Picture, picture_of
from omsbot.services.access import Access
from omsbot.services.charts.painter import PaintingFailed
from omsbot.services.charts.ports import Draws
from omsbot.services.refusal import Refusal
from omsbot.slack.messages.charts import alt_text, chart_title

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Chart:
    """A PNG with what is said of it; `name` is the project's."""

    ref: ProjectRef
    name: str | None
    png: bytes
    title: str
    alt_text: str

    @property
    def filename(self) -> str:
        return f"{self.ref.oms_id}.png"


class Charts:
    def __init__(self, database: Database, painter: Draws, access: Access) -> None:
        self._database = database
        self._painter = painter
        self._access = access

    async def draw_for(self, channel_id: str, ref: ProjectRef, *, now: int) -> Chart:
        """The chart of a project for a channel; raises Refusal where it may not see it, as `draw` does."""
        self._access.check(channel_id, ref.server)
        return await self.draw(ref, now=now)

    async def draw(self, ref: ProjectRef, *, now: int) -> Chart:
        """The chart of a project; raises Refusal where there is nothing to draw, or it cannot be drawn."""
        project, picture = await self._picture(ref, now)
        try:
            png = await self._painter.paint(picture)
        except PaintingFailed as error:
            log.exception("a chart could not be drawn", extra={"project": str(ref)})
            raise Refusal(f"There is no chart of `{ref}`: {error}.", "Try again in a minute.") from error
        return Chart(ref, project.name, png, chart_title(ref), alt_text(picture))

    async def _picture(self, ref: ProjectRef, now: int) -> tuple[StoredProject, Picture]:
        async with self._database.read() as conn:
            project = await projects.find(conn, ref)
            if project is None:
                raise _unknown(ref)
            taken = await samples.load(conn, project.id, since=now - KEPT_MS)
            spelled = await spells(conn, project.subject, since=now - KEPT_MS)
        steps = project.latest.by_key() if project.latest else {}
        picture = picture_of(str(ref), thinned(taken, now), steps, spelled, now=now)
        if picture is None:
            raise _too_early(project, seen=bool(taken))
        return project, picture


def _unknown(ref: ProjectRef) -> Refusal:
    return Refusal(
        f"There is nothing to draw yet: nobody follows `{ref}`, so its figures were not kept.",
        f"Follow it with `/oms subscribe {ref}`; a chart needs two looks at a step that moves.",
    )


def _too_early(project: StoredProject, *, seen: bool) -> Refusal:
    if seen:
        return Refusal(
            f"There is nothing to draw yet of `{project.ref}`: its figures were seen only once.",
            "Try again in a minute.",
        )
    if project.state is not Following.FOLLOWED:
        return _unknown(project.ref)
    return Refusal(
        f"There is nothing to draw yet of `{project.ref}`: no step told how far it is in the last 30 days.",
        "A chart begins when a copy, a verification or a synchronization runs.",
    )
