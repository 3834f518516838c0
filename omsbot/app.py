"""The composition root: builds the objects, wires them, starts, drains and stops them.

Only `runtime` and this module read the clock or make random values: what lies below is handed them here.
"""

import asyncio
import logging
import os
import random
import signal
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from importlib.metadata import version

from slack_bolt.async_app import AsyncApp

from omsbot.bot.listeners import bolt_app, register
from omsbot.config import Settings
from omsbot.db.engine.engine import Database, transact
from omsbot.db.engine.revisions import check_current, current
from omsbot.db.stores import outbox, projects, servers
from omsbot.db.upkeep.clock_set_back import pull_back
from omsbot.domain.detection.outages import ServerHealth
from omsbot.metrics import Metrics
from omsbot.oms.client import OmsClient
from omsbot.runtime.connection import SlackConnection
from omsbot.runtime.garbage import collect_seldom
from omsbot.runtime.heartbeat import Heartbeat
from omsbot.runtime.oms_clients import client_of, now_ms
from omsbot.runtime.schedule import Schedule
from omsbot.runtime.web import HealthServer
from omsbot.services.access import Access
from omsbot.services.charts.painter import Painter
from omsbot.services.tasks import Tasks
from omsbot.services.wiring import Choices, Ports, Services, wire
from omsbot.slack.api.notifier import Notifier, posting_client, posting_session

log = logging.getLogger(__name__)

BOOTTIME = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
DRAIN_S = 7.0  # what is in flight may take so long at a stop; then it is cancelled and settled as unknown
DISPATCH, POLL = "dispatch", "poll"
PASS_S = 1.0
POLL_PASS_S = 0.25  # in small helpings: what is asked at once is answered at once, and waits for its turn
GATHER_S = 0.25
BACKLOG_S = 10.0
TWINS_S = 30.0
PAUSES_S = 5.0
CHARTS_S = 10.0
UPKEEP_S = 60.0  # it looks so often whether the work of the night is left to do


def seconds() -> float:
    """A clock that nobody sets and that goes on while the machine sleeps."""
    return time.clock_gettime(BOOTTIME)


def new_id() -> str:
    return str(uuid.uuid4())


class App:
    """The whole bot, built from its settings; `start` and `stop` are called once each.

    `clock` gives the wall clock in ms.
    """

    def __init__(self, settings: Settings, *, clock: Callable[[], int] = now_ms) -> None:
        self._settings = settings
        self._clock = clock
        self._metrics = Metrics(version=version("omsbot"))
        self._database = Database(settings.database_url, chance=random.random)
        self._schedule = Schedule(self._metrics, clock=self._clock, on_step_back=self._pull_back)
        self._connection: SlackConnection | None = None
        self._web = HealthServer(
            settings.http_host, settings.http_port, ready=self._missing, metrics=self._render
        )
        self._running = AsyncExitStack()

    @property
    def http_url(self) -> str:
        """Where `/healthz`, `/readyz` and `/metrics` are."""
        return self._web.url

    async def start(self) -> None:
        """Start everything; what was started is stopped again where a part cannot start.

        :raises ConfigProblem, DatabaseProblem: what to mend, in words for the person who starts it.
        """
        async with AsyncExitStack() as starting:
            await self._web.start()
            starting.push_async_callback(self._web.stop)
            starting.push_async_callback(self._database.close)  # also one that is opened and then refused
            await self._open_database()
            await self._assemble(starting)
            self._running = starting.pop_all()
        log.info("omsbot runs", extra={"http": self.http_url, "servers": sorted(self._settings.servers)})

    async def stop(self) -> None:
        """Take nothing new, drain what is in flight, and close everything, the last started first."""
        await self._running.aclose()
        log.info("omsbot has stopped")

    async def serve(self, stop: asyncio.Event) -> None:
        """Run until the event is set."""
        await self.start()
        try:
            await stop.wait()
        finally:
            await self.stop()

    async def _open_database(self) -> None:
        """Open the database; SQLite's is brought up to date, any other must be so already."""
        alone = self._database.dialect == "sqlite"
        if alone:
            await _bring_up_to_date(self._settings.database_url)
        await self._database.open()
        await check_current(self._database)
        now = self._clock()
        async with self._database.write() as conn:
            await projects.judge_again(conn, now=now)
            if alone:
                await projects.recover(conn, now=now)
                await servers.recover(conn, now=now)
                await outbox.recover(conn)

    async def _assemble(self, starting: AsyncExitStack) -> None:
        """Build the objects from the outside in, and leave to `starting` how each is stopped."""
        settings = self._settings
        clients = {name: client_of(server, clock=self._clock) for name, server in settings.servers.items()}
        for client in clients.values():
            starting.push_async_callback(client.close)
        session = posting_session()
        starting.push_async_callback(session.close)
        token = settings.slack_bot_token.reveal()
        notifier = Notifier(posting_client(token, settings.slack_api_url, session=session))
        tasks, polls = Tasks(), Tasks()
        services = wire(self._ports(notifier, clients, tasks, polls), _choices(settings))
        self._plan_telling(services)
        self._plan_polling(services)
        self._plan_upkeep(services, starting)
        bolt = bolt_app(token, settings.slack_api_url)
        self._listen(bolt, services, notifier, tasks)

        starting.push_async_callback(tasks.drain, DRAIN_S)
        starting.push_async_callback(polls.drain, 0.0)  # an answer that is not stored is asked for again
        self._connection = SlackConnection(bolt, settings.slack_app_token.reveal())
        self._connection.start()
        starting.push_async_callback(self._connection.stop)
        self._schedule.start()
        starting.push_async_callback(self._schedule.stop)

    def _ports(
        self, notifier: Notifier, clients: Mapping[str, OmsClient], tasks: Tasks, polls: Tasks
    ) -> Ports:
        return Ports(
            database=self._database,
            slack=notifier,
            oms=clients,
            painter=Painter(os.environ),
            clock=self._clock,
            timer=seconds,
            chance=random.random,
            new_id=new_id,
            tasks=tasks,
            polls=polls,
            metrics=self._metrics,
            wake=self._wake,
            wake_in=self._wake,
        )

    def _plan_telling(self, services: Services) -> None:
        """The passes that post what is in the outbox, and look after what was posted."""
        self._schedule.add(DISPATCH, services.dispatcher.dispatch, every_s=PASS_S)
        self._schedule.add("settle", services.settler.settle_due, every_s=PASS_S)
        self._schedule.add("twins", services.settler.delete_twins, every_s=TWINS_S)
        self._schedule.add("cards", services.cards.edit_dirty, every_s=PASS_S)
        self._schedule.add("pauses", services.pauses.tell, every_s=PAUSES_S)
        self._schedule.add("charts", services.chart_posts.post_due, every_s=CHARTS_S)

    def _plan_polling(self, services: Services) -> None:
        """The pass that asks OMS about what is due."""
        self._schedule.add(POLL, services.poller.poll_due, every_s=POLL_PASS_S)

    def _plan_upkeep(self, services: Services, starting: AsyncExitStack) -> None:
        """The passes by which others see how the bot is."""
        self._schedule.add("backlog", self._measure_backlog, every_s=BACKLOG_S)
        self._schedule.add("upkeep", services.upkeep.run, every_s=UPKEEP_S)
        if self._settings.heartbeat_url:
            heartbeat = Heartbeat(self._settings.heartbeat_url, ready=self._missing)
            starting.push_async_callback(heartbeat.close)
            self._schedule.add("heartbeat", heartbeat.ping, every_s=self._settings.heartbeat_interval_s)

    def _listen(self, bolt: AsyncApp, services: Services, notifier: Notifier, tasks: Tasks) -> None:
        """Connect what comes in from Slack."""
        settings = self._settings
        register(
            bolt,
            control=services.control,
            queries=services.queries,
            charts=services.charts,
            deadlines=services.deadlines,
            judge=services.judge,
            notifier=notifier,
            servers=settings.console_hosts(),
            default_server=settings.default_server,
            shared_channels=settings.shared_channels,
            clock=self._clock,
            new_id=new_id,
            tasks=tasks,
            on_revoked=_revoked,
        )

    def _wake(self, after_s: float = 0.0) -> None:
        """There is news: tell it now, or so many seconds from now."""
        self._schedule.wake(DISPATCH, after_s)

    def _render(self) -> bytes:
        self._missing()  # notes whether Slack is connected
        return self._metrics.render()

    async def _pull_back(self, by_ms: int) -> None:
        """The clock was set back: what is due moves with it."""
        await transact(self._database, lambda conn: pull_back(conn, now=self._clock(), by_ms=by_ms))
        for one in (DISPATCH, POLL):
            self._schedule.wake(one)

    async def _measure_backlog(self) -> None:
        now = self._clock()
        async with self._database.read() as conn:
            number, oldest = await outbox.counts(conn, now=now)
            states = await servers.states(conn)
        self._metrics.backlog(number, oldest_age_s=(now - oldest) / 1000 if oldest is not None else 0.0)
        for name in self._settings.servers:
            state = states.get(name)
            self._metrics.server_reachable(name, state is None or state.health is ServerHealth.OK)

    def _missing(self) -> Mapping[str, str | None]:
        """What keeps the bot from being ready, by check: one sentence, or None."""
        connected = self._connection is not None and self._connection.connected
        self._metrics.slack_connected(connected)
        return {
            "slack": None if connected else "Socket Mode is not connected; `omsbot doctor` says why",
            "passes": self._schedule.problem(),
        }


def _choices(settings: Settings) -> Choices:
    return Choices(
        interval_ms=settings.poll_interval_ms,
        access=Access({name: server.channels for name, server in settings.servers.items()}),
        rules=settings.rules,
        console_links={name: server.console_url for name, server in settings.servers.items()},
        retention_ms=settings.retention_ms,
        gather_s=GATHER_S,
    )


async def _bring_up_to_date(url: str) -> None:
    if not (await current(url)).up_to_date:
        from omsbot.db.engine.migrations import upgrade  # noqa: PLC0415  # Alembic stays in memory once it is loaded

        await upgrade(url)


async def _revoked(reason: str) -> None:
    """Slack took the token away: nothing is lost, and posts are tried again until it is back."""
    log.error("Slack revoked the bot's token: install the app again", extra={"reason": reason})


async def run(settings: Settings) -> None:
    """Run the bot until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    collect_seldom()
    await App(settings).serve(stop)
