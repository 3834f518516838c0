"""A project's deadline: how a person writes it, which moment that is, and whether an estimate passes it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from omsbot.domain.durations import DAY_MS, MINUTE_MS, NotADuration, read_duration
from omsbot.domain.forecast.estimate import Estimate
from omsbot.domain.zones import UnknownZone, read_zone, zone_info

FORMS = "02:00, tomorrow 02:00, 2026-11-26 02:00 Europe/Berlin, or in 6h"
FARTHEST_MS = 366 * DAY_MS

_FILLERS = {"at", "by", "until", "till", "before", "on"}
_DAYS = {"today": 0, "tomorrow": 1}
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")
_STAMP = re.compile(r"(\d{4}-\d\d-\d\d)(?:t(\d\d?:\d\d)(z)?)?")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A deadline as it was written: a length of time from now on, or a time on the wall of a time zone.

    `minutes` are those after midnight, `day` is a date such as 2026-11-26 or days from today (None: the next
    day on which it is that time). No `zone` means that it was not said.
    """

    after_ms: int | None = None
    minutes: int | None = None
    day: date | int | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """The moment of a deadline, in ms, and the time zone by which it was understood (None: by none).

    `assumed` says that nobody named the zone.
    """

    at: int
    zone: str | None = None
    assumed: bool = False


def read_deadline(text: str) -> Wanted:
    """Read `02:00`, `tomorrow 2:00 Europe/Berlin` or `in 6h`; ValueError with a sentence otherwise."""
    words = [word for word in text.split() if word.lower() not in _FILLERS]
    length = _length(words)
    if length is not None:
        return Wanted(after_ms=length)
    wanted, rest = Wanted(), list[str]()
    for word in words:
        more = _with(wanted, word)
        wanted = more or wanted
        rest += [] if more else [word]
    if rest:
        wanted = _with_zone(wanted, rest)
    if wanted.minutes is None:
        raise ValueError(f"A deadline needs a time. Write it like {FORMS}.")
    return wanted


def moment(wanted: Wanted, *, now: int, zone: str | None) -> Moment:
    """The next moment after `now` (ms) that is meant; `zone` holds where none was said, UTC where it is None.

    A time that the clock skips is the one after the skip, and of a time that comes twice the first to come.
    Raises ValueError, with a sentence, for one that has passed.
    """
    if wanted.after_ms is not None:
        return Moment(now + wanted.after_ms)
    spoken = wanted.zone or zone or "UTC"
    at = next((one for one in _moments(wanted, zone_info(spoken), now) if one > now), None)
    if at is None:
        raise ValueError(f"That moment has passed ({spoken}).")
    if at - now > FARTHEST_MS:
        raise ValueError("A deadline can be at most a year away.")
    return Moment(at, spoken, assumed=not (wanted.zone or zone))


def passes(estimate: Estimate, deadline_at: int, *, now: int, already: bool = False) -> bool:
    """Whether a running step will be, or is, too late; all times on one clock, in ms.

    It is as soon as its likely end is after the deadline, and `already` being so it is until even its latest
    end is not: an end that wavers around the deadline does not come and go. Without an estimate it stays.
    """
    if now > deadline_at:
        return True
    if estimate.likely is None or estimate.latest is None:
        return already
    return estimate.latest > deadline_at if already else estimate.likely > deadline_at


def _with(wanted: Wanted, word: str) -> Wanted | None:
    """What was written so far, and one more word of it; None where the word is neither a day nor a time."""
    lower = word.lower()
    if clock := _CLOCK.fullmatch(lower):
        return _once(wanted, minutes=int(clock[1]) * 60 + int(clock[2]))
    if lower in _DAYS:
        return _once(wanted, day=_DAYS[lower])
    if stamp := _STAMP.fullmatch(lower):
        dated = _once(wanted, day=_date(stamp[1]))
        timed = (_with(dated, stamp[2]) if stamp[2] else dated) or dated
        return _once(timed, zone="UTC") if stamp[3] else timed
    return None


def _with_zone(wanted: Wanted, rest: Sequence[str]) -> Wanted:
    """The same in the zone that the remaining words name, as in `02:00 New York`."""
    if rest[0][:1].isdecimal():
        raise ValueError(f"That is not a deadline. Write it like {FORMS}.")
    try:
        return _once(wanted, zone=read_zone(" ".join(rest)))
    except UnknownZone:
        if wanted.minutes is None:
            raise ValueError(f"That is not a deadline. Write it like {FORMS}.") from None
        if len(rest) > 1 and all(map(_is_zone, rest)):
            raise ValueError(f"A project has one deadline. Write it like {FORMS}.") from None
        raise


def _is_zone(word: str) -> bool:
    try:
        return bool(read_zone(word))
    except UnknownZone:
        return False


def _once(
    wanted: Wanted, *, minutes: int | None = None, day: date | int | None = None, zone: str = ""
) -> Wanted:
    known = (minutes is not None, wanted.minutes), (day is not None, wanted.day), (bool(zone), wanted.zone)
    if any(said and before is not None for said, before in known):
        raise ValueError(f"A project has one deadline. Write it like {FORMS}.")
    return replace(
        wanted,
        minutes=wanted.minutes if minutes is None else minutes,
        day=wanted.day if day is None else day,
        zone=zone or wanted.zone,
    )


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("There is no such day. Write it like 2026-11-26 02:00.") from None


def _length(words: Sequence[str]) -> int | None:
    """The length of time that the words are, with or without `in`; None where they are something else."""
    marked = bool(words) and words[0].lower() == "in"
    length = " ".join(words[1:] if marked else words)
    if marked and (not length or length.isdecimal()):
        raise ValueError(f"In how long? Write it like {FORMS}.")
    try:
        found = read_duration(length)
    except NotADuration:
        if marked:
            raise
        return None
    if not MINUTE_MS <= found <= FARTHEST_MS:
        raise ValueError("A deadline is at least a minute and at most a year away.")
    return found


def _moments(wanted: Wanted, zone: tzinfo, now: int) -> Iterator[int]:
    """The moments that may be meant, in order."""
    today = datetime.fromtimestamp(now / 1000, UTC).astimezone(zone).date()
    if isinstance(wanted.day, date):
        days = [wanted.day]
    else:
        days = [today + timedelta(days=n) for n in ((0, 1, 2) if wanted.day is None else (wanted.day,))]
    minutes = wanted.minutes or 0
    for day in days:
        there = datetime.combine(day, time(minutes // 60, minutes % 60), zone)
        twice = (there.timestamp(), there.replace(fold=1).timestamp())
        yield from (int(one * 1000) for one in (twice if twice[1] > twice[0] else twice[:1]))
