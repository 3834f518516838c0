"""Charts that people ask for: drawn, and posted where they asked."""

from collections.abc import Callable

from omsbot.bot import texts
from omsbot.bot.gate import Gate
from omsbot.bot.replies import Person
from omsbot.domain.notify.delivery import Sent
from omsbot.domain.project.project import ProjectRef
from omsbot.services.charts.charts import Charts
from omsbot.services.charts.ports import Uploader
from omsbot.slack.messages.charts import chart_comment


class Pictures:
    def __init__(self, charts: Charts, notifier: Uploader, gate: Gate, *, clock: Callable[[], int]) -> None:
        self._charts = charts
        self._notifier = notifier
        self._gate = gate
        self._clock = clock

    async def chart(self, ref: ProjectRef, person: Person) -> None:
        """Post the chart of a project, with the name of who asked. May raise `Refusal`."""
        await self._gate.may_show(person.channel_id)
        chart = await self._charts.draw_for(person.channel_id, ref, now=self._clock())
        outcome = await self._notifier.upload(
            channel=person.channel_id,
            thread_ts=None,
            png=chart.png,
            filename=chart.filename,
            title=chart.title,
            alt_text=chart.alt_text,
            comment=chart_comment(ref, chart.name, person.user_id),
        )
        if not isinstance(outcome, Sent):
            raise texts.chart_failed(outcome)
