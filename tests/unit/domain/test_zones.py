"""Time zones as people write them, and as they are stored."""

from datetime import UTC, datetime, timedelta, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omsbot.domain.zone_hints import ABBREVIATIONS, OTHER_CITIES
from omsbot.domain.zones import UnknownZone, read_zone, zone_info
from tests.unit.domain.strategies import repeatable

SUMMER = datetime(2026, 7, 1, 12, tzinfo=UTC)

READ = {
    "Europe/Berlin": "Europe/Berlin",
    "europe/berlin": "Europe/Berlin",
    "EUROPE/BERLIN": "Europe/Berlin",
    "Berlin": "Europe/Berlin",
    "Shanghai": "Asia/Shanghai",
    "kolkata": "Asia/Kolkata",
    "New York": "America/New_York",
    "new  york": "America/New_York",
    "new_york": "America/New_York",
    "NewYork": "America/New_York",
    "america/new york": "America/New_York",
    "Port of Spain": "America/Port_of_Spain",
    "port spain": "America/Port_of_Spain",
    "Port-au-Prince": "America/Port-au-Prince",
    "buenos aires": "America/Argentina/Buenos_Aires",
    "US/Pacific": "US/Pacific",
    "UTC": "UTC",
    "utc": "UTC",
    "gmt": "GMT",
    "UTC+2": "UTC+02:00",
    "utc +2": "UTC+02:00",
    "GMT-3:30": "UTC-03:30",
    "UTC+0530": "UTC+05:30",
    "+02:00": "UTC+02:00",
    "-8": "UTC-08:00",
    "UTC+14": "UTC+14:00",
    "UTC-12": "UTC-12:00",
    "UTC+0": "UTC",
    "-00:00": "UTC",
}


@pytest.mark.parametrize(("text", "stored"), READ.items(), ids=READ.keys())
def test_a_zone_is_read_as_it_is_stored(text: str, stored: str) -> None:
    assert read_zone(text) == stored
    assert read_zone(stored) == stored
    zone_info(stored)


REFUSED = {
    "nothing": ("", "not a time zone", ()),
    "a word": ("soon", "not a time zone", ()),
    "no such place": ("Mars/Base", "not a time zone", ()),
    "a path": ("../../etc/passwd", "not a time zone", ()),
    "this machine's clock": ("localtime", "not a time zone", ()),
    "the rules of POSIX": ("posixrules", "not a time zone", ()),
    "a zone of POSIX": ("posix/Europe/Berlin", "not a time zone", ("Europe/Berlin",)),
    "a zone with leap seconds": ("right/Europe/Berlin", "not a time zone", ("Europe/Berlin",)),
    "no place at all": ("Factory", "not a time zone", ()),
    "a slip": ("Europe/Berlni", "not a time zone", ("Europe/Berlin",)),
    "a slip in a city": ("Shangai", "not a time zone", ("Asia/Shanghai",)),
    "a city on two continents": (
        "istanbul",
        "Several time zones have that name",
        ("Asia/Istanbul", "Europe/Istanbul"),
    ),
    "a city without a zone": ("Beijing", "does not have that city", ("Asia/Shanghai",)),
    "too far east": ("UTC+15", "from UTC-12 to UTC", ()),
    "too far west": ("-12:30", "from UTC-12 to UTC", ()),
    "minutes that are none": ("UTC+02:75", "not a time zone", ()),
    "one of two": ("CST", "several", ("America/Chicago", "Asia/Shanghai")),
    "one of three": ("ist", "several", ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem")),
    "in London or Dhaka": ("BST", "several", ("Europe/London", "Asia/Dhaka")),
    "winter time alone": ("EST", "summer time", ("America/New_York",)),
    "summer time alone": ("cest", "summer time", ("Europe/Berlin",)),
    "on the list, and a trap": ("MET", "summer time", ("Europe/Berlin",)),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_one_zone_is_refused_with_those_probably_meant(case: str) -> None:
    text, why, meant = REFUSED[case]
    with pytest.raises(UnknownZone, match=why) as refused:
        read_zone(text)
    assert refused.value.meant == meant


@pytest.mark.parametrize("zones", [*ABBREVIATIONS.values(), *((one,) for one in OTHER_CITIES.values())])
def test_every_suggestion_is_a_zone(zones: tuple[str, ...]) -> None:
    assert [read_zone(zone) for zone in zones] == list(zones)


@pytest.mark.parametrize(
    ("stored", "hours"),
    [
        pytest.param("Europe/Berlin", 2, id="a name"),
        pytest.param("UTC", 0, id="UTC"),
        pytest.param("UTC+02:00", 2, id="an offset"),
        pytest.param("UTC-03:30", -3.5, id="an offset of a half hour"),
        pytest.param("EST", -5, id="what earlier versions accepted"),
    ],
)
def test_what_is_stored_is_read_back(stored: str, hours: float) -> None:
    assert SUMMER.astimezone(zone_info(stored)).utcoffset() == timedelta(hours=hours)


@repeatable
@given(
    st.text(max_size=40)
    | st.lists(st.sampled_from(["utc", "+", "-", "2", ":30", "/", "new", " ", "york", "..", "\0"])).map(
        "".join
    )
)
def test_any_text_is_a_zone_or_a_sentence(text: str) -> None:
    found = zone_or_sentence(text)
    assert isinstance(found, tzinfo) or found.endswith(".")


def zone_or_sentence(text: str) -> tzinfo | str:
    try:
        return zone_info(read_zone(text))
    except UnknownZone as wrong:
        return str(wrong)
