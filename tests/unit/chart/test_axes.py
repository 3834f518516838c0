"""The axes and panels of a chart, as numbers and words."""

from datetime import datetime

import pytest

from omsbot.chart.layout import panels_of
from omsbot.chart.scales import MOST_TICKS, lag, rate, scale_of, summary
from omsbot.chart.times import period, ticks
from omsbot.domain.reports.chart import Band, Curve, Measure, Picture, Trouble
from tests.builders import HOUR, MINUTE, SECOND


def at(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+00:00").timestamp() * 1000)


TICKS = {
    "seconds": (
        "2026-01-02T13:59:40",
        "2026-01-02T14:00:00",
        ["13:59:40", "13:59:45", "13:59:50", "13:59:55", "14:00:00"],
    ),
    "hours": ("2026-01-02T05:40", "2026-01-02T14:00", ["06:00", "08:00", "10:00", "12:00", "14:00"]),
    "over midnight": ("2026-01-02T21:30", "2026-01-03T01:30", ["22:00", "23:00", "3 Jan", "01:00"]),
    "a month": ("2026-01-01T12:00", "2026-01-31T12:00", ["7 Jan", "17 Jan", "27 Jan"]),
}


@pytest.mark.parametrize(("begin", "end", "labels"), TICKS.values(), ids=TICKS)
def test_times_stand_at_round_moments_in_utc(begin: str, end: str, labels: list[str]) -> None:
    assert [label for _, label in ticks(at(begin), at(end))] == labels


@pytest.mark.parametrize("span", [SECOND, 10 * SECOND, MINUTE, HOUR, 24 * HOUR, 30 * 24 * HOUR, 3_000 * HOUR])
def test_no_axis_has_more_times_than_fit(span: int) -> None:
    for begin in (0, 1_700_000_123_456):
        assert len(ticks(begin, begin + span)) <= 6


def test_an_axis_of_time_says_that_it_is_utc_and_of_which_days() -> None:
    assert period(at("2026-01-02T00:00"), at("2026-01-02T23:59")) == "UTC, 2 Jan 2026"
    assert period(at("2025-12-31T00:00"), at("2026-01-02T00:00")) == "UTC, 31 Dec 2025 to 2 Jan 2026"


def curve(measure: Measure, *values: float | None, label: str = "Full migration") -> Curve:
    return Curve(label, measure, tuple((n * SECOND, value) for n, value in enumerate(values)))


SCALES = {
    "progress": (Measure.PROGRESS, [3.0], ["0 %", "50 %", "100 %"]),
    "no rate at all": (Measure.RATE, [0.0, None], ["0/s", "5/s", "10/s"]),
    "a rate": (Measure.RATE, [9_500.0], ["0/s", "5k/s", "10k/s"]),
    "a high rate": (Measure.RATE, [2.9e6], ["0/s", "1M/s", "2M/s", "3M/s"]),
    "a lag of nothing": (Measure.LAG, [1.0], ["0 s", "5 s", "10 s"]),
    "a lag of minutes": (Measure.LAG, [1_550.0], ["0 s", "10 min", "20 min"]),
    "a lag of hours": (Measure.LAG, [70_000.0], ["0 s", "6 h", "12 h", "18 h"]),
    "a lag of days": (Measure.LAG, [86_400.0 * 8], ["0 s", "5 d"]),
}


@pytest.mark.parametrize(("measure", "values", "labels"), SCALES.values(), ids=SCALES)
def test_values_stand_at_round_numbers_with_their_unit(
    measure: Measure, values: list[float | None], labels: list[str]
) -> None:
    assert [label for _, label in scale_of(measure, (curve(measure, *values),)).ticks] == labels


@pytest.mark.parametrize("exponent", range(19))
@pytest.mark.parametrize("measure", [Measure.RATE, Measure.LAG])
def test_any_value_has_an_axis_that_it_fits_on(measure: Measure, exponent: int) -> None:
    for factor in (1, 2.4, 9.99):
        scale = scale_of(measure, (curve(measure, factor * 10**exponent),))
        assert scale.top > factor * 10**exponent
        assert 2 <= len(scale.ticks) <= MOST_TICKS + 1


@pytest.mark.parametrize(
    ("value", "said"), [(0, "0/s"), (12.345, "12.3/s"), (1_500, "1.5k/s"), (4e9, "4G/s")]
)
def test_a_rate_is_short(value: float, said: str) -> None:
    assert rate(value) == said


@pytest.mark.parametrize(
    ("value", "said"), [(0, "0 s"), (119, "119 s"), (150, "2.5 min"), (7_200, "2 h"), (172_800, "2 d")]
)
def test_a_lag_is_short(value: float, said: str) -> None:
    assert lag(value) == said


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (curve(Measure.PROGRESS, 1, 57), "57 %"),
        (curve(Measure.RATE, 1_000, 1_000, 2_000), "1.5k/s on average"),
        (curve(Measure.LAG, 1, 300, 5), "5 s, at most 5 min"),
    ],
)
def test_the_legend_says_what_each_curve_came_to(one: Curve, said: str) -> None:
    assert summary(one) == said


def test_progress_and_rate_share_an_axis_and_the_lag_has_its_own() -> None:
    progress = Curve("Full migration", Measure.PROGRESS, ((0, 1), (60 * MINUTE, 90)))
    rates = Curve("Full migration", Measure.RATE, ((10 * MINUTE, 1), (50 * MINUTE, 1)))
    behind = Curve("Incremental synchronization", Measure.LAG, ((70 * MINUTE, 1), (90 * MINUTE, 1)))
    panels = panels_of(Picture("np_a", (behind, rates, progress)))
    assert [(one.measure, one.begin, one.end, one.dated) for one in panels] == [
        (Measure.PROGRESS, 0, 60 * MINUTE, False),
        (Measure.RATE, 0, 60 * MINUTE, True),
        (Measure.LAG, 70 * MINUTE, 90 * MINUTE, True),
    ]


def test_a_band_shows_where_it_belongs_and_only_within_the_axis() -> None:
    progress = Curve("Full migration", Measure.PROGRESS, ((MINUTE, 1), (9 * MINUTE, 90)))
    here, elsewhere = (Measure.PROGRESS,), (Measure.LAG,)
    bands = (
        Band(Trouble.FAILED, 0, 2 * MINUTE, here),
        Band(Trouble.PAUSED, 3 * MINUTE, 4 * MINUTE, elsewhere),
        Band(Trouble.WAITING, 10 * MINUTE, 11 * MINUTE, here),
        Band(Trouble.WAITING, 8 * MINUTE, 11 * MINUTE, here),
    )
    (panel,) = panels_of(Picture("np_a", (progress,), bands))
    assert [(one.trouble, one.since, one.until) for one in panel.bands] == [
        (Trouble.FAILED, MINUTE, 2 * MINUTE),
        (Trouble.WAITING, 8 * MINUTE, 9 * MINUTE),
    ]


def test_a_moment_is_given_some_width() -> None:
    (panel,) = panels_of(Picture("np_a", (Curve("A", Measure.LAG, ((5, 1), (6, 1))),)))
    assert panel.end - panel.begin == 10 * SECOND
