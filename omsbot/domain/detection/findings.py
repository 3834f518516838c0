"""One thing learnt: what is told of it, and what it does to a condition."""

from dataclasses import dataclass

from omsbot.domain.detection.conditions import Condition, ConditionKind
from omsbot.domain.events import Event


@dataclass(frozen=True, slots=True)
class Finding:
    """An event to tell, and the condition that opens, comes again or ends with it; any of them may be
    missing.
    """

    event: Event | None = None
    opens: Condition | None = None
    again: Condition | None = None
    clears: Condition | None = None

    @property
    def changed(self) -> Condition | None:
        return self.opens or self.again or self.clears

    @property
    def about(self) -> ConditionKind | None:
        return self.changed.kind if self.changed else None
