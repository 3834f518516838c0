"""What is expected of a project: when its copies end and its lags are caught up.

Estimates rest on the server's clock; what is posted rests on ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from omsbot.domain.forecast.estimate import CatchUp, Estimate, catch_up, eta
from omsbot.domain.memory.step_memory import FOLLOWS, Watch
from omsbot.domain.project.figures import COPYING, read_at
from omsbot.domain.project.phase import waits_for_person
from omsbot.domain.project.project import FOLLOWING, Snapshot, StepStatus


@dataclass(frozen=True, slots=True)
class Outlook:
    """By step: when a running copy ends, by our clock in ms; in how long a lag is caught up."""

    ends: Mapping[str, Estimate] = field(default_factory=dict)
    catch_ups: Mapping[str, CatchUp] = field(default_factory=dict)

    @property
    def likely_end(self) -> Estimate | None:
        """The last of the known ends."""
        known = [one for one in self.ends.values() if one.likely is not None]
        return max(known, key=lambda one: one.likely or 0, default=None)


def outlook(snapshot: Snapshot | None, watch: Watch) -> Outlook:
    """Estimate from what is remembered of the steps; empty for a project that nobody follows."""
    if snapshot is None or not watch.steps:
        return Outlook()
    at = read_at(snapshot)
    ahead = snapshot.observed_at - at
    ends: dict[str, Estimate] = {}
    catch_ups: dict[str, CatchUp] = {}
    for key, step in snapshot.keyed():
        memory = watch.steps.get(key)
        if memory is None:
            continue
        if step.kind in COPYING and step.status is StepStatus.RUNNING and not waits_for_person(step):
            ends[key] = _by_our_clock(eta(memory.trend, step, now=at), ahead)
        elif step.kind in FOLLOWING and step.status in FOLLOWS:
            catch_ups[key] = catch_up(memory.trend, step, now=at)
    return Outlook(ends, catch_ups)


def _by_our_clock(found: Estimate, ahead: int) -> Estimate:
    if found.likely is None or found.earliest is None or found.latest is None:
        return found
    return replace(
        found,
        earliest=found.earliest + ahead,
        likely=found.likely + ahead,
        latest=found.latest + ahead,
    )
