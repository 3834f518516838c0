"""What a step's numbers come to, under the names by which the texts use them."""

from omsbot.domain.project.figures import (
    COPYING,
    LAGGING_S,
    STALE_S,
    left_ms,
    ran_ms,
    rows,
    sample_age_s,
    speed,
)

__all__ = ["COPYING", "LAGGING_S", "STALE_S", "left_ms", "ran_ms", "rows", "sample_age_s", "speed"]
