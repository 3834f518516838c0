"""The scenarios that simulated projects play, and ready-made sets of projects.

Positions are seconds of the script; `omsbot.sandbox.oms` says how they relate to time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from omsbot.sandbox.scenarios.failures import (
    AGENT_LOST,
    BINLOG_OFF,
    LOGS_EXPIRED,
    TARGET_OUT_OF_SPACE,
)
from omsbot.sandbox.scenarios.migration import COMMUNITY_STEPS, copy, in_cloud_words, migration
from omsbot.sandbox.scenarios.plan import Flavour, Key, Scenario, Status, StepPlan
from omsbot.sandbox.scenarios.stack_trace import STACK_TRACE

RUNNING, FAILED, SUSPEND, FINISHED = Status.RUNNING, Status.FAILED, Status.SUSPEND, Status.FINISHED
HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class SimulatedProject:
    """A project to play: `offset` is how many script seconds are behind it when the simulator starts.

    With `waits` it stands there until somebody asks for its steps for the first time.
    """

    id: str
    scenario: str
    name: str
    offset: float = 0.0
    type: str = "MIGRATION"
    waits: bool = False


def _flapping(cycles: int = 60) -> tuple[Key, ...]:
    """A copy that fails after 30 s of work and is back 15 s later, again and again."""
    keys: list[Key] = []
    for cycle in range(cycles):
        begin, progress = 35 + 45.0 * cycle, 100 * cycle / cycles
        keys += [
            Key(begin, RUNNING, progress),
            Key(begin + 30, FAILED, 100 * (cycle + 1) / cycles - 0.01),
        ]
    return (*keys, Key(35 + 45.0 * cycles, RUNNING, 99.99), Key(36 + 45.0 * cycles, FINISHED, 100))


def _precheck_fails() -> tuple[StepPlan, ...]:
    precheck = StepPlan(1, COMMUNITY_STEPS[0], (Key(0, RUNNING), Key(10, FAILED, 60)), failure=BINLOG_OFF)
    return (precheck, *(StepPlan(n, name) for n, name in enumerate(COMMUNITY_STEPS[1:], start=2)))


def _full_only() -> tuple[StepPlan, ...]:
    """Four short steps with gaps in their order, which end by themselves."""
    return (
        StepPlan(1, "TRANSFER_PRECHECK", copy(0, 5)),
        StepPlan(2, "STRUCT_TRANSFER", copy(5, 12)),
        StepPlan(4, "FULL_TRANSFER", copy(12, 60), records=92_198),
        StepPlan(7, "FULL_VERIFIER", copy(60, 80), records=92_198),
    )


def _cloud(full: tuple[Key, ...], *, inconsistencies: int = 0) -> tuple[StepPlan, ...]:
    steps = in_cloud_words(migration(full, records=1_400_000, inconsistencies=inconsistencies))
    return tuple(replace(step, order=step.order + (step.order > 3)) for step in steps)


HALFWAY = (Key(35, RUNNING), Key(100, FAILED, 34), Key(140, RUNNING, 34), Key(265, FINISHED, 100))
TRACED = (Key(35, RUNNING), Key(95, FAILED, 41), Key(95 + HOUR, RUNNING, 41), Key(215 + HOUR, FINISHED, 100))
STALL = (
    Key(35, RUNNING),
    Key(80, RUNNING, 31),
    Key(80 + 2 * HOUR, RUNNING, 31),
    Key(200 + 2 * HOUR, FINISHED, 100),
)
LONG_PAUSE = (
    Key(35, RUNNING),
    Key(75, SUSPEND, 22),
    Key(75 + 13 * HOUR, RUNNING, 22),
    Key(78 + 13 * HOUR, FAILED, 22),
)
QUICK = copy(35, 65)
SYNCED_AT = 145.0  # where incremental synchronization has caught up after the QUICK copy
STANDS = ((60.0, 60.0 + HOUR),)
QUIET = tuple((60 + 3660.0 * n, 3660 + 3660.0 * n) for n in range(24))  # of each 61 minutes, one is busy
GROWING_LAG = ((0.0, 1.0), (60.0, 2.0), (560.0, 402.0), (860.0, 402.0), (1010.0, 2.0))

_ALL = (
    Scenario(
        "healthy", migration(copy(35, 215)), "a whole migration; waits for a person twice, then goes on"
    ),
    Scenario(
        "fails_full",
        migration(HALFWAY, failure=TARGET_OUT_OF_SPACE),
        "fails in full migration, recovers 40 s later and goes on",
    ),
    Scenario("failed_precheck", _precheck_fails(), "the precheck fails, and that is the end"),
    Scenario(
        "lagging",
        migration(QUICK, lag=GROWING_LAG, last="INCR_TRANSFER"),
        "incremental synchronization falls behind by 400 s, then catches up",
    ),
    Scenario(
        "frozen",
        migration(QUICK, frozen=STANDS, last="INCR_TRANSFER"),
        "the checkpoint stands still for an hour while the step looks well",
    ),
    Scenario(
        "frozen_sample",
        migration(QUICK, unsampled=STANDS, last="INCR_TRANSFER"),
        "nobody looks at the checkpoint for an hour, so its sample stands still too",
    ),
    Scenario(
        "idle",
        migration(QUICK, frozen=QUIET, last="INCR_TRANSFER"),
        "a source without writes: lag seems to grow for an hour, until the next write ends it",
    ),
    Scenario("synced", migration(QUICK, last="INCR_TRANSFER"), "keeps in step with its source for good"),
    Scenario(
        "steady",
        migration(copy(35, 35 + 2 * HOUR), records=43_200_000),
        "full migration copies at one pace for two hours",
    ),
    Scenario("stalled", migration(STALL), "full migration runs, but copies nothing for two hours"),
    Scenario("slow", migration(copy(35, 35 + 6 * HOUR)), "full migration copies far below its reference"),
    Scenario(
        "flapping",
        migration(_flapping(), failure=AGENT_LOST, keeps_error=True),
        "full migration fails and recovers again and again",
    ),
    Scenario(
        "paused",
        migration(LONG_PAUSE, failure=LOGS_EXPIRED),
        "paused for 13 hours, and beyond rescue after that",
    ),
    Scenario("released", migration(copy(35, 215)), "somebody releases it in full migration", released=100.0),
    Scenario(
        "chinese",
        migration(TRACED, failure=STACK_TRACE),
        "Chinese descriptions, and a failure with a long stack trace full of traps",
        language="zh",
    ),
    Scenario(
        "cloud",
        _cloud(copy(35, 215)),
        "answers with the habits of the cloud edition",
        flavour=Flavour.CLOUD,
    ),
    Scenario(
        "inconsistent",
        _cloud(QUICK, inconsistencies=17),
        "verification finds rows that differ (cloud edition: the other one does not say how many)",
        flavour=Flavour.CLOUD,
    ),
    Scenario("full_only", _full_only(), "a short copy without synchronization that ends by itself"),
)

SCENARIOS: Mapping[str, Scenario] = MappingProxyType({scenario.name: scenario for scenario in _ALL})


def demo_projects() -> Sequence[SimulatedProject]:
    """Projects that show something within the first minutes, and one for each thing that no status tells.

    Seconds after the start: at 12 orders-to-ob fails in full migration, and is back at 52; at 18
    billing-to-ob has verified its data and waits for a person (who comes at 138); at 30 the Chinese
    one fails with a stack trace; at 75 inventory-sync is 300 s behind. Those that wait are a minute away
    from what their scenario is about.
    """
    return (
        SimulatedProject("np_4w3r7k1m9x2c", "fails_full", "orders-to-ob", offset=88),
        SimulatedProject("np_5b8t2q6v0n3d", "healthy", "billing-to-ob", offset=372),
        SimulatedProject("np_6h1y9c4z7s5f", "chinese", "会员中心迁移", offset=65),
        SimulatedProject("np_7j5k3w8p2r1g", "lagging", "inventory-sync", offset=SYNCED_AT + 357.5),
        SimulatedProject("np_8m2d6x0b4t9h", "paused", "ledger-archive", offset=15, waits=True),
        SimulatedProject("np_9q7f1v5n8c3k", "healthy", "users-history", offset=20),
        SimulatedProject("np_0s4g8z2y6w7m", "cloud", "crm-to-cloud", offset=60),
        SimulatedProject("np_1a6c9e2h5k8n", "stalled", "catalog-copy", offset=20, waits=True),
        SimulatedProject("np_2b7d0f3j6m9p", "slow", "clickstream-copy", offset=600, waits=True),
        SimulatedProject("np_3c8e1g4k7n0q", "steady", "payments-copy", offset=30, waits=True),
        SimulatedProject("np_4d9f2h5l8p1r", "frozen", "loyalty-sync", offset=SYNCED_AT, waits=True),
        SimulatedProject("np_5e0g3j6m9q2s", "frozen_sample", "pricing-sync", offset=SYNCED_AT, waits=True),
        SimulatedProject("np_6f1h4k7n0r3t", "idle", "holiday-sync", offset=SYNCED_AT, waits=True),
        SimulatedProject("np_7g2j5l8p1s4v", "flapping", "reviews-copy", offset=5, waits=True),
        SimulatedProject("np_8h3k6m9q2t5w", "inconsistent", "warehouse-check", offset=90, waits=True),
    )


# Twenty projects of a fleet: most of them keep in step or are done, as on a server in real use.
_FLEET = (
    *[("synced", 2000.0)] * 11,
    *[("full_only", 2000.0)] * 4,
    ("healthy", 0.0),
    ("slow", 600.0),
    ("failed_precheck", 600.0),
    ("paused", 3600.0),
    ("released", 2000.0),
)


def many(n: int) -> Sequence[SimulatedProject]:
    """A fleet of n projects, np_load00000000 and on, in a mix whose answers seldom change."""
    return tuple(
        SimulatedProject(
            id=f"np_load{i:08d}",
            scenario=_FLEET[i % len(_FLEET)][0],
            name=f"load-{i:05d}",
            offset=_FLEET[i % len(_FLEET)][1] + i % 97,
        )
        for i in range(n)
    )
