"""What people ask the bot to do in a channel: each change is made, and posted to those it concerns.

A mute or an unfollow changes what everyone in the channel gets, so everyone sees who did it; what cannot
be done is said only to the person who asked.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from omsbot.bot import texts
from omsbot.bot.failures import explain
from omsbot.bot.gate import Gate
from omsbot.bot.replies import Person, Reply
from omsbot.domain.notify.delivery import NotSent, Rejected, RejectionScope, Sent, Unknown
from omsbot.domain.notify.follow_options import NO_CHANGE, FollowChange
from omsbot.domain.notify.quiet_hours import QuietHours
from omsbot.domain.project.project import ProjectRef
from omsbot.services.notify.ports import Poster
from omsbot.services.refusal import Refusal
from omsbot.services.requests.control import Control
from omsbot.slack.kit.spans import Line
from omsbot.slack.messages.sample import sample_alert

R = TypeVar("R", ProjectRef, ProjectRef | None)


class Changes:
    """All may raise `Refusal` where the channel is not one for it."""

    def __init__(
        self,
        control: Control,
        notifier: Poster,
        gate: Gate,
        *,
        clock: Callable[[], int],
        new_id: Callable[[], str],
    ) -> None:
        self._control = control
        self._notifier = notifier
        self._gate = gate
        self._clock = clock
        self._new_id = new_id

    async def subscribe(
        self,
        refs: Sequence[ProjectRef],
        person: Person,
        reply: Reply,
        change: FollowChange = NO_CHANGE,
    ) -> None:
        """Follow projects; the confirmation is for the person who asked, the cards are for everyone."""

        async def follow(ref: ProjectRef) -> Line:
            done = await self._control.subscribe(
                channel_id=person.channel_id,
                team_id=person.team_id,
                ref=ref,
                change=change,
                actor=person.user_id,
                now=self._clock(),
            )
            return texts.subscribed(done.view, created=done.created)

        await self._gate.may_post(person.channel_id)
        done, refused = await self._each(refs, follow)
        if done:
            await reply.privately(texts.said(done))
        await _tell_refused(refused, reply)

    async def unsubscribe(self, refs: Sequence[ProjectRef], person: Person, reply: Reply) -> None:
        async def unfollow(ref: ProjectRef) -> Line:
            await self._control.unsubscribe(
                channel_id=person.channel_id, ref=ref, actor=person.user_id, now=self._clock()
            )
            return texts.unsubscribed(ref, person.user_id)

        await self._gate.may_change(person.channel_id)
        await self._announce(refs, unfollow, reply)

    async def mute(
        self,
        refs: Sequence[ProjectRef],
        duration_ms: int,
        person: Person,
        reply: Reply,
        *,
        thread_ts: str | None = None,
    ) -> None:
        """Silence projects, or (no `refs`) the whole channel; announced in a thread where one is given."""

        async def silence(ref: ProjectRef | None) -> Line:
            now = self._clock()
            until = await self._control.mute(
                channel_id=person.channel_id,
                ref=ref,
                until=now + duration_ms,
                actor=person.user_id,
                now=now,
            )
            return texts.muted(ref, until, person.user_id)

        await self._gate.may_change(person.channel_id)
        await self._announce(refs or (None,), silence, reply, thread_ts=thread_ts)

    async def unmute(
        self, refs: Sequence[ProjectRef], person: Person, reply: Reply, *, thread_ts: str | None = None
    ) -> None:
        """End the silence of projects, or (no `refs`) of the whole channel."""

        async def speak(ref: ProjectRef | None) -> Line:
            await self._control.unmute(
                channel_id=person.channel_id, ref=ref, actor=person.user_id, now=self._clock()
            )
            return texts.unmuted(ref, person.user_id)

        await self._gate.may_change(person.channel_id)
        await self._announce(refs or (None,), speak, reply, thread_ts=thread_ts)

    async def quiet(self, hours: QuietHours | None, person: Person, reply: Reply) -> None:
        """Set or end the quiet hours of the channel; everyone in it sees who did."""
        await self._gate.may_change(person.channel_id)
        await self._control.quiet(
            channel_id=person.channel_id,
            team_id=person.team_id,
            hours=hours,
            actor=person.user_id,
            now=self._clock(),
        )
        await reply.in_channel(texts.said([texts.quiet(hours, person.user_id)]))

    async def test(self, person: Person, reply: Reply) -> None:
        """Post a sample alert the way that real ones are posted."""
        await self._gate.may_post(person.channel_id)
        sample = sample_alert(asked_by=person.user_id, now=self._clock())
        outcome = await self._notifier.post(channel=person.channel_id, message=sample, uuid=self._new_id())
        match outcome:
            case Sent():
                await reply.privately(texts.sample_sent())
            case Rejected(scope=RejectionScope.CHANNEL):
                self._gate.forget(person.channel_id)
                raise texts.not_invited()
            case NotSent() | Unknown() | Rejected():
                raise texts.sample_failed(outcome)

    async def _announce(
        self,
        refs: Sequence[R],
        change: Callable[[R], Awaitable[Line]],
        reply: Reply,
        *,
        thread_ts: str | None = None,
    ) -> None:
        done, refused = await self._each(refs, change)
        if done:
            await reply.in_channel(texts.said(done), thread_ts=thread_ts)
        await _tell_refused(refused, reply)

    async def _each(
        self, refs: Sequence[R], change: Callable[[R], Awaitable[Line]]
    ) -> tuple[list[Line], list[tuple[R, Refusal]]]:
        """Make the change for each; one that fails does not keep the others from being made and confirmed."""
        done: list[Line] = []
        refused: list[tuple[R, Refusal]] = []
        for ref in refs:
            try:
                done.append(await change(ref))
            except Exception as error:  # noqa: BLE001 - what was already done must be confirmed
                refused.append((ref, explain(error, self._new_id)))
        return done, refused


async def _tell_refused(refused: Sequence[tuple[ProjectRef | None, Refusal]], reply: Reply) -> None:
    if refused:
        await reply.privately(texts.refused(refused))
