"""What lasts although no status shows it: a line for each, on cards and in answers."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from omsbot.domain.detection.conditions import Condition, ConditionKind
from omsbot.domain.events import PAUSE_LIMIT_MS
from omsbot.domain.views import ProjectView
from omsbot.slack.kit.spans import Date, Emoji, Line, bold, line
from omsbot.slack.words.status import label


class Trouble(NamedTuple):
    emoji: str
    says: str


TROUBLES: Mapping[ConditionKind, Trouble] = {
    ConditionKind.STALLED: Trouble("hourglass", "stalled"),
    ConditionKind.SLOW: Trouble("snail", "slow"),
    ConditionKind.LAGGING: Trouble("large_orange_circle", "lagging"),
    ConditionKind.FROZEN: Trouble("ice_cube", "checkpoint not advancing"),
    ConditionKind.FLAPPING: Trouble("repeat", "keeps failing and recovering"),
    ConditionKind.OVERDUE: Trouble("alarm_clock", "the deadline will be missed"),
    ConditionKind.PAUSED: Trouble("double_vertical_bar", "paused"),
}


def trouble_lines(view: ProjectView) -> Iterator[Line]:
    """A line for each open condition that the steps themselves do not show, in the order of the steps."""
    steps = view.snapshot.by_key() if view.snapshot else {}
    place = {key: number for number, key in enumerate(steps)}
    for one in sorted(view.conditions, key=lambda one: (place.get(one.step, len(place)), one.kind)):
        if one.opened_at is not None and one.kind in TROUBLES and (one.step in steps or not one.step):
            yield _line(one, label(one.step, steps.get(one.step)) if one.step else "")


def _line(one: Condition, name: str) -> Line:
    trouble = TROUBLES[one.kind]
    says = bold(f"{name} {trouble.says}".strip())
    since = one.pending_at if one.kind is ConditionKind.PAUSED else one.since_at
    parts = line(Emoji(trouble.emoji), " ", says, " since ", Date(since))
    if one.kind is ConditionKind.PAUSED:
        return line(parts, ": resume before ", Date(since + PAUSE_LIMIT_MS), " or it cannot be recovered")
    times = f" ({one.count + 1} failures)" if one.kind is ConditionKind.FLAPPING else None
    return line(parts, times)


def trouble_content(view: ProjectView) -> tuple[object, ...]:
    """What of it counts as content of a card: what is open, not how often it came again."""
    return tuple(
        (one.kind, one.step, one.since_at)
        for one in view.conditions
        if one.opened_at is not None and one.kind in TROUBLES
    )
