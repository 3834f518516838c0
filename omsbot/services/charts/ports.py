"""What charts need of what draws them and of Slack."""

from typing import Protocol

from omsbot.domain.notify.delivery import Outcome
from omsbot.domain.reports.chart import Picture


class Draws(Protocol):
    async def paint(self, picture: Picture) -> bytes:
        """Return the PNG; raises PaintingFailed."""


class Uploader(Protocol):
    async def upload(
        self,
        *,
        channel: str,
        thread_ts: str | None,
        png: bytes,
        filename: str,
        title: str,
        alt_text: str,
        comment: str,
    ) -> Outcome:
        """Show a picture in a channel, under a comment; never raises."""
