"""A project's deadline: how a person writes it, which moment that is, and whether an estimate passes it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from omsbot.domain.forecast.estimate import Estimate

FORMS = "02:00, tomorrow 02:00, 2026-11-26 02:00 Europe/Berlin, or in 6h"
MINUTE_MS = 60_000
FARTHEST_MS = 366 * 86_400_000

_FILLERS = {"at", "by", "until", "till", "before", "on"}
_DAYS = {"today": 0, "tomorrow": 1}
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")
_STAMP = re.compile(r"(\d{4}-\d\d-\d\d)(?:t(\d\d?:\d\d)(z)?)?")
_LENGTH = re.compile(r"(?:\d{1,5}[a-z]+)+")
_PART = re.compile(r"(\d{1,5})([a-z]+)")
_UNITS: Mapping[int, str] = {
    MINUTE_MS: "m min mins minute minutes",
    60 * MINUTE_MS: "h hr hrs hour hours",
    24 * 60 * MINUTE_MS: "d day days",
}
_LENGTHS = {word: ms for ms, listed in _UNITS.items() for word in listed.split()}


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
    length = "".join(words).lower()
    if (words and words[0].lower() == "in") or _LENGTH.fullmatch(length):
        return Wanted(after_ms=_length(length.removeprefix("in")))
    wanted = Wanted()
    for word in words:
        wanted = _with(wanted, word)
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
    at = next((one for one in _moments(wanted, ZoneInfo(spoken), now) if one > now), None)
    if at is None:
        raise ValueError(f"That moment has passed already ({spoken}).")
    if at - now > FARTHEST_MS:
        raise ValueError("A deadline is at most a year away.")
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


def _with(wanted: Wanted, word: str) -> Wanted:
    """What was written so far, and one more word of it."""
    lower = word.lower()
    if clock := _CLOCK.fullmatch(lower):
        return _once(wanted, minutes=int(clock[1]) * 60 + int(clock[2]))
    if lower in _DAYS:
        return _once(wanted, day=_DAYS[lower])
    if stamp := _STAMP.fullmatch(lower):
        dated = _once(wanted, day=_date(stamp[1]))
        timed = _with(dated, stamp[2]) if stamp[2] else dated
        return _once(timed, zone="UTC") if stamp[3] else timed
    if "/" in word or lower in {"utc", "gmt"}:
        return _once(wanted, zone=_zone(word))
    raise ValueError(f"That is not a deadline. Write it like {FORMS}.")


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


def _zone(word: str) -> str:
    name = word.upper() if "/" not in word else word
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("That is not a time zone. Write it like Europe/Berlin or Asia/Shanghai.") from None
    return name


def _length(text: str) -> int:
    if not _LENGTH.fullmatch(text):
        raise ValueError(f"In how long? Write it like {FORMS}.")
    parts = [(int(number), _LENGTHS.get(unit)) for number, unit in _PART.findall(text)]
    total = sum(number * (unit or 0) for number, unit in parts)
    if any(unit is None for _, unit in parts):
        raise ValueError("That is not a length of time. Write it like in 6h or in 1h30m.")
    if not MINUTE_MS <= total <= FARTHEST_MS:
        raise ValueError("A deadline is at least a minute and at most a year away.")
    return total


def _moments(wanted: Wanted, zone: ZoneInfo, now: int) -> Iterator[int]:
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
