"""One project through anything: figures, failures, gaps in answers and in time, restarts, in any order."""

from dataclasses import dataclass, replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from omsbot.db.codec import dump_event, dump_snapshot, dump_watch, load_event, load_snapshot, load_watch
from omsbot.domain.detection.conditions import ConditionKind
from omsbot.domain.project.project import Step, StepInfo
from omsbot.domain.thresholds import Rules
from tests.builders import HOUR, SECOND, Watch, step
from tests.unit.domain.detection.witness import Witness

RULES = Rules(stall_seconds=60, frozen_seconds=45, lag_seconds=30, flap_seconds=40, remind_seconds=120)
NAMES = ("FULL_TRANSFER", "FULL_VERIFIER", "INCR_TRANSFER", "TRANSFER_APP_SWITCH")
STATUSES = (
    ("RUNNING",) * 4 + ("FAILED",) * 3 + ("MONITORING",) * 2 + ("INIT", "SUSPEND", "FINISHED", "PAUSING")
)
GAPS = (5 * SECOND, 10 * SECOND, 20 * SECOND, 45 * SECOND, 70 * SECOND, 3 * HOUR)
SHOWN = ("info", "error", "start", "progress")

names = st.sampled_from(NAMES)


@dataclass
class Truth:
    """What a step really does, of which an answer may leave a part out."""

    status: str = "RUNNING"
    listed: bool = True
    progress: int = 0
    records: int = 0
    rate: float = 100.0
    checkpoint_s: int = 1_000
    sampled_s: int = 1_000
    started_at: int | None = None
    failed_at: int | None = None
    code: str | None = None
    finished_at: int | None = None

    def shown(self, name: str, without: frozenset[str]) -> Step:
        info = StepInfo(
            processed_records=self.records,
            dst_rps=self.rate,
            dst_rps_ref=100.0,
            checkpoint_s=self.checkpoint_s,
            sampled_s=self.sampled_s,
        )
        told = "error" not in without
        # a switchover without progress waits for a person
        hidden = "progress" in without and name != "TRANSFER_APP_SWITCH"
        return step(
            name,
            self.status,
            progress=None if hidden else self.progress,
            started_at=None if "start" in without else self.started_at,
            finished_at=self.finished_at,
            failed_at=self.failed_at if told else None,
            code=self.code if told else None,
            info=None if "info" in without else info,
        )


class Lasting(RuleBasedStateMachine):
    """Two bots follow one project, one without a restart; a witness listens."""

    @initialize()
    def begin(self) -> None:
        self.steady, self.restarted = Watch(rules=RULES), Watch(rules=RULES)
        self.steps = {name: Truth() for name in NAMES}
        self.witness = Witness(RULES)
        self.look(10 * SECOND, frozenset())

    @rule(name=names, status=st.sampled_from(STATUSES), code=st.sampled_from(("CM-1", "CM-1", "CM-2")))
    def becomes(self, name: str, status: str, code: str) -> None:
        one = self.steps[name]
        one.status = status
        one.finished_at = self.steady.now if status == "FINISHED" else None
        if status == "FAILED":
            self._fails(name, code)

    @rule(name=names, times=st.integers(1, 5), after=st.sampled_from(GAPS[:4]), seen=st.booleans())
    def fails_and_recovers(self, name: str, times: int, after: int, seen: bool) -> None:
        was = self.steps[name].status
        for _ in range(times):
            self.steps[name].status = "FAILED" if seen else was
            self._fails(name, "CM-1")
            self.look(after, frozenset())
            self.steps[name].status = was
            self.look(after, frozenset())

    @rule(name=names, code=st.sampled_from(("CM-1", "CM-2")))
    def fails_briefly(self, name: str, code: str) -> None:
        """And is again what it was; where it was failed, it is failed anew."""
        self._fails(name, code)

    def _fails(self, name: str, code: str) -> None:
        one = self.steps[name]
        # OMS gives whole seconds; it was after the last look
        one.failed_at, one.code = self.steady.now + 3 * SECOND, code
        self.witness.untold.add(name)

    @rule(name=names, records=st.integers(1, 3), rate=st.sampled_from((0.0, 10.0, 25.0, 100.0)))
    def copies(self, name: str, records: int, rate: float) -> None:
        one = self.steps[name]
        one.records += records
        one.rate = rate

    @rule(name=names, progress=st.sampled_from((0, 40, 100)), done=st.booleans())
    def comes_to(self, name: str, progress: int, done: bool) -> None:
        self.steps[name].progress = progress
        self.steps[name].finished_at = self.steady.now if done else None

    @rule(name=names, sampled=st.integers(0, 60), written=st.integers(0, 80))
    def follows(self, name: str, sampled: int, written: int) -> None:
        one = self.steps[name]
        one.sampled_s += sampled
        one.checkpoint_s = min(one.sampled_s, one.checkpoint_s + written)

    @rule(
        name=names,
        lag=st.sampled_from((0, 14, 16, 29, 31, 300)),
        status=st.sampled_from((None, "MONITORING")),
    )
    def lags(self, name: str, lag: int, status: str | None) -> None:
        one = self.steps[name]
        one.status = status or one.status
        one.sampled_s += 10
        one.checkpoint_s = one.sampled_s - lag
        self.look(10 * SECOND, frozenset())

    @rule(name=names, rate=st.sampled_from((10.0, 19.0, 25.0, 31.0)), times=st.integers(1, 8))
    def copies_slowly(self, name: str, rate: float, times: int) -> None:
        one = self.steps[name]
        one.status, one.rate = "RUNNING", rate
        for _ in range(times):
            one.records += 1
            self.look(20 * SECOND, frozenset())

    @rule(name=names, after=st.sampled_from(GAPS))
    def is_paused(self, name: str, after: int) -> None:
        self.steps[name].status = "SUSPEND"
        self.look(after, frozenset())

    @rule(name=names)
    def runs_anew(self, name: str) -> None:
        self.steps[name].started_at = self.steady.now

    @rule(name=names)
    def appears_or_vanishes(self, name: str) -> None:
        self.steps[name].listed = not self.steps[name].listed

    @rule(after=st.sampled_from(GAPS), without=st.frozensets(st.sampled_from(SHOWN), max_size=2))
    def look(self, after: int, without: frozenset[str]) -> None:
        shown = tuple(one.shown(name, without) for name, one in self.steps.items() if one.listed)
        told = self.steady.see(*shown, after=after)
        assert self.restarted.see(*shown, after=after) == told
        assert self.restarted.live == self.steady.live
        open_now = {key for key in self.steady.live if key[0] is not ConditionKind.FLAPPING}
        assert open_now == self.steady.holding()
        steps = {one.name: one for one in shown}
        self.witness.hear(told, steps, self.steady.live.keys(), self.steady.now)

    @rule(times=st.integers(2, 5), after=st.sampled_from(GAPS[:4]))
    def waits(self, times: int, after: int) -> None:
        for _ in range(times):
            self.look(after, frozenset())

    @rule()
    def restarts(self) -> None:
        """Another process goes on with what is stored."""
        old = self.restarted
        assert old.previous
        self.restarted = Watch(
            previous=load_snapshot(dump_snapshot(old.previous)),
            live={key: replace(old.live[key]) for key in reversed(old.live)},
            now=old.now,
            told=[load_event(dump_event(event)) for event in old.told],
            rules=RULES,
            memory=load_watch(dump_watch(old.memory)),
        )
        assert self.restarted.told == self.steady.told


Lasting.TestCase.settings = settings(
    derandomize=True, deadline=None, database=None, max_examples=50, stateful_step_count=30
)
TestWhateverAProjectDoes = Lasting.TestCase
