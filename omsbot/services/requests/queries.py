"""What people ask the bot to show; nothing here changes what is followed or told."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.engine import Database, transact
from omsbot.db.stores import events, projects, subscriptions
from omsbot.db.stores.subscriptions import StoredSubscription, SubscriptionState
from omsbot.domain.project.oms_error import OmsError
from omsbot.domain.project.project import DEFAULT_SERVER, ProjectRef, ProjectSummary
from omsbot.domain.project.subject import Project
from omsbot.domain.views import HistoryEntry, Page, ProjectView, SubscriptionView
from omsbot.services.access import Access, refused_by_oms
from omsbot.services.refusal import Refusal
from omsbot.services.requests.ports import AskedOms
from omsbot.services.views import Views

PATIENCE_S = 2.5  # how long a person waits for OMS before the last known state is shown
PAGE = 10


class Queries:
    def __init__(
        self, database: Database, clients: Mapping[str, AskedOms], access: Access, views: Views
    ) -> None:
        self._database = database
        self._clients = clients
        self._access = access
        self._views = views

    async def look(self, *, channel_id: str, ref: ProjectRef) -> ProjectView:
        """A project as OMS tells it now; as last known, with the problem, where OMS gives no answer."""
        self._access.check(channel_id, ref.server)
        stored = await self._stored(ref)
        try:
            async with asyncio.timeout(PATIENCE_S):
                snapshot = await self._clients[ref.server].steps(ref.oms_id)
        except TimeoutError:
            problem = f"OMS did not answer within {PATIENCE_S} s"
            if stored is None or stored.snapshot is None:
                raise Refusal(f"`{ref}`: {problem}.", "Nothing is known of it yet: try again.") from None
            return replace(stored, problem=problem)
        except OmsError as error:
            if stored is None or stored.snapshot is None:
                raise refused_by_oms(ref, error) from error
            return replace(stored, problem=str(error))
        view = stored or self._views.unseen(ref)
        return replace(view, snapshot=snapshot, problem=None, problem_since_at=None)

    async def stored(self, *, channel_id: str, ref: ProjectRef) -> ProjectView:
        """A project as the database knows it; OMS is not asked."""
        self._access.check(channel_id, ref.server)
        return await self._stored(ref) or self._views.unseen(ref)

    async def _stored(self, ref: ProjectRef) -> ProjectView | None:
        async with self._database.read() as conn:
            project = await projects.find(conn, ref)
            return await self._views.project(conn, project) if project else None

    async def subscribed(self, *, channel_id: str, ref: ProjectRef) -> bool:
        async with self._database.read() as conn:
            _, known = await _subscription(conn, channel_id, ref)
            return known is not None and known.state is SubscriptionState.ACTIVE

    async def subscriptions(self, *, channel_id: str, page: int, now: int) -> Page[SubscriptionView]:
        """What a channel follows, oldest first."""
        async with self._database.read() as conn:
            streams = [
                stream
                for stream in await subscriptions.in_channel(conn, channel_id)
                if isinstance(stream.subject, Project)
            ]
            number, pages = _place(page, len(streams))
            shown = streams[(number - 1) * PAGE : number * PAGE]
            items = [await self._views.subscription(conn, stream, now=now) for stream in shown]
            return Page(tuple(items), number, pages, len(streams))

    async def projects(
        self, *, channel_id: str, server: str | None, search: str | None, page: int
    ) -> Page[ProjectSummary]:
        """What OMS lists; the names that it gives are kept for the projects that are followed."""
        name = server or self._default_server(channel_id)
        self._access.check(channel_id, name)
        try:
            found = await self._clients[name].projects(search=search, page=page, page_size=PAGE)
        except OmsError as error:
            raise Refusal(f"{error}.", error.facts.what_to_do(name)) from error
        await self._note_names(found.projects)
        total = found.total if found.total is not None else len(found.projects)
        return Page(tuple(found.projects), page, _pages(total), total)

    def _default_server(self, channel_id: str) -> str:
        visible = self._access.visible(channel_id)
        if not visible:
            raise Refusal("This channel may not use any OMS server.", "Ask who runs omsbot to allow it.")
        return DEFAULT_SERVER if DEFAULT_SERVER in visible else visible[0]

    async def _note_names(self, found: Sequence[ProjectSummary]) -> None:
        async def work(conn: Connection) -> None:
            for summary in found:
                if summary.name:
                    await projects.rename(conn, summary.ref, summary.name)

        await transact(self._database, work)

    async def history(self, *, channel_id: str, ref: ProjectRef, page: int) -> Page[HistoryEntry]:
        """What was seen of a project, newest first, with what became of each event in this channel."""
        self._access.check(channel_id, ref.server)
        async with self._database.read() as conn:
            subject, known = await _subscription(conn, channel_id, ref)
            if subject is None:
                raise Refusal(f"Nothing is known of `{ref}`.", f"Follow it first: `/oms subscribe {ref}`.")
            return await _history(conn, subject, known, page)


async def _subscription(
    conn: Connection, channel_id: str, ref: ProjectRef
) -> tuple[Project | None, StoredSubscription | None]:
    """The subject of a known project, and the channel's subscription to it."""
    found = await projects.find_id(conn, ref)
    if found is None:
        return None, None
    subject = Project(found)
    return subject, await subscriptions.find(conn, channel_id, subject)


async def _history(
    conn: Connection, subject: Project, known: StoredSubscription | None, page: int
) -> Page[HistoryEntry]:
    number = max(1, page)
    entries, total = await events.history(
        conn,
        subject,
        known.id if known else None,
        offset=(number - 1) * PAGE,
        limit=PAGE,
    )
    return Page(tuple(entries), number, _pages(total), total)


def _pages(total: int) -> int:
    return max(1, -(-total // PAGE))


def _place(page: int, total: int) -> tuple[int, int]:
    pages = _pages(total)
    return min(max(1, page), pages), pages
