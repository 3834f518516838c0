"""The words a scenario is written in: keys on a step's script, steps, a whole scenario."""

from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from operator import attrgetter

from omsbot.sandbox.scenarios.failures import OmsFailure

_AT = attrgetter("at")

Window = tuple[float, float]  # from this position on, and before that one


class Status(StrEnum):
    """What OMS says of a step."""

    INIT = "INIT"
    RUNNING = "RUNNING"
    FAILED = "FAILED"
    FINISHED = "FINISHED"
    SUSPEND = "SUSPEND"
    MONITORING = "MONITORING"


class Flavour(StrEnum):
    """Whose habits the answers follow."""

    COMMUNITY = "community"
    CLOUD = "cloud"


@dataclass(frozen=True, slots=True)
class Key:
    """From position `at` on a step has this status; while it runs, progress moves evenly to the next key."""

    at: float
    status: Status
    progress: float = 0.0


@dataclass(frozen=True, slots=True)
class StepPlan:
    """One step of a scenario; without keys it stays INIT.

    `records` is the estimated number of rows. `lag` lists (position, seconds behind), between which lag moves
    evenly. From the first to the second position of each window in `frozen` the checkpoint stands still; in
    `unsampled` it is not even looked at, so that its sample stands too. `inconsistencies` are the rows that a
    verification finds in its last part. `failure` is what every FAILED key
    shows; a recovered step keeps its failure time, and with `keeps_error` the whole error.
    """

    order: int
    name: str
    keys: tuple[Key, ...] = ()
    records: int = 0
    lag: tuple[tuple[float, float], ...] = ()
    frozen: tuple[Window, ...] = ()
    unsampled: tuple[Window, ...] = ()
    inconsistencies: int = 0
    failure: OmsFailure | None = None
    keeps_error: bool = False

    def index_at(self, position: float) -> int:
        """The index of the key in force, -1 before the first."""
        return bisect_right(self.keys, position, key=_AT) - 1

    def status_at(self, position: float) -> Status:
        index = self.index_at(position)
        return self.keys[index].status if index >= 0 else Status.INIT

    def next_key(self, position: float) -> Key | None:
        index = self.index_at(position) + 1
        return self.keys[index] if index < len(self.keys) else None

    def slope_at(self, position: float) -> float:
        """Per cent of progress in a script second."""
        index = self.index_at(position)
        following = self.next_key(position)
        if index < 0 or following is None or self.keys[index].status is not Status.RUNNING:
            return 0.0
        key = self.keys[index]
        return (following.progress - key.progress) / (following.at - key.at)

    def progress_at(self, position: float) -> float:
        """Progress in per cent, 0 to 100."""
        index = self.index_at(position)
        if index < 0:
            return 0.0
        key = self.keys[index]
        return key.progress + self.slope_at(position) * (position - key.at)

    def lag_at(self, position: float) -> float:
        """Seconds that the checkpoint is behind its sample."""
        points = self.lag or ((0.0, 1.0),)
        for (begin, low), (end, high) in pairwise(points):
            if begin <= position < end:
                return low + (high - low) * (position - begin) / (end - begin)
        return points[0][1] if position < points[0][0] else points[-1][1]


@dataclass(frozen=True, slots=True)
class Scenario:
    """What happens to one project when nobody interferes; `released` is the position at which it is gone."""

    name: str
    steps: tuple[StepPlan, ...]
    summary: str
    flavour: Flavour = Flavour.COMMUNITY
    language: str = "en"
    released: float | None = None
