"""Putting the chart of a completed project under its card, once for each channel that was told."""

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial

from omsbot.db.engine.engine import Database, transact
from omsbot.db.stores import job_runs, projects
from omsbot.db.stores.completions import Completion, told_completions
from omsbot.domain.notify.delivery import Sent
from omsbot.services.charts.charts import Charts
from omsbot.services.charts.ports import Uploader
from omsbot.services.refusal import Refusal
from omsbot.services.tasks import Tasks
from omsbot.slack.messages.charts import chart_comment

log = logging.getLogger(__name__)

JOB = "chart"
NEWS_MS = 6 * 3_600_000  # the chart of what was told longer ago comes too late


class ChartPosts:
    def __init__(
        self,
        database: Database,
        notifier: Uploader,
        charts: Charts,
        *,
        clock: Callable[[], int],
        tasks: Tasks,
    ) -> None:
        self._database = database
        self._notifier = notifier
        self._charts = charts
        self._clock = clock
        self._tasks = tasks
        self._busy: set[int] = set()

    async def post_due(self) -> int:
        """One pass: start to draw for each completion that was told since; returns for how many channels."""
        async with self._database.read() as conn:
            told = await told_completions(conn, since=self._clock() - NEWS_MS)
            done = await job_runs.done(conn, JOB, [one.period for one in told])
        due: dict[int, list[Completion]] = defaultdict(list)
        for one in told:
            if one.period not in done and one.event_id not in self._busy:
                due[one.event_id].append(one)
        for event_id, completions in due.items():
            self._busy.add(event_id)
            self._tasks.spawn(self._post_tracked(event_id, completions))
        return sum(map(len, due.values()))

    async def _post_tracked(self, event_id: int, completions: Sequence[Completion]) -> None:
        try:
            await self._post(completions)
        finally:
            self._busy.discard(event_id)

    async def _post(self, completions: Sequence[Completion]) -> None:
        """Draw once for all channels. A claim comes before its upload: rather no chart than two."""
        claimed = [one for one in completions if await self._claim(one)]
        if not claimed:
            return
        async with self._database.read() as conn:
            project = await projects.get(conn, claimed[0].project_id)
        try:
            chart = await self._charts.draw(project.ref, now=self._clock())
        except Refusal as refusal:
            log.info("a completed project has no chart", extra={"reason": refusal.text})
            return
        for one in claimed:
            outcome = await self._notifier.upload(
                channel=one.channel_id,
                thread_ts=one.card_ts,
                png=chart.png,
                filename=chart.filename,
                title=chart.title,
                alt_text=chart.alt_text,
                comment=chart_comment(chart.ref, chart.name, None),
            )
            if not isinstance(outcome, Sent):
                log.warning("a chart could not be posted", extra={"outcome": repr(outcome)})

    async def _claim(self, one: Completion) -> bool:
        claim = partial(job_runs.claim, job=JOB, period=one.period, now=self._clock())
        return await transact(self._database, claim)
