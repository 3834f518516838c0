"""Which steps are shown where there are more than a message can take: what needs eyes before what rests."""

from omsbot.domain.project.project import Snapshot, Step, StepStatus

_RANK = {
    status: rank
    for rank, status in enumerate(
        (
            StepStatus.FAILED,
            StepStatus.SUSPEND,
            StepStatus.UNKNOWN,
            StepStatus.RUNNING,
            StepStatus.MONITORING,
            StepStatus.INIT,
            StepStatus.FINISHED,
        )
    )
}


def chosen_steps(snapshot: Snapshot, most: int) -> tuple[list[tuple[str, Step]], int]:
    """(at most so many steps with their keys, in their order; how many are left out)."""
    steps = list(snapshot.keyed())
    urgent = sorted(range(len(steps)), key=lambda i: _RANK[steps[i][1].status])[:most]
    return [steps[i] for i in sorted(urgent)], max(0, len(steps) - most)
