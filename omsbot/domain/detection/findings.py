"""One thing learnt: what it does to a condition, and what is posted of it."""

from dataclasses import dataclass

from omsbot.domain.detection.conditions import Condition
from omsbot.domain.events import Event


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that does not last."""

    event: Event


@dataclass(frozen=True, slots=True)
class Opened:
    """A condition that is new; without an event it is only suspected or counted."""

    condition: Condition
    event: Event | None = None


@dataclass(frozen=True, slots=True)
class Continued:
    """A condition that lasts or came again, as it is now; the event is that it is believed or a reminder."""

    condition: Condition
    event: Event | None = None


@dataclass(frozen=True, slots=True)
class Cleared:
    """A condition that has ended; without an event another one says so, or no one heard of it."""

    condition: Condition
    event: Event | None = None


Finding = Happened | Opened | Continued | Cleared


def changed(finding: Finding) -> Condition | None:
    """The condition that a finding opens, continues or clears."""
    return None if isinstance(finding, Happened) else finding.condition
