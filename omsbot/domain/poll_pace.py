"""How soon a project is worth asking about again."""

from omsbot.domain.project.phase import ProjectPhase, completed, project_state, works
from omsbot.domain.project.project import Snapshot, StepStatus

INCREMENTAL_FACTOR = 1.5
RESTING_FACTOR = 6
JITTER = 0.1  # of the pause, so that projects that were subscribed together do not stay in step

ACTIVE_PHASES = {ProjectPhase.FAILED, ProjectPhase.UNKNOWN, ProjectPhase.RUNNING}


def pause_ms(snapshot: Snapshot, *, interval_ms: int, chance: float) -> int:
    """How long to wait before the next poll, in ms; `chance` is a random number from 0 to 1."""
    return jittered(interval_ms * factor(snapshot), chance)


def jittered(pause: float, chance: float) -> int:
    """A pause a little shorter or longer, in its own unit."""
    return int(pause * (1 + JITTER * (2 * chance - 1)))


def factor(snapshot: Snapshot) -> float:
    """The pause in poll intervals: what moves or failed sets it, however many other steps rest."""
    working = any(works(step) for step in snapshot.steps)
    if working and not completed(snapshot):
        return 1  # whatever else its steps do
    phase = project_state(snapshot).phase
    if phase is ProjectPhase.COMPLETED:
        return RESTING_FACTOR
    if working or phase in ACTIVE_PHASES:
        return 1
    in_sync = any(step.status is StepStatus.MONITORING for step in snapshot.steps)
    return INCREMENTAL_FACTOR if in_sync else RESTING_FACTOR


def longest_pause_ms(interval_ms: int) -> int:
    """The longest pause that a project is ever given, in ms."""
    return int(interval_ms * RESTING_FACTOR * (1 + JITTER))
