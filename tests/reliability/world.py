"""The bot's services between models of OMS and Slack, on a real database, with a clock that is moved."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

from omsbot.db.engine.engine import Database
from omsbot.db.stores import outbox, projects, servers
from omsbot.domain.notify.follow_options import FollowChange
from omsbot.domain.project.oms_error import OmsError, OmsErrorKind
from omsbot.domain.project.project import ProjectRef, Snapshot, Step
from omsbot.domain.thresholds import RuleBook, Rules
from omsbot.metrics import Metrics
from omsbot.oms.wire import ProjectPage
from omsbot.services.access import Access
from omsbot.services.charts.painter import Painter
from omsbot.services.notify.drafts import AGAIN
from omsbot.services.tasks import Tasks
from omsbot.services.wiring import Choices, Ports, wire
from tests.builders import NOW, SECOND
from tests.reliability.database import InterruptedDatabase
from tests.reliability.interruption import Interrupter
from tests.reliability.ledger import Ledger, Shown, Verdict
from tests.reliability.slack import Kept, ModelSlack
from tests.waiting import idle

SERVER = "default"
# each failure of a series is told by itself: what is tried is the telling
EACH_TOLD = RuleBook(Rules(flap_seconds=0, stall_seconds=0, remind_seconds=0))
INTERVAL = 10 * SECOND
UNCONFIRMED = "SELECT uuid FROM posts WHERE reason = 'not confirmed'"
PATIENCE = 400  # rounds of passes in which a world has to come to rest


class Clock:
    """Milliseconds that pass only when somebody moves them."""

    def __init__(self, now: int = NOW) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


class ModelOms:
    """Answers with the steps that were put into it, or with the error."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._now = clock
        self.answers: dict[str, tuple[Step, ...]] = {}
        self.error: OmsError | None = None
        self.asked: list[int] = []

    async def steps(self, oms_id: str) -> Snapshot:
        self.asked.append(self._now())
        if self.error:
            raise self.error
        return Snapshot(self.answers[oms_id], observed_at=self._now())

    async def steps_unless(self, oms_id: str, digest: int | None) -> Snapshot:
        return await self.steps(oms_id)

    async def projects(self, *, search: str | None = None, page: int = 1, page_size: int = 50) -> ProjectPage:
        raise OmsError(OmsErrorKind.UNSUPPORTED, "no list here")

    async def close(self) -> None:
        """Nothing is open."""


class World:
    """All that is outside the bot and outlives it: the database, Slack, OMS and the time."""

    def __init__(self, file: Path) -> None:
        self.database = InterruptedDatabase(f"sqlite:///{file}")
        self.clock = Clock()
        self.ledger = Ledger(file)
        self.slack = ModelSlack(self.clock, self.ledger.tells)
        self.oms = ModelOms(self.clock)
        self._numbers = count(1)

    def new_id(self) -> str:
        return f"id-{next(self._numbers)}"

    def verdict(self) -> Verdict:
        """Judge what is to be seen in Slack now."""
        seen = self.slack.seen()
        verdict = self.ledger.verdict([Shown(one.ts, one.tells) for one in seen], self.clock())
        shows = {one.ts: one.message.content_hash() for one in seen}
        for ts, wanted in self.ledger.card_hashes().items():
            if ts in shows and wanted != shows[ts]:  # one that a person deleted is noticed by its next edit
                verdict.stuck.append(f"the card {ts} does not show what the database says")
        verdict.double += self._told_again_without_a_word(seen)
        posts = len({one.uuid for one in seen})
        if posts != len(seen):
            verdict.double.append("one post is there twice")
        return verdict

    def _told_again_without_a_word(self, seen: Sequence[Kept]) -> list[str]:
        """Messages that tell what an unconfirmed one told, and do not say so; a card is no news."""
        lost = {row[0] for row in self.ledger.rows(UNCONFIRMED)}
        before = {delivery for uuid in lost for delivery in self.slack.tried.get(uuid, ())}
        return [
            f"{one.ts} does not say that it was sent again"
            for one in seen
            if one.uuid not in lost and before & set(one.tells) and AGAIN not in one.message.text
        ]


class Bot:
    """One life of the bot's process, without its schedule: each pass runs when asked, and to its end."""

    def __init__(self, world: World, interrupter: Interrupter | None = None) -> None:
        self.world = world
        self.interrupter = interrupter or Interrupter()
        world.database.interruption = world.slack.interruption = self.interrupter
        self.database: Database = world.database
        self.tasks = Tasks()
        services = wire(
            Ports(
                database=self.database,
                slack=world.slack,
                oms={SERVER: world.oms},
                painter=Painter({}),
                clock=world.clock,
                timer=lambda: world.clock() / 1000,
                chance=lambda: 0.5,
                new_id=world.new_id,
                tasks=self.tasks,
                polls=self.tasks,
                metrics=Metrics(),
                wake=lambda: None,
                wake_in=lambda after_s: None,
            ),
            Choices(interval_ms=INTERVAL, access=Access({SERVER: None}), rules=EACH_TOLD),
        )
        self.poller, self.control = services.poller, services.control
        self.dispatcher, self.settler = services.dispatcher, services.settler
        self.cards, self.pauses = services.cards, services.pauses

    async def start(self) -> None:
        """Recover as a process that starts does."""
        now = self.world.clock()
        async with self.database.write() as conn:
            await projects.recover(conn, now=now)
            await servers.recover(conn, now=now)
            await outbox.recover(conn)

    async def end(self) -> None:
        """Be gone: what is in flight is cut off."""
        await self.tasks.drain(0)

    async def run(self, name: str, work: Callable[[], Awaitable[object]]) -> object:
        """Run one pass and all that it started; what kills or breaks it ends it alone."""
        self.interrupter.doing = name
        task = asyncio.ensure_future(work())
        (result,) = await asyncio.gather(task, return_exceptions=True)
        await idle(self.tasks)
        return result

    async def poll(self) -> object:
        return await self.run("poll", self.poller.poll_due)

    async def tell(self) -> object:
        return await self.run("tell", self.dispatcher.dispatch)

    async def settle(self) -> object:
        return await self.run("settle", self.settler.settle_due)

    async def edit(self) -> object:
        return await self.run("edit", self.cards.edit_dirty)

    async def delete_twins(self) -> object:
        return await self.run("twins", self.settler.delete_twins)

    async def passes(self) -> None:
        """Every pass once, as a second of the schedule would."""
        await self.poll()
        await self.tell()
        await self.settle()
        await self.edit()
        await self.delete_twins()
        await self.run("pauses", self.pauses.tell)

    async def follow(self, ref: ProjectRef, channel: str) -> None:
        await self.control.subscribe(
            channel_id=channel,
            team_id="T1",
            ref=ref,
            change=FollowChange(),
            actor="U1",
            now=self.world.clock(),
        )


async def rest(bot: Bot, *, events: int = 0) -> Bot:
    """Let passes and time go by until all is told and settled; returns the bot that lives then.

    `events` is how many the polls have to see first. A bot that died is followed by the next.
    """
    world = bot.world
    for _ in range(PATIENCE):
        await bot.passes()
        if bot.interrupter.dead:
            await bot.end()
            bot = Bot(world)
            await bot.start()
            continue
        seen, left = len(world.ledger.kinds()) >= events, world.ledger.unsettled(world.clock())
        if seen and not left:
            break
        due = world.ledger.next_due(world.clock())
        only_twins = seen and all("twin" in one for one in left)
        soon = world.clock() + INTERVAL
        world.clock.now = due if due and only_twins else min(soon, due or soon)
    return bot


@asynccontextmanager
async def opened(file: Path) -> AsyncIterator[World]:
    """A world with nothing in it yet."""
    world = World(file)
    await world.database.open()
    try:
        yield world
    finally:
        world.ledger.close()
        await world.database.close()


def refs(number: int) -> Sequence[ProjectRef]:
    return [ProjectRef(SERVER, f"np_{index:05}") for index in range(number)]
