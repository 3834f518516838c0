"""Quiet hours: the part of each day in which a channel gets no messages."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from omsbot.domain.zones import zone_info

_CLOCK = r"([01]?\d|2[0-4])(?::?([0-5]\d))?"
SPAN = re.compile(rf"{_CLOCK}\s*-\s*{_CLOCK}")
DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of day to another, in minutes after midnight of a zone (see `zones`)."""

    begin: int
    end: int
    zone: str

    def __str__(self) -> str:
        return f"{_said(self.begin)}-{_said(self.end)}"


def read_quiet_hours(text: str, zone: str) -> QuietHours:
    """Read `22:00-07:00` and the name of a zone; ValueError with a sentence where they are none."""
    found = SPAN.fullmatch(text.strip())
    if found is None:
        raise ValueError("Write quiet hours like 22:00-07:00.")
    begin, end = _minutes(found[1], found[2]), _minutes(found[3], found[4])
    if begin == end:
        raise ValueError("Quiet hours must begin and end at different times.")
    zone_info(zone)
    return QuietHours(begin, end, zone)


def quiet_until(hours: QuietHours, now: int) -> int | None:
    """When the quiet hours end that hold now, in ms; None where none hold.

    The end is a time on the wall: on a day whose clock changes it is still the time that was asked for.
    """
    here = datetime.fromtimestamp(now / 1000, zone_info(hours.zone))
    minute = here.hour * 60 + here.minute
    over_midnight = hours.begin > hours.end
    if over_midnight:
        holds = minute >= hours.begin or minute < hours.end
    else:
        holds = hours.begin <= minute < hours.end
    if not holds:
        return None
    tomorrow = over_midnight and minute >= hours.begin
    day = here.date() + timedelta(days=1 if tomorrow else 0)
    clock = time(hours.end // 60 % 24, hours.end % 60)
    ends = datetime.combine(day, clock, zone_info(hours.zone))
    return int(ends.timestamp() * 1000)


def _minutes(hour: str, minute: str | None) -> int:
    return (int(hour) * 60 + int(minute or 0)) % DAY_MINUTES


def _said(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
