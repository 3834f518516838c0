"""What people's requests need of an OMS server."""

from typing import Protocol

from omsbot.domain.project.project import Snapshot
from omsbot.oms.wire import ProjectPage


class AskedOms(Protocol):
    async def steps(self, oms_id: str) -> Snapshot:
        """Return the steps of a project as they are now; raises OmsError."""

    async def projects(self, *, search: str | None = None, page: int = 1, page_size: int = 50) -> ProjectPage:
        """Return one page of the projects that the bot's user may see; raises OmsError."""
