"""Builds the services from what they need of the world; the program, its tests and its benchmarks use it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from omsbot.db.engine.engine import Database
from omsbot.domain.thresholds import RuleBook
from omsbot.metrics import Metrics
from omsbot.services.access import Access
from omsbot.services.charts.chart_posts import ChartPosts
from omsbot.services.charts.charts import Charts
from omsbot.services.charts.ports import Draws, Uploader
from omsbot.services.notify.cards import Cards
from omsbot.services.notify.dispatcher import Dispatcher
from omsbot.services.notify.drafts import Drafts
from omsbot.services.notify.paused_channels import Pauses
from omsbot.services.notify.ports import Messenger
from omsbot.services.notify.settlement import Outcomes
from omsbot.services.notify.settler import Settler
from omsbot.services.polling.poller import Poller
from omsbot.services.polling.ports import PolledOms
from omsbot.services.requests.control import Control
from omsbot.services.requests.deadlines import Deadlines
from omsbot.services.requests.ports import AskedOms
from omsbot.services.requests.queries import Queries
from omsbot.services.requests.readiness import Judge
from omsbot.services.tasks import Tasks
from omsbot.services.upkeep import Upkeep
from omsbot.services.views import Views

DAY_MS = 86_400_000


class SlackPort(Messenger, Uploader, Protocol):
    """All that the services need of Slack."""


class OmsPort(PolledOms, AskedOms, Protocol):
    """All that the services need of an OMS server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What the services need of the world.

    `clock` gives the wall clock in ms, `timer` a monotonic one in seconds, `chance` numbers from 0 to 1,
    `new_id` unique ids. `polls` runs what may be cut off at a stop, `tasks` what is waited for. `wake` is
    called when there is news, `wake_in` asks for the next pass of the dispatcher, so many seconds from now.
    """

    database: Database
    slack: SlackPort
    oms: Mapping[str, OmsPort]
    painter: Draws
    clock: Callable[[], int]
    timer: Callable[[], float]
    chance: Callable[[], float]
    new_id: Callable[[], str]
    tasks: Tasks
    polls: Tasks
    metrics: Metrics
    wake: Callable[[], None]
    wake_in: Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the settings say.

    `access` names the servers, each with the channels that may use it; `console_links` maps a server to the
    address of its console. Answers without news are gathered for `gather_s`.
    """

    interval_ms: int
    access: Access
    rules: RuleBook = field(default_factory=RuleBook)
    console_links: Mapping[str, str] = field(default_factory=dict)
    retention_ms: int = 30 * DAY_MS
    gather_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Services:
    """The services, wired; nothing runs before one of them is called."""

    views: Views
    poller: Poller
    dispatcher: Dispatcher
    settler: Settler
    cards: Cards
    pauses: Pauses
    charts: Charts
    chart_posts: ChartPosts
    upkeep: Upkeep
    control: Control
    queries: Queries
    deadlines: Deadlines
    judge: Judge


def wire(ports: Ports, choices: Choices) -> Services:
    """Build every service once."""
    database, slack, clock, tasks = ports.database, ports.slack, ports.clock, ports.tasks
    views = Views(choices.console_links)
    outcomes = Outcomes(ports.metrics, clock=clock)
    dispatcher = _dispatcher(ports, views, outcomes)
    charts = Charts(database, ports.painter, choices.access)
    queries = Queries(database, ports.oms, choices.access, views)
    return Services(
        views=views,
        poller=_poller(ports, choices),
        dispatcher=dispatcher,
        settler=_settler(ports, dispatcher, outcomes),
        cards=Cards(database, slack, views, clock=clock, tasks=tasks, metrics=ports.metrics),
        pauses=Pauses(database, slack, clock=clock, uuid=ports.new_id, tasks=tasks),
        charts=charts,
        chart_posts=ChartPosts(database, slack, charts, clock=clock, tasks=tasks),
        upkeep=Upkeep(database, retention_ms=choices.retention_ms, clock=clock),
        control=Control(database, ports.oms, choices.access, views, rules=choices.rules, wake=ports.wake),
        queries=queries,
        deadlines=Deadlines(database, choices.access, wake=ports.wake),
        judge=Judge(database, queries),
    )


def _poller(ports: Ports, choices: Choices) -> Poller:
    return Poller(
        ports.database,
        ports.oms,
        interval_ms=choices.interval_ms,
        rules=choices.rules,
        clock=ports.clock,
        timer=ports.timer,
        chance=ports.chance,
        token=ports.new_id,
        tasks=ports.polls,
        metrics=ports.metrics,
        wake=ports.wake,
        gather_s=choices.gather_s,
    )


def _dispatcher(ports: Ports, views: Views, outcomes: Outcomes) -> Dispatcher:
    return Dispatcher(
        ports.database,
        ports.slack,
        Drafts(views),
        outcomes,
        clock=ports.clock,
        timer=ports.timer,
        uuid=ports.new_id,
        tasks=ports.tasks,
        metrics=ports.metrics,
        wake=ports.wake_in,
    )


def _settler(ports: Ports, dispatcher: Dispatcher, outcomes: Outcomes) -> Settler:
    return Settler(
        ports.database,
        ports.slack,
        dispatcher,
        outcomes,
        clock=ports.clock,
        timer=ports.timer,
        uuid=ports.new_id,
        tasks=ports.tasks,
    )
