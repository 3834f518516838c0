"""What polling needs of an OMS server."""

from typing import Protocol

from omsbot.domain.project.project import Snapshot
from omsbot.oms.wire import Unchanged


class PolledOms(Protocol):
    async def steps_unless(self, oms_id: str, digest: int | None) -> Snapshot | Unchanged:
        """Return a project's steps, unless the answer has this digest; raises OmsError."""
