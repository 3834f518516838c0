"""Channels that Slack refuses: those who subscribed are told by a direct message, once a pause."""

import logging
from collections.abc import Callable
from functools import partial

from omsbot.db.engine.engine import Database, transact
from omsbot.db.stores import channels
from omsbot.db.stores.channels import PausedChannel
from omsbot.domain.notify.delivery import Sent
from omsbot.services.notify.ports import Poster
from omsbot.services.tasks import Tasks
from omsbot.slack.messages.answers import channel_paused

log = logging.getLogger(__name__)


class Pauses:
    def __init__(
        self,
        database: Database,
        notifier: Poster,
        *,
        clock: Callable[[], int],
        uuid: Callable[[], str],
        tasks: Tasks,
    ) -> None:
        self._database = database
        self._notifier = notifier
        self._clock = clock
        self._uuid = uuid
        self._tasks = tasks

    async def tell(self) -> int:
        """One pass: tell of every channel that was paused since the last one; returns how many."""
        async with self._database.read() as conn:
            paused = await channels.unannounced_pauses(conn)
        for channel in paused:
            # noted before it is sent: a message too few is better here than one that comes every second
            note = partial(channels.note_announced, channel_id=channel.id, now=self._clock())
            if await transact(self._database, note):
                self._tasks.spawn(self._tell(channel))
        return len(paused)

    async def _tell(self, channel: PausedChannel) -> None:
        message = channel_paused(channel.id, channel.reason, projects=channel.projects)
        for user in channel.subscribers:
            outcome = await self._notifier.post(channel=user, message=message, uuid=self._uuid())
            if not isinstance(outcome, Sent):
                log.warning("nobody could be told of a paused channel", extra={"outcome": repr(outcome)})
