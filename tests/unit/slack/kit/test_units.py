import pytest

from omsbot.slack.kit.units import DAY_S, HOUR_S, MINUTE_S, bar, duration, number, percent, rate, utc


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-5, "0 s"),
        (0.4, "0 s"),
        (45, "45 s"),
        (90, "1 min 30 s"),
        (12 * MINUTE_S + 5, "12 min"),
        (2 * HOUR_S, "2 h"),
        (2 * HOUR_S + 14 * MINUTE_S + 59, "2 h 14 min"),
        (3 * DAY_S + 4 * HOUR_S, "3 d 4 h"),
        (1_200 * DAY_S, "1,200 d"),
    ],
)
def test_a_duration_has_its_two_largest_units(seconds: float, told: str) -> None:
    assert duration(int(seconds * 1000)) == told


@pytest.mark.parametrize(
    ("value", "told"), [(0, "0"), (0.5, "0.5"), (9.0, "9"), (1_234_567, "1,234,567"), (1_234.5, "1,234")]
)
def test_a_number_has_separators(value: float, told: str) -> None:
    assert number(value) == told


def test_a_rate_stands_beside_its_reference() -> None:
    assert rate(8_000.0, 10_000.0) == "8,000 rows/s (reference 10,000)"
    assert rate(140.0, None) == "140 rows/s"


@pytest.mark.parametrize(
    ("progress", "filled"), [(-3, 0), (0, 0), (9, 0), (10, 1), (99, 9), (100, 10), (250, 10)]
)
def test_a_bar_is_full_only_at_the_end(progress: int, filled: int) -> None:
    assert bar(progress) == "▓" * filled + "░" * (10 - filled)


def test_a_share_stays_within_100() -> None:
    assert percent(250) == "100 %"


def test_a_moment_no_calendar_has_is_none() -> None:
    assert utc(1_700_000_000_000) == "2023-11-14 22:13:20 UTC"
    assert utc(-1) is None
    assert utc(2**63 - 1) is None
