from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omsbot.domain.forecast.deadline import moment, passes, read_deadline
from omsbot.domain.forecast.estimate import Estimate
from tests.builders import HOUR, MINUTE, NOW
from tests.unit.domain.strategies import repeatable

ZONES = ("UTC", "Europe/Berlin", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe")


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


EVENING = at("2026-11-25T21:30:00")

MEANT = {
    "the next night": ("02:00", "2026-11-26T02:00:00", "UTC"),
    "later today": ("23:15", "2026-11-25T23:15:00", "UTC"),
    "an hour of one digit": ("2:00", "2026-11-26T02:00:00", "UTC"),
    "with a point": ("2.30", "2026-11-26T02:30:00", "UTC"),
    "midnight": ("00:00", "2026-11-26T00:00:00", "UTC"),
    "this very minute is tomorrow's": ("21:30", "2026-11-26T21:30:00", "UTC"),
    "by, as people say": ("by 02:00", "2026-11-26T02:00:00", "UTC"),
    "in another zone": ("2:00 Europe/Berlin", "2026-11-26T01:00:00", "Europe/Berlin"),
    "where it is tomorrow already": ("06:00 Asia/Shanghai", "2026-11-25T22:00:00", "Asia/Shanghai"),
    "the zone first": ("utc 02:00", "2026-11-26T02:00:00", "UTC"),
    "a date": ("2026-12-01 02:00", "2026-12-01T02:00:00", "UTC"),
    "a date and a zone": ("2026-12-01 02:00 America/New_York", "2026-12-01T07:00:00", "America/New_York"),
    "a timestamp": ("2026-12-01T02:00", "2026-12-01T02:00:00", "UTC"),
    "a timestamp that says UTC": ("2026-12-01T02:00Z", "2026-12-01T02:00:00", "UTC"),
    "tomorrow": ("tomorrow 02:00", "2026-11-26T02:00:00", "UTC"),
    "tomorrow, far from now": ("Tomorrow at 23:00", "2026-11-26T23:00:00", "UTC"),
    "today": ("today 22:00", "2026-11-25T22:00:00", "UTC"),
    "a length": ("in 6h", "2026-11-26T03:30:00", None),
    "a longer length": ("in 1h30m", "2026-11-25T23:00:00", None),
    "a length in words": ("in 2 days", "2026-11-27T21:30:00", None),
    "a length of two words": ("6 hours", "2026-11-26T03:30:00", None),
    "a length alone": ("90min", "2026-11-25T23:00:00", None),
}  # fmt: skip


@pytest.mark.parametrize("case", MEANT)
def test_a_deadline_is_the_next_such_moment(case: str) -> None:
    text, meant, zone = MEANT[case]
    found = moment(read_deadline(text), now=EVENING, zone=None)
    assert (found.at, found.zone) == (at(meant), zone)


def test_where_no_zone_is_said_the_one_of_the_channel_holds() -> None:
    found = moment(read_deadline("02:00"), now=EVENING, zone="Asia/Shanghai")
    assert (found.at, found.zone) == (at("2026-11-26T18:00:00"), "Asia/Shanghai")
    said = moment(read_deadline("02:00 Europe/Berlin"), now=EVENING, zone="Asia/Shanghai")
    assert said.zone == "Europe/Berlin"
    assert [one.assumed for one in (found, said)] == [False, False]
    assert moment(read_deadline("02:00"), now=EVENING, zone=None).assumed


@pytest.mark.parametrize(
    ("now", "meant"),
    [
        pytest.param("2026-03-28T22:00:00", "2026-03-29T01:30:00", id="skipped in spring"),
        pytest.param("2026-10-24T22:00:00", "2026-10-25T00:30:00", id="first of two in autumn"),
        pytest.param("2026-10-25T00:45:00", "2026-10-25T01:30:00", id="second of two in autumn"),
        pytest.param("2026-10-25T01:45:00", "2026-10-26T01:30:00", id="after both"),
    ],
)
def test_a_night_in_which_the_clock_changes_has_its_deadline_too(now: str, meant: str) -> None:
    assert moment(read_deadline("02:30 Europe/Berlin"), now=at(now), zone=None).at == at(meant)


REFUSED = {
    "nothing": ("", "needs a time"),
    "a word": ("soon", "not a deadline"),
    "an hour alone": ("2", "not a deadline"),
    "no such hour": ("25:00", "not a deadline"),
    "no such minute": ("02:60", "not a deadline"),
    "a day without a time": ("tomorrow", "needs a time"),
    "a zone without a time": ("Europe/Berlin", "needs a time"),
    "two times": ("02:00 03:00", "one deadline"),
    "two days": ("today tomorrow 02:00", "one deadline"),
    "two zones": ("02:00 UTC Europe/Berlin", "one deadline"),
    "no such zone": ("02:00 Mars/Base", "not a time zone"),
    "a path": ("02:00 ../../etc/passwd", "not a time zone"),
    "no such day": ("2026-02-30 02:00", "no such day"),
    "in nothing": ("in", "In how long"),
    "a length without a unit": ("in 6", "In how long"),
    "a length with an odd unit": ("in 6 parsecs", "not a length"),
    "at once": ("in 0m", "at least a minute"),
    "for ever": ("in 9999d", "at most a year"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_deadline_is_refused_with_the_reason(case: str) -> None:
    text, why = REFUSED[case]
    with pytest.raises(ValueError, match=why):
        read_deadline(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2026-11-25 21:00 Asia/Shanghai", "has passed"),
        ("today 21:00 UTC", "has passed"),
        ("2030-01-01 00:00", "at most a year"),
        ("0001-01-01 00:00 Asia/Shanghai", "has passed"),
        ("9999-12-31 23:59", "at most a year"),
    ],
)
def test_a_moment_that_cannot_be_one_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        moment(read_deadline(text), now=EVENING, zone="America/New_York")


@repeatable
@given(st.integers(0, 1439), st.sampled_from(ZONES), st.integers(at("2026-01-01"), at("2028-01-01")))
def test_the_next_moment_comes_within_a_day_and_is_that_time_on_the_wall(
    minutes: int, zone: str, now: int
) -> None:
    found = moment(read_deadline(f"{minutes // 60}:{minutes % 60:02}"), now=now, zone=zone).at
    assert now < found <= now + 26 * HOUR
    there = datetime.fromtimestamp(found / 1000, ZoneInfo(zone))
    shown = there.hour * 60 + there.minute
    # only a time that the clock skips is shown as another: up to an hour later
    assert shown == minutes or 0 < (shown - minutes) % 1440 <= 60


@repeatable
@given(
    st.text(max_size=40)
    | st.lists(st.sampled_from(("in", "6h", "02:00", "tomorrow", "UTC", "/", "٣:٠٠"))).map(" ".join)
)
def test_any_text_is_a_deadline_or_a_sentence(text: str) -> None:
    found = moment_or_sentence(text)
    if isinstance(found, str):
        assert found.endswith(".")
    else:
        assert found > NOW


def moment_or_sentence(text: str) -> int | str:
    try:
        return moment(read_deadline(text), now=NOW, zone=None).at
    except ValueError as refused:
        return str(refused)


# --- passing it


def end(likely: int, latest: int) -> Estimate:
    return Estimate(earliest=likely - MINUTE, latest=latest, likely=likely, rate=1.0)


DEADLINE = NOW + HOUR


@pytest.mark.parametrize(
    ("estimate", "now", "already", "late"),
    [
        pytest.param(end(DEADLINE, DEADLINE + HOUR), NOW, False, False, id="likely in time"),
        pytest.param(end(DEADLINE + 1, DEADLINE + HOUR), NOW, False, True, id="likely late"),
        pytest.param(end(DEADLINE - MINUTE, DEADLINE + 1), NOW, True, True, id="was late, may be late still"),
        pytest.param(end(DEADLINE - MINUTE, DEADLINE), NOW, True, False, id="was late, is surely in time"),
        pytest.param(Estimate(reason="?"), NOW, False, False, id="nothing known"),
        pytest.param(Estimate(reason="?"), NOW, True, True, id="nothing known any more"),
        pytest.param(Estimate(reason="?"), DEADLINE, False, False, id="at the deadline"),
        pytest.param(Estimate(reason="?"), DEADLINE + 1, False, True, id="after it"),
    ],
)
def test_a_deadline_is_passed(estimate: Estimate, now: int, already: bool, late: bool) -> None:
    assert passes(estimate, DEADLINE, now=now, already=already) is late


@repeatable
@given(st.lists(st.integers(-9 * MINUTE, 9 * MINUTE), max_size=30))
def test_an_end_that_wavers_around_the_deadline_is_told_once(wavers: list[int]) -> None:
    late, turns = False, 0
    for by in wavers:
        before, likely = late, DEADLINE + by
        late = passes(end(likely, likely + 10 * MINUTE), DEADLINE, now=NOW, already=late)
        turns += late is not before
    assert turns <= 1
