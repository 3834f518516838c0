"""Which pending deliveries of one subscription become one message, and how each is shown in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import assert_never

from omsbot.domain.event_kinds import KIND_FACTS, About, Collapse, KindFacts
from omsbot.domain.events import Event, Severity
from omsbot.domain.notify.delivery import Reason

FULL_LIMIT = 3  # failures shown with all that is known; more are a line each
LINE_LIMIT = 20  # lines; more are counted

_URGENCY = {severity: rank for rank, severity in enumerate(Severity)}

POSTPONED = {Reason.MUTED, Reason.LATE}


class Shown(Enum):
    FULL = auto()  # all that is known of it
    LINE = auto()
    COUNTED = auto()


@dataclass(frozen=True, slots=True)
class Pending:
    """One delivery that may be told now.

    `condition` is the id of the condition that the event opened or ended (None: neither), and `holds` says
    whether that is open. `reason` is MUTED where a silence had postponed it, LATE where Slack could not be
    reached for long. `again` says that nobody knows whether it was told already.
    """

    delivery_id: int
    event: Event
    holds: bool | None = None
    reason: Reason = Reason.NEWS
    condition: int | None = None
    again: bool = False


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
    again: bool = False

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
    batch = _Batch.of(pending)
    over = {one.delivery_id for one in pending if _over(one, batch)}
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
        again=any(p.again for p in pending),
    )


@dataclass(frozen=True, slots=True)
class _Batch:
    """What is to be known of all that waits, to judge one of it; each is a delivery's or a condition's id."""

    began: frozenset[int | None]
    newest_progress: int | None
    first_of_server: Pending | None
    last_of_server: Pending | None

    @classmethod
    def of(cls, pending: Sequence[Pending]) -> "_Batch":
        progress = [one.delivery_id for one in pending if one.event.severity is Severity.INFO]
        of_server = [one for one in pending if _facts(one).about is About.SERVER]
        return cls(
            began=frozenset(one.condition for one in pending if _facts(one).opens),
            newest_progress=progress[-1] if progress else None,
            first_of_server=of_server[0] if of_server else None,
            last_of_server=of_server[-1] if of_server else None,
        )


def _facts(one: Pending) -> KindFacts:
    return KIND_FACTS[one.event.kind]


def _over(one: Pending, batch: _Batch) -> bool:
    """Whether an event waited until it was not worth a line any more."""
    if one.reason is Reason.COLLAPSED:  # so it was judged for a message that Slack did not take
        return True
    return one.reason in POSTPONED and _passed(one, batch)


def _passed(one: Pending, batch: _Batch) -> bool:
    """Whether what an event says has passed meanwhile, by the rule of its kind."""
    rule, muted = _facts(one).collapse, one.reason is Reason.MUTED
    match rule:
        case Collapse.NEVER:
            return False
        case Collapse.UNLESS_IT_HOLDS:
            return not one.holds
        case Collapse.WITH_ITS_BEGINNING:
            return one.condition is None or one.condition in batch.began
        case Collapse.UNLESS_LAST_OF_SERVER:
            return _passed_for_server(one, batch)
        case Collapse.UNLESS_NEWEST:
            return muted or one.delivery_id != batch.newest_progress
        case Collapse.AFTER_A_SILENCE:
            return muted
        case _:
            assert_never(rule)


def _passed_for_server(one: Pending, batch: _Batch) -> bool:
    """Of a server's health the last event holds; that it is back is news where its absence was posted."""
    if one is not batch.last_of_server or batch.first_of_server is None:
        return True
    return not _facts(one).opens and _facts(batch.first_of_server).opens is not None


def _shown(pending: Pending, full: int, lines: int) -> Shown:
    if lines >= LINE_LIMIT:
        return Shown.COUNTED
    if pending.event.severity is Severity.CRITICAL and full < FULL_LIMIT:
        return Shown.FULL
    return Shown.LINE
