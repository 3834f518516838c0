"""`/oms deadline`: everyone in the channel sees who set one; who asks for it sees it alone."""

from collections.abc import Callable

from omsbot.bot import texts
from omsbot.bot.gate import Gate
from omsbot.bot.replies import Person, Reply
from omsbot.domain.forecast.deadline import Wanted
from omsbot.domain.project.project import ProjectRef
from omsbot.services.requests.deadlines import Deadlines
from omsbot.slack.kit.blocks import Message
from omsbot.slack.words.estimates import deadline_off, deadline_set, deadline_shown


class DeadlineCommands:
    """All may raise `Refusal`."""

    def __init__(self, deadlines: Deadlines, gate: Gate, *, clock: Callable[[], int]) -> None:
        self._deadlines = deadlines
        self._gate = gate
        self._clock = clock

    async def show(self, ref: ProjectRef, person: Person) -> Message:
        await self._gate.may_ask(person.channel_id)
        found = await self._deadlines.show(channel_id=person.channel_id, ref=ref)
        return texts.said([deadline_shown(ref, found.at, found.by, now=self._clock())])

    async def set(self, ref: ProjectRef, wanted: Wanted | None, person: Person, reply: Reply) -> None:
        """Set the deadline of a project, or (None) remove it."""
        await self._gate.may_change(person.channel_id)
        channel_id, actor, now = person.channel_id, person.user_id, self._clock()
        if wanted is None:
            await self._deadlines.remove(channel_id=channel_id, ref=ref, actor=actor, now=now)
            done = deadline_off(ref, actor)
        else:
            found = await self._deadlines.set(
                channel_id=channel_id, ref=ref, wanted=wanted, actor=actor, now=now
            )
            done = deadline_set(ref, found, actor)
        await reply.in_channel(texts.said([done]))
