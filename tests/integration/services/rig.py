"""The services by hand: a clock that stands still, a simulated OMS over HTTP, a Slack that is steered."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from ssl import PROTOCOL_TLS_CLIENT, SSLContext
from typing import Any
from unittest.mock import patch

from sqlalchemy import select

from omsbot.db.engine.engine import Database
from omsbot.db.schema import deliveries, posts
from omsbot.db.schema import events as events_table
from omsbot.db.stores import events, outbox
from omsbot.db.stores.outbox import StoredPost
from omsbot.db.stores.projects import Claimed, StoredProject, find
from omsbot.domain.events import EventKind, Level
from omsbot.domain.notify.follow_options import FollowChange
from omsbot.domain.project.project import ProjectRef
from omsbot.domain.project.subject import Server
from omsbot.domain.thresholds import RuleBook, Rules
from omsbot.domain.views import HistoryEntry
from omsbot.metrics import Metrics
from omsbot.oms.client import OmsClient, OmsServer
from omsbot.sandbox.oms import DEMO_PASSWORD, DEMO_USER, OmsSimulator, SimulatedProject
from omsbot.services.access import Access
from omsbot.services.charts.painter import Painter
from omsbot.services.tasks import Tasks
from omsbot.services.wiring import Choices, Ports, wire
from tests.builders import NOW, SECOND
from tests.integration.services.fake_slack import FakeSlack, Said
from tests.waiting import idle

INTERVAL = 10 * SECOND
CHANNEL = "C1"
ALPHA, BETA, GAMMA = (ProjectRef("default", f"np_{name}") for name in ("alpha", "beta", "gamma"))
FULL = "FULL_TRANSFER"
PLAYING = tuple(
    SimulatedProject(ref.oms_id, "slow", f"{ref.oms_id}-to-ob", 600) for ref in (ALPHA, BETA, GAMMA)
)


@dataclass
class Clock:
    """Milliseconds that pass only when a test says so."""

    now: int = NOW

    def __call__(self) -> int:
        return self.now

    def forward(self, by: int) -> int:
        self.now += by
        return self.now


@dataclass
class World:
    """What is outside the bot, and outlives a kill of it."""

    oms: OmsSimulator
    slack: FakeSlack = field(default_factory=FakeSlack)
    clock: Clock = field(default_factory=Clock)
    rules: RuleBook = field(default_factory=RuleBook)
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def new_id(self) -> str:
        return f"id-{next(self.numbers)}"


class Bot:
    """One replica of the bot without its schedule: each pass runs when a test says so, and to its end."""

    def __init__(self, database: Database, world: World, servers: Sequence[str] = ("default",)) -> None:
        self.database, self.world, self.clock, self.slack = database, world, world.clock, world.slack
        self.clients = {name: _client(name, world) for name in servers}
        self.access = Access(dict.fromkeys(servers))
        self.tasks, self.metrics, self.woken = Tasks(), Metrics(), 0
        services = wire(
            Ports(
                database=database,
                slack=self.slack,
                oms=self.clients,
                painter=Painter({}),
                clock=self.clock,
                timer=lambda: 0.0,
                chance=lambda: 0.5,
                new_id=world.new_id,
                tasks=self.tasks,
                polls=self.tasks,
                metrics=self.metrics,
                wake=self._wake,
                wake_in=lambda after_s: None,
            ),
            Choices(
                interval_ms=INTERVAL,
                access=self.access,
                rules=world.rules,
                console_links={name: f"https://{name}.example/{{id}}" for name in servers},
            ),
        )
        self.views, self.poller, self.control = services.views, services.poller, services.control
        self.dispatcher, self.settler = services.dispatcher, services.settler
        self.cards, self.queries = services.cards, services.queries

    def _wake(self) -> None:
        self.woken += 1

    async def close(self) -> None:
        await self.tasks.drain(0)
        for client in self.clients.values():
            await client.close()

    async def idle(self) -> None:
        """Wait for everything that a pass has started."""
        await idle(self.tasks)

    async def poll(self, after: int = 0) -> int:
        """Some time later, ask OMS about all that is due; returns how many were due."""
        self.clock.forward(after)
        due = await self.poller.poll_due()
        await self.idle()
        return due

    async def tell(self, after: int = 2 * SECOND) -> list[Said]:
        """Tell all that waits, a second between two messages; returns what was tried to send."""
        tried = len(self.slack.tries)
        self.clock.forward(after)
        while await self.dispatcher.dispatch():
            await self.idle()
            self.clock.forward(SECOND)
        return self.slack.tries[tried:]

    async def settle(self, after: int = 0) -> int:
        self.clock.forward(after)
        due = await self.settler.settle_due()
        await self.idle()
        return due

    async def edit(self, after: int = 5 * SECOND) -> int:
        """Edit the cards that are out of date."""
        self.clock.forward(after)
        edited = await self.cards.edit_dirty()
        await self.idle()
        return edited

    async def edit_slowly(self, after: int = 5 * SECOND) -> int:
        """Begin to edit the cards that are out of date, and do not wait for Slack."""
        self.clock.forward(after)
        return await self.cards.edit_dirty()

    async def claim_polls(self) -> list[Claimed]:
        """Claim what is due, as a process does that dies before it asks."""
        async with self.database.write() as conn:
            return await self.poller._claim(conn)

    async def claim_post(self) -> StoredPost:
        """Write the next post as `sending`, as a process does that dies before it sends it."""
        async with self.database.write() as conn:
            due = await outbox.due_streams(conn, now=self.clock())
            post = await self.dispatcher._claim_one(conn, due[0].subscription_id)
        assert post is not None
        return post

    async def subscribe(
        self,
        ref: ProjectRef = ALPHA,
        *,
        channel: str = CHANNEL,
        level: Level | None = None,
        mention: str | None = None,
    ) -> bool:
        done = await self.control.subscribe(
            channel_id=channel,
            team_id="T1",
            ref=ref,
            change=FollowChange(level, mention),
            actor="U1",
            now=self.clock(),
        )
        return done.created

    async def unsubscribe(self, ref: ProjectRef = ALPHA, *, channel: str = CHANNEL) -> None:
        await self.control.unsubscribe(channel_id=channel, ref=ref, actor="U1", now=self.clock())

    async def mute(self, ref: ProjectRef | None = ALPHA, *, for_ms: int, channel: str = CHANNEL) -> None:
        now = self.clock()
        await self.control.mute(channel_id=channel, ref=ref, until=now + for_ms, actor="U1", now=now)

    async def unmute(self, ref: ProjectRef | None = ALPHA, *, channel: str = CHANNEL) -> None:
        await self.control.unmute(channel_id=channel, ref=ref, actor="U1", now=self.clock())

    async def follow(self, ref: ProjectRef = ALPHA, **how: Any) -> Said:
        """Follow a project and wait for its card."""
        await self.subscribe(ref, **how)
        return (await self.tell())[0]

    async def stored(self, ref: ProjectRef = ALPHA) -> StoredProject:
        async with self.database.read() as conn:
            project = await find(conn, ref)
        assert project is not None
        return project

    async def history(self, ref: ProjectRef = ALPHA, *, channel: str = CHANNEL) -> list[HistoryEntry]:
        """What was seen of a project, oldest first, with what became of it in a channel."""
        page = await self.queries.history(channel_id=channel, ref=ref, page=1)
        return list(reversed(page.items))

    async def kinds(self, subject: ProjectRef | str = ALPHA) -> list[EventKind]:
        """The events of a project or, by name, of a server, oldest first."""
        name = (await self.stored(subject)).subject if isinstance(subject, ProjectRef) else Server(subject)
        async with self.database.read() as conn:
            entries, _ = await events.history(conn, name, None, offset=0, limit=100)
        return [entry.event.kind for entry in reversed(entries)]

    async def deliveries(self) -> list[tuple[str, str, str]]:
        """(channel's event kind, state, reason) of every delivery, in order."""
        query = (
            select(events_table.c.kind, deliveries.c.state, deliveries.c.reason)
            .join(events_table, events_table.c.id == deliveries.c.event_id)
            .order_by(deliveries.c.id)
        )
        async with self.database.read() as conn:
            return [tuple(row) for row in await conn.execute(query)]

    async def posts(self) -> list[tuple[str, str]]:
        """(kind, state) of every post, in order."""
        async with self.database.read() as conn:
            rows = await conn.execute(select(posts.c.kind, posts.c.state).order_by(posts.c.id))
            return [tuple(row) for row in rows]


@asynccontextmanager
async def world(
    projects: Sequence[SimulatedProject] = PLAYING, *, rules: Rules | None = None
) -> AsyncIterator[World]:
    clock = Clock()
    oms = OmsSimulator(projects, clock=lambda: clock.now / 1000)
    await oms.start()
    try:
        yield World(oms, clock=clock, rules=RuleBook(rules or Rules()))
    finally:
        await oms.stop()


@asynccontextmanager
async def rigged(
    database: Database,
    *,
    servers: Sequence[str] = ("default",),
    projects: Sequence[SimulatedProject] = PLAYING,
    rules: Rules | None = None,
) -> AsyncIterator[Bot]:
    """One bot in a world of its own."""
    async with world(projects, rules=rules) as around, running(database, around, servers) as bot:
        yield bot


@asynccontextmanager
async def running(
    database: Database, around: World, servers: Sequence[str] = ("default",)
) -> AsyncIterator[Bot]:
    bot = Bot(database, around, servers)
    try:
        yield bot
    finally:
        await bot.close()


def _client(name: str, around: World) -> OmsClient:
    server = OmsServer(name=name, url=around.oms.url, user=DEMO_USER, password=DEMO_PASSWORD)
    with patch("omsbot.oms.client._tls_context", return_value=_no_certificates()):
        return OmsClient(server, clock=around.clock)


@cache
def _no_certificates() -> SSLContext:
    """OMS is asked over plain HTTP here; reading the system's certificates takes longer than most tests."""
    return SSLContext(PROTOCOL_TLS_CLIENT)
