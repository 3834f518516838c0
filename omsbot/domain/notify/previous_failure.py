"""The failure before: what an alert can say of the last time that the same step failed."""

from collections.abc import Mapping
from dataclasses import dataclass

from omsbot.domain.events import EventKind
from omsbot.domain.notify.compose import Composition, Shown


@dataclass(frozen=True, slots=True)
class PastFailure:
    """A failure that is over: since when it was (ms), and how long until the step recovered.

    `recovered_after_ms` is None where it ended otherwise: the step was run anew, stopped or removed.
    """

    at: int
    recovered_after_ms: int | None = None


def failures(composition: Composition) -> Mapping[str, int]:
    """The failures that a message shows in full: each step's key, and when its first one was seen."""
    seen: dict[str, int] = {}
    for item in composition.items:
        event = item.event
        if item.shown is Shown.FULL and event.kind is EventKind.STEP_FAILED and event.step:
            seen[event.step] = min(event.observed_at, seen.get(event.step, event.observed_at))
    return seen
