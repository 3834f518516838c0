"""Whether a channel is one where the bot may answer, change what is told, or post."""

import asyncio
from collections.abc import Callable, Collection
from typing import Protocol

from omsbot.bot import texts
from omsbot.domain.notify.delivery import Failure, NotSent, Rejected, RejectionScope, Unknown
from omsbot.slack.api.facts import ChannelFacts

REMEMBERED_MS = 60_000  # Slack answers 50 such questions a minute
REMEMBERED_CHANNELS = 1_000
PATIENCE_S = 2.0  # how long an answer to one person waits for Slack's word on the channel

Facts = ChannelFacts | Failure


class KnowsChannels(Protocol):
    async def channel(self, channel_id: str) -> Facts:
        """Say what kind of channel it is; never raises."""


class Gate:
    """Raises `Refusal` where something is not for a channel; what Slack says of it is kept for a minute."""

    def __init__(
        self, slack: KnowsChannels, *, shared_channels: Collection[str], clock: Callable[[], int]
    ) -> None:
        """`shared_channels` are those that may be used although another company reads them."""
        self._slack = slack
        self._shared = frozenset(shared_channels)
        self._clock = clock
        self._remembered: dict[str, tuple[int, ChannelFacts]] = {}
        self._asking: dict[str, asyncio.Future[Facts]] = {}

    async def may_ask(self, channel_id: str) -> None:
        """Allow an answer to one person, also where Slack does not say in time what kind of channel it is."""
        if _direct(channel_id):
            return
        try:
            async with asyncio.timeout(PATIENCE_S):
                facts = self._known(channel_id) or await self._ask(channel_id)
        except TimeoutError:
            return
        self._not_shared(channel_id, facts)

    async def may_change(self, channel_id: str) -> None:
        """Allow a change of what a channel is told."""
        if _direct(channel_id):
            raise texts.only_in_channels()
        await self.may_ask(channel_id)

    async def may_post(self, channel_id: str) -> None:
        """Allow a message that everybody in the channel sees."""
        if _direct(channel_id):
            raise texts.only_in_channels()
        facts: Facts | None = self._known(channel_id)
        if facts is None or not _postable(facts):  # a person may have mended it since
            facts = await self._ask(channel_id)
        self._not_shared(channel_id, facts)
        match facts:
            case ChannelFacts(is_archived=True):
                raise texts.archived()
            case ChannelFacts(is_member=False) | Rejected(scope=RejectionScope.CHANNEL):
                # of a private channel that the bot is not in, Slack denies that it exists
                raise texts.not_invited()
            case Rejected(error="unknown_method"):
                return  # not Slack itself; a post that is not allowed will be refused
            case Rejected(error=error):
                raise texts.channel_unreadable(error)
            case NotSent() | Unknown():
                raise texts.slack_silent()

    async def may_show(self, channel_id: str) -> None:
        """Allow an answer that everybody there sees, direct messages included."""
        if not _direct(channel_id):
            await self.may_post(channel_id)

    def forget(self, channel_id: str) -> None:
        """Ask Slack anew: the bot came or went, or the channel was archived."""
        self._remembered.pop(channel_id, None)

    def _known(self, channel_id: str) -> ChannelFacts | None:
        read_at, facts = self._remembered.get(channel_id, (0, None))
        return facts if 0 <= self._clock() - read_at < REMEMBERED_MS else None

    async def _ask(self, channel_id: str) -> Facts:
        """Ask Slack, once for all who wait for the same channel."""
        asking = self._asking.get(channel_id)
        if asking is None:
            asking = self._asking[channel_id] = asyncio.ensure_future(self._slack.channel(channel_id))
            asking.add_done_callback(lambda _: self._asking.pop(channel_id, None))
        facts = await asyncio.shield(asking)
        if isinstance(facts, ChannelFacts):
            if len(self._remembered) >= REMEMBERED_CHANNELS:
                self._remembered.clear()
            self._remembered[channel_id] = (self._clock(), facts)
        return facts

    def _not_shared(self, channel_id: str, facts: Facts) -> None:
        if isinstance(facts, ChannelFacts) and facts.is_ext_shared and channel_id not in self._shared:
            raise texts.shared_channel()


def _direct(channel_id: str) -> bool:
    return channel_id.startswith("D")


def _postable(facts: Facts) -> bool:
    return isinstance(facts, ChannelFacts) and facts.is_member and not facts.is_archived
