"""What people ask to see, as messages; asked by a command or by a button under an earlier answer."""

import asyncio
from collections.abc import Callable, Sequence

from omsbot.bot import texts
from omsbot.bot.failures import explain
from omsbot.bot.gate import Gate
from omsbot.bot.replies import Person
from omsbot.domain.project.project import ProjectRef
from omsbot.services.requests.queries import Queries
from omsbot.slack.kit.blocks import Message
from omsbot.slack.messages import answers
from omsbot.slack.messages.steps import steps
from omsbot.slack.words.failure import full_error


class Questions:
    """Each answer is for one person. All may raise `Refusal`."""

    def __init__(
        self,
        queries: Queries,
        gate: Gate,
        *,
        default_server: str,
        clock: Callable[[], int],
        new_id: Callable[[], str],
    ) -> None:
        self._queries = queries
        self._gate = gate
        self._default_server = default_server
        self._clock = clock
        self._new_id = new_id

    async def steps(self, ref: ProjectRef, person: Person) -> Message:
        """What OMS says of a project now."""
        await self._gate.may_ask(person.channel_id)
        return await self._steps(ref, person)

    async def steps_for_all(self, ref: ProjectRef, person: Person) -> Message:
        """The same, for everyone in the channel to see, with the name of the person who posted it."""
        await self._gate.may_show(person.channel_id)
        return texts.posted_by(await self._steps(ref, person), person.user_id)

    async def steps_of_each(self, refs: Sequence[ProjectRef], person: Person) -> Sequence[Message]:
        """A message for each project, in order; a refusal of one is its message."""
        await self._gate.may_ask(person.channel_id)
        return await asyncio.gather(*(self._steps_or_why_not(ref, person) for ref in refs))

    async def _steps_or_why_not(self, ref: ProjectRef, person: Person) -> Message:
        try:
            return await self._steps(ref, person)
        except Exception as error:  # noqa: BLE001 - the other projects are answered all the same
            return texts.refused([(None, explain(error, self._new_id))])

    async def _steps(self, ref: ProjectRef, person: Person) -> Message:
        channel_id = person.channel_id
        view = await self._queries.look(channel_id=channel_id, ref=ref)
        subscribed = await self._queries.subscribed(channel_id=channel_id, ref=ref)
        return steps(view, now=self._clock(), subscribed=subscribed)

    async def full_error(self, ref: ProjectRef, step_key: str, person: Person) -> Sequence[Message]:
        """The whole error of a step, as it was last read."""
        await self._gate.may_ask(person.channel_id)
        view = await self._queries.stored(channel_id=person.channel_id, ref=ref)
        if view.snapshot is None:  # not followed by anyone: only OMS knows
            view = await self._queries.look(channel_id=person.channel_id, ref=ref)
        return full_error(view, step_key)

    async def subscriptions(self, page: int, person: Person) -> Message:
        """What the channel follows."""
        await self._gate.may_ask(person.channel_id)
        now = self._clock()
        found = await self._queries.subscriptions(channel_id=person.channel_id, page=page, now=now)
        return answers.subscription_list(found, now=now, channel_id=person.channel_id)

    async def projects(self, server: str | None, search: str | None, page: int, person: Person) -> Message:
        """What an OMS server has."""
        await self._gate.may_ask(person.channel_id)
        found = await self._queries.projects(
            channel_id=person.channel_id, server=server, search=search, page=page
        )
        listed = found.items[0].ref.server if found.items else server or self._default_server
        return answers.project_list(found, search=search, server=listed)

    async def history(self, ref: ProjectRef, page: int, person: Person) -> Message:
        """What happened to a project."""
        await self._gate.may_ask(person.channel_id)
        found = await self._queries.history(channel_id=person.channel_id, ref=ref, page=page)
        return answers.history(ref, found)

    async def why(self, ref: ProjectRef, page: int, person: Person) -> Message:
        """What happened to a project, and why it was posted in this channel or not."""
        await self._gate.may_ask(person.channel_id)
        found = await self._queries.history(channel_id=person.channel_id, ref=ref, page=page)
        return answers.history(ref, found, why=True)
