"""Silence: the commands that keep a channel quiet for a while, and how they are read."""

from collections.abc import Sequence
from dataclasses import dataclass

from omsbot.bot.grammar.arguments import Asked, Wrong, one_of, take_refs
from omsbot.bot.grammar.refs import lacks_prefix
from omsbot.bot.grammar.words import OFF
from omsbot.domain.durations import DAY_MS, MINUTE_MS, NotADuration, read_duration
from omsbot.domain.notify.quiet_hours import SPAN, QuietHours, read_quiet_hours
from omsbot.domain.project.project import ProjectRef
from omsbot.domain.zones import UnknownZone, read_zone

SHORTEST_MUTE_MS = MINUTE_MS
LONGEST_MUTE_MS = 30 * DAY_MS

_WHOLE_CHANNEL = frozenset({"all", "everything", "channel"})
_UNTIL = frozenset({"until", "till"})
_NOT_IN_QUIET_HOURS = frozenset({"from", "hours", "in"})
_LONGEST_SPAN = 3  # words: `22:00 - 07:00`


@dataclass(frozen=True, slots=True)
class Mute:
    """No `refs` means everything in the channel."""

    refs: tuple[ProjectRef, ...]
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Unmute:
    """No `refs` means everything in the channel."""

    refs: tuple[ProjectRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Quiet:
    """No `hours` means that the channel has no quiet hours any more."""

    hours: QuietHours | None


def read_mute(asked: Asked) -> Mute:
    refs, rest = take_refs(asked)
    length = [word for word in rest if word.lower() not in _WHOLE_CHANNEL]
    hint = f"For example `{asked.example(refs)}`."
    if any(word.lower() in _UNTIL for word in length):
        raise Wrong("A mute is set by its length, not by its end.", hint)
    if not length:
        raise Wrong("For how long?", hint)
    try:
        return Mute(refs, _bounded(read_duration(" ".join(length)), hint))
    except NotADuration as wrong:
        for word in length:
            if lacks_prefix(word):
                asked.ref(word)  # explains what is missing
        raise Wrong(str(wrong), hint) from wrong


def read_unmute(asked: Asked) -> Unmute:
    refs, rest = take_refs(asked)
    for word in rest:
        if word.lower() not in _WHOLE_CHANNEL:
            asked.ref(word)  # explains why this is not a project
    return Unmute(refs)


def read_quiet(asked: Asked) -> Quiet:
    typed = [word for word in asked.args if word.lower() not in _NOT_IN_QUIET_HOURS]
    if len(typed) == 1 and typed[0].lower() in OFF:
        return Quiet(None)
    if len(typed) < 2:
        raise Wrong(
            "Quiet hours need a time of day and a time zone.",
            f"For example `{asked.example()}`, or `/oms quiet off`.",
        )
    hint = f"For example `{asked.example()}`."
    try:
        span, zone = _span_and_zone(typed)
    except ValueError as wrong:
        raise Wrong(str(wrong), hint) from wrong
    try:
        return Quiet(read_quiet_hours(str(span), read_zone(zone)))
    except UnknownZone as wrong:
        raise Wrong(
            str(wrong), one_of(f"/oms quiet {span} {zone}" for zone in wrong.meant) or hint
        ) from wrong


def _bounded(duration_ms: int, hint: str) -> int:
    if not SHORTEST_MUTE_MS <= duration_ms <= LONGEST_MUTE_MS:
        raise Wrong("A mute lasts from one minute to 30 days.", hint)
    return duration_ms


def _span_and_zone(typed: Sequence[str]) -> tuple[QuietHours, str]:
    """The first words that are a part of the day, and the rest; ValueError with a sentence where none are."""
    spans = {count: "".join(map(_dashed, typed[:count])) for count in range(1, _LONGEST_SPAN + 1)}
    count = next((count for count, span in spans.items() if SPAN.fullmatch(span)), 1)
    return read_quiet_hours(spans[count], "UTC"), " ".join(typed[count:])


def _dashed(word: str) -> str:
    return "-" if word.lower() in {"to", *_UNTIL} else word
