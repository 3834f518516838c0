"""Which pending deliveries of one subscription become one message, and how each is shown in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from omsbot.domain.delivery import Reason
from omsbot.domain.events import Event, EventKind, Severity

FULL_LIMIT = 3  # failures shown with all that is known; more are a line each
LINE_LIMIT = 20  # lines; more are counted

_URGENCY = {severity: rank for rank, severity in enumerate(Severity)}

# a server's health is no condition of a step: the last of these is what holds of it
SERVER_OPENINGS = {EventKind.SERVER_UNREACHABLE, EventKind.SERVER_REJECTS_LOGIN}
SERVER_EVENTS = {*SERVER_OPENINGS, EventKind.SERVER_BACK}


class Shown(Enum):
    FULL = auto()  # all that is known of it
    LINE = auto()
    COUNTED = auto()


@dataclass(frozen=True, slots=True)
class Pending:
    """One delivery that may be told now.

    `holds` says whether the condition that the event opened is still open (None: it opened none).
    `reason` is MUTED where a silence had postponed it.
    """

    delivery_id: int
    event: Event
    holds: bool | None = None
    reason: Reason = Reason.NEWS


@dataclass(frozen=True, slots=True)
class Item:
    delivery_id: int
    event: Event
    shown: Shown
    reason: Reason

    @property
    def already(self) -> bool:
        """Whether it was so before this channel began to listen."""
        return self.event.already or self.reason is Reason.OPEN_WHEN_SUBSCRIBED


@dataclass(frozen=True, slots=True)
class Composition:
    """One message: its items, most urgent first and in order of time among equals."""

    items: tuple[Item, ...]
    broadcast: bool
    mention: bool
    muted: bool

    @property
    def counted(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.shown is Shown.COUNTED)

    @property
    def visible(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.shown is not Shown.COUNTED)


def compose(pending: Sequence[Pending]) -> Composition:
    """Make one message of all that is pending for one subscription, given in order of time.

    What a silence postponed and what is over by now is counted, not told one by one.
    """
    over = {one.delivery_id for one in pending if _over(one, pending)}
    urgent_first = sorted(pending, key=lambda p: (p.delivery_id in over, _URGENCY[p.event.severity]))
    full = lines = 0
    items = []
    for one in urgent_first:
        if one.delivery_id in over:
            items.append(Item(one.delivery_id, one.event, Shown.COUNTED, Reason.COLLAPSED))
            continue
        shown = _shown(one, full, lines)
        full += shown is Shown.FULL
        lines += shown is Shown.LINE
        reason = Reason.FOLDED if shown is Shown.COUNTED else one.reason
        items.append(Item(one.delivery_id, one.event, shown, reason))
    told = [item for item in items if item.shown is not Shown.COUNTED]
    return Composition(
        items=tuple(items),
        broadcast=any(item.event.broadcast for item in told),
        mention=any(item.event.severity is Severity.CRITICAL for item in told),
        muted=any(p.reason is Reason.MUTED for p in pending),
    )


def _over(one: Pending, pending: Sequence[Pending]) -> bool:
    """Whether a silence postponed an event until what it told was no longer so."""
    if one.reason is not Reason.MUTED:
        return False
    if one.holds is None and one.event.kind in SERVER_OPENINGS:
        of_server = [other for other in pending if other.event.kind in SERVER_EVENTS]
        return of_server[-1] is not one
    return not one.holds


def _shown(pending: Pending, full: int, lines: int) -> Shown:
    if lines >= LINE_LIMIT:
        return Shown.COUNTED
    if pending.event.severity is Severity.CRITICAL and full < FULL_LIMIT:
        return Shown.FULL
    return Shown.LINE
