from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omsbot.domain.notify.quiet_hours import QuietHours, quiet_until, read_quiet_hours
from tests.unit.domain.strategies import repeatable

NIGHT = QuietHours(22 * 60, 7 * 60, "UTC")
NOON = QuietHours(12 * 60, 13 * 60, "UTC")


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        pytest.param(NIGHT, "2026-11-23T21:59:59", None, id="before the night"),
        pytest.param(NIGHT, "2026-11-23T22:00:00", "2026-11-24T07:00:00", id="as it begins"),
        pytest.param(NIGHT, "2026-11-24T03:00:00", "2026-11-24T07:00:00", id="after midnight"),
        pytest.param(NIGHT, "2026-11-24T07:00:00", None, id="as it ends"),
        pytest.param(NOON, "2026-11-24T12:30:00", "2026-11-24T13:00:00", id="within a day"),
        pytest.param(NOON, "2026-11-24T11:59:00", None, id="before noon"),
    ],
)
def test_quiet_hours_hold_from_their_begin_to_their_end(
    hours: QuietHours, now: str, until: str | None
) -> None:
    assert quiet_until(hours, at(now)) == (at(until) if until else None)


def test_the_end_is_a_time_on_the_wall_also_when_the_clock_changes() -> None:
    berlin = QuietHours(22 * 60, 7 * 60, "Europe/Berlin")
    # the night in which clocks go back an hour: 22:00 is 20:00 UTC, 07:00 is 06:00 UTC
    assert quiet_until(berlin, at("2026-10-24T20:00:00")) == at("2026-10-25T06:00:00")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("22:00-07:00", "22:00-07:00", id="usual"),
        pytest.param("22-7", "22:00-07:00", id="hours alone"),
        pytest.param(" 2200 - 0630 ", "22:00-06:30", id="without colons"),
        pytest.param("20:00-24:00", "20:00-00:00", id="to midnight"),
    ],
)
def test_quiet_hours_are_read(text: str, said: str) -> None:
    assert str(read_quiet_hours(text, "Asia/Shanghai")) == said


@pytest.mark.parametrize(
    ("text", "zone", "why"),
    [
        pytest.param("22:00", "UTC", "22:00-07:00", id="no end"),
        pytest.param("25:00-07:00", "UTC", "22:00-07:00", id="no such hour"),
        pytest.param("22:00-22:00", "UTC", "different", id="a whole day"),
        pytest.param("00:00-24:00", "UTC", "different", id="a whole day by other words"),
        pytest.param("22:00-07:00", "Mars/Base", "time zone", id="no such zone"),
        pytest.param("22:00-07:00", "../etc/passwd", "time zone", id="a path"),
        pytest.param("22:00-07:00", "", "time zone", id="no zone"),
    ],
)
def test_what_is_no_part_of_a_day_is_refused_with_the_reason(text: str, zone: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_quiet_hours(text, zone)


@repeatable
@given(
    st.integers(0, 1439),
    st.integers(0, 1439),
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Shanghai"]),
    st.integers(at("2026-01-01"), at("2027-01-01")),
)
def test_quiet_hours_end_within_a_day_and_do_not_hold_at_their_end(
    begin: int, end: int, zone: str, now: int
) -> None:
    hours = QuietHours(begin, end, zone)
    until = quiet_until(hours, now)
    if begin != end and until is not None:
        assert 0 < until - now <= 26 * 3_600_000
        assert quiet_until(hours, until) is None
