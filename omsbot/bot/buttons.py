"""What each button does, by the action that it names."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from omsbot.bot import texts
from omsbot.bot.answers.changes import Changes
from omsbot.bot.answers.questions import Questions
from omsbot.bot.answers.readiness import ReadinessQuestions
from omsbot.bot.replies import Person, Reply
from omsbot.domain.project.project import ProjectRef
from omsbot.services.refusal import Refusal
from omsbot.slack.kit.actions import STALE, Action, Target, decode
from omsbot.slack.kit.blocks import Message


@dataclass(frozen=True, slots=True)
class Press:
    """A button that was pressed: who, in which message, and whether that is seen by this person alone."""

    action_id: str
    value: str
    person: Person
    message_ts: str | None
    thread_ts: str | None
    ephemeral: bool


class Buttons:
    def __init__(self, questions: Questions, changes: Changes, readiness: ReadinessQuestions) -> None:
        self._questions = questions
        self._readiness = readiness
        self._changes = changes
        self._doing: Mapping[str, Callable[[Target, Press, Reply], Awaitable[None]]] = {
            Action.SHOW_STEPS: self._show_steps,
            Action.REFRESH_STEPS: self._refresh_steps,
            Action.POST_STEPS: self._post_steps,
            Action.FULL_ERROR: self._full_error,
            Action.SUBSCRIBE: self._subscribe,
            Action.MUTE_HOUR: self._mute_hour,
            Action.UNMUTE: self._unmute,
            Action.LIST_PREVIOUS: self._list_page,
            Action.LIST_NEXT: self._list_page,
            Action.PROJECTS_PREVIOUS: self._projects_page,
            Action.PROJECTS_NEXT: self._projects_page,
            Action.HISTORY_PREVIOUS: self._history_page,
            Action.HISTORY_NEXT: self._history_page,
            Action.REFRESH_READY: self._refresh_ready,
            Action.POST_READY: self._post_ready,
        }

    async def pressed(self, press: Press, reply: Reply) -> None:
        """Do what a button says. May raise `Refusal`, also for a button of another version."""
        do = self._doing.get(press.action_id)
        if do is None:
            raise Refusal(STALE)
        try:
            target = decode(press.value)
        except ValueError as stale:
            raise Refusal(str(stale)) from stale
        await do(target, press, reply)

    async def _show_steps(self, target: Target, press: Press, reply: Reply) -> None:
        await reply.privately(await self._questions.steps(_ref(target), press.person))

    async def _refresh_steps(self, target: Target, press: Press, reply: Reply) -> None:
        await _turn(await self._questions.steps(_ref(target), press.person), press, reply)

    async def _post_steps(self, target: Target, press: Press, reply: Reply) -> None:
        await reply.in_channel(await self._questions.steps_for_all(_ref(target), press.person))

    async def _full_error(self, target: Target, press: Press, reply: Reply) -> None:
        for message in await self._questions.full_error(_ref(target), target.step or "", press.person):
            await reply.privately(message)

    async def _subscribe(self, target: Target, press: Press, reply: Reply) -> None:
        await self._changes.subscribe((_ref(target),), press.person, reply)

    async def _mute_hour(self, target: Target, press: Press, reply: Reply) -> None:
        await self._changes.mute(
            (_ref(target),), texts.MUTE_BUTTON_MS, press.person, reply, thread_ts=_thread(press)
        )

    async def _unmute(self, target: Target, press: Press, reply: Reply) -> None:
        await self._changes.unmute((_ref(target),), press.person, reply, thread_ts=_thread(press))

    async def _list_page(self, target: Target, press: Press, reply: Reply) -> None:
        await _turn(await self._questions.subscriptions(target.page or 1, press.person), press, reply)

    async def _projects_page(self, target: Target, press: Press, reply: Reply) -> None:
        page = await self._questions.projects(target.server, target.search, target.page or 1, press.person)
        await _turn(page, press, reply)

    async def _history_page(self, target: Target, press: Press, reply: Reply) -> None:
        page = await self._questions.history(_ref(target), target.page or 1, press.person)
        await _turn(page, press, reply)

    async def _refresh_ready(self, target: Target, press: Press, reply: Reply) -> None:
        await _turn(await self._readiness.ready(_ref(target), press.person), press, reply)

    async def _post_ready(self, target: Target, press: Press, reply: Reply) -> None:
        await reply.in_channel(await self._readiness.ready_for_all(_ref(target), press.person))


async def _turn(message: Message, press: Press, reply: Reply) -> None:
    """Replace an answer that one person sees; what all see stays, and news go to the one who asked."""
    await (reply.instead(message) if press.ephemeral else reply.privately(message))


def _ref(target: Target) -> ProjectRef:
    try:
        return target.ref
    except ValueError as stale:
        raise Refusal(str(stale)) from stale


def _thread(press: Press) -> str | None:
    """The thread in which everybody sees what a button did: that of the message that it stands in."""
    return None if press.ephemeral else press.thread_ts or press.message_ts
