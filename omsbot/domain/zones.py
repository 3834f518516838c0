"""Time zones as people write them: `Europe/Berlin`, `new york`, `UTC+2`; and as they are stored.

What is stored is a name of the IANA list, or an offset written `UTC+02:00` where a person gave one.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta, timezone, tzinfo
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from omsbot.domain.zone_hints import ABBREVIATIONS, OTHER_CITIES

EXAMPLES = "Europe/Berlin, New York or UTC+2"

_AREAS = frozenset(
    [
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    ]
)
_NO_PLACE = frozenset({"Factory"})
_OFFSET = re.compile(r"(?:utc|gmt)?([+-])([0-9]{1,2})(?::?([0-5][0-9]))?")
_EASTERNMOST = timedelta(hours=14)
_WESTERNMOST = timedelta(hours=-12)


class UnknownZone(ValueError):  # noqa: N818 - what a person mistyped, not a fault of the program
    """A text names no zone, or several; `meant` are those that it may have meant."""

    def __init__(self, sentence: str, meant: Sequence[str] = ()) -> None:
        super().__init__(sentence)
        self.meant = tuple(meant)


def zone_info(stored: str) -> tzinfo:
    """The zone of a stored name; ValueError with a sentence where there is none.

    It reads more than `read_zone` accepts: what earlier versions stored stays readable.
    """
    if offset := _OFFSET.fullmatch(stored.lower()):
        return _fixed(offset)
    try:
        return ZoneInfo(stored)
    except (KeyError, ValueError, OSError):
        raise UnknownZone(_not_a_zone()) from None


def read_zone(text: str) -> str:
    """Read a zone as it is to be stored; `UnknownZone` where the text names none, or is a trap."""
    joined = "".join(text.lower().split())
    if offset := _OFFSET.fullmatch(joined):
        return _offset_name(offset)
    if found := ABBREVIATIONS.get(joined):
        raise UnknownZone(_trap(joined.upper(), found), found)
    key = _key(text)
    if name := _names().get(key):
        return name
    return _city(key)


def _city(key: str) -> str:
    found = _cities().get(key, ())
    if len(found) == 1:
        return found[0]
    if found:
        raise UnknownZone(f"Several time zones have that name: {' and '.join(found)}.", found)
    if other := OTHER_CITIES.get(key):
        raise UnknownZone(f"The list of time zones does not have that city; its clock is {other}.", (other,))
    raise UnknownZone(_not_a_zone(), _near(key))


def _near(key: str) -> tuple[str, ...]:
    known = {**{one: names[0] for one, names in _cities().items()}, **_names()}
    # a text of three letters or less is near to many names by chance
    close = get_close_matches(key[:40], list(known), n=1, cutoff=0.75) if len(key) > 3 else []
    return tuple(known[one] for one in close)


def _key(text: str) -> str:
    """A name without what people write in different ways: case, spaces, underscores, `of`."""
    words = re.split(r"[\s_]+", text.strip().lower())
    return "".join(word for word in words if word != "of")


@cache
def _names() -> Mapping[str, str]:
    """The IANA list. The operating system's folder has more: `localtime`, `posix/...`, `right/...`."""
    listed = files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    return {_key(name): name for name in listed if name not in _NO_PLACE}


@cache
def _cities() -> Mapping[str, tuple[str, ...]]:
    """The zones of each city. Of an old and a longer new name (`America/Argentina/...`) the longer one."""
    found: dict[str, list[str]] = {}
    for name in _names().values():
        if name.split("/")[0] in _AREAS:
            found.setdefault(_key(name.rsplit("/", 1)[-1]), []).append(name)
    return {city: _longest(names) for city, names in found.items()}


def _longest(names: Sequence[str]) -> tuple[str, ...]:
    parts = max(name.count("/") for name in names)
    return tuple(sorted(name for name in names if name.count("/") == parts))


def _offset_name(offset: re.Match[str]) -> str:
    """`UTC+02:00`; UTC itself keeps its name."""
    _fixed(offset)
    sign, hours, minutes = offset.groups()
    name = f"UTC{sign}{int(hours):02}:{minutes or '00'}"
    return "UTC" if name.endswith("00:00") else name


def _fixed(offset: re.Match[str]) -> tzinfo:
    sign, hours, minutes = offset.groups()
    away = timedelta(hours=int(hours), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    if not _WESTERNMOST <= away <= _EASTERNMOST:
        raise UnknownZone("Offsets from UTC go from UTC-12 to UTC+14.")
    return timezone(away) if away else UTC


def _trap(abbreviation: str, meant: Sequence[str]) -> str:
    if len(meant) > 1:
        return f"{abbreviation} means several time zones: {', '.join(meant[:-1])} or {meant[-1]}."
    return f"{abbreviation} does not say which place's clock is meant, nor its summer time."


def _not_a_zone() -> str:
    return f"That is not a time zone. Write it like {EXAMPLES}."
