"""What a step's numbers come to: how long, how fast, how much is left. Values only, no words."""

import math

from omsbot.domain.project.project import Snapshot, Step, StepInfo, StepKind, StepStatus

COPYING = {StepKind.FULL_COPY, StepKind.VERIFICATION}
# the lag thresholds of OMS's own alerts begin at 30 s (HIGH), 300 s (MEDIUM) and 900 s (LOW)
LAGGING_S = 300
LONGEST_LEFT_MS = 366 * 86_400_000  # a longer estimate says only that hardly anything moves
STALE_S = 60  # OMS samples a checkpoint every 10 s; up to 25 s is normal


def ran_ms(step: Step, now: int) -> int | None:
    """How long the step took, or has been running until now."""
    if step.started_at is None:
        return None
    return max(0, _until(step, now) - step.started_at)


def _until(step: Step, now: int) -> int:
    if step.status is StepStatus.FINISHED and step.finished_at is not None:
        return step.finished_at
    if step.status is StepStatus.FAILED and step.failed_at is not None:
        return step.failed_at
    return now


def speed(info: StepInfo) -> tuple[float, float | None] | None:
    """Rows a second written and their reference; those read where OMS gives none written."""
    for rps, reference in ((info.dst_rps, info.dst_rps_ref), (info.src_rps, info.src_rps_ref)):
        if rps is not None and math.isfinite(rps):
            return rps, reference if reference and math.isfinite(reference) else None
    return None


def rows(info: StepInfo) -> tuple[int | None, int | None]:
    """(rows done, rows estimated in all)."""
    done = info.processed_records if info.processed_records is not None else info.finished_count
    return done, info.capacity if info.capacity is not None else info.estimated_total


def left_ms(step: Step) -> int | None:
    """How long a running copy still takes: OMS's own estimate, else what is left at the present speed."""
    info = step.info
    if info is None or step.status is not StepStatus.RUNNING or step.kind not in COPYING:
        return None
    said = info.estimated_remaining_s
    left = said * 1000 if said is not None else _left_at_speed_ms(info)
    return int(left) if left is not None and left <= LONGEST_LEFT_MS else None


def _left_at_speed_ms(info: StepInfo) -> float | None:
    done, total = rows(info)
    fast = speed(info)
    if done is None or total is None or not fast or fast[0] <= 0 or total <= done:
        return None
    return (total - done) / fast[0] * 1000


def sample_age_s(step: Step, now: int) -> int | None:
    """How old OMS's checkpoint sample is, in seconds; None where it is as young as it should be."""
    if step.info is None or step.info.sampled_s is None:
        return None
    age = now // 1000 - step.info.sampled_s
    return age if age > STALE_S else None


def read_at(snapshot: Snapshot) -> int:
    """When an answer was given, in ms: by the server's own clock where it tells it, else by ours."""
    return snapshot.observed_at if snapshot.server_at is None else snapshot.server_at


def staleness_s(step: Step, at: int) -> int | None:
    """How old OMS's checkpoint sample was at a time (see `read_at`), in seconds, never below 0."""
    if step.info is None or step.info.sampled_s is None:
        return None
    return max(0, at // 1000 - step.info.sampled_s)
