"""`/oms ready`: asked by a command or by a button under an earlier answer."""

from collections.abc import Callable

from omsbot.bot import texts
from omsbot.bot.gate import Gate
from omsbot.bot.replies import Person
from omsbot.domain.project.project import ProjectRef
from omsbot.services.requests.readiness import Judge
from omsbot.slack.kit.blocks import Message
from omsbot.slack.messages.ready import ready


class ReadinessQuestions:
    """All may raise `Refusal`."""

    def __init__(self, judge: Judge, gate: Gate, *, clock: Callable[[], int]) -> None:
        self._judge = judge
        self._gate = gate
        self._clock = clock

    async def ready(self, ref: ProjectRef, person: Person) -> Message:
        """Whether a project is ready for its switchover, for one person."""
        await self._gate.may_ask(person.channel_id)
        return await self._ready(ref, person)

    async def ready_for_all(self, ref: ProjectRef, person: Person) -> Message:
        """The same, for everyone in the channel to see, with the name of the person who posted it."""
        await self._gate.may_show(person.channel_id)
        return texts.posted_by(await self._ready(ref, person), person.user_id)

    async def _ready(self, ref: ProjectRef, person: Person) -> Message:
        now = self._clock()
        judged = await self._judge.judge(channel_id=person.channel_id, ref=ref, now=now)
        return ready(judged.view, judged.readiness, now=self._clock())
