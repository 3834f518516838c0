"""What a chart shows of samples: curves, and the times in which a step rested."""

from dataclasses import replace

import pytest

from omsbot.domain.detection.conditions import ConditionKind
from omsbot.domain.project.project import Step
from omsbot.domain.project.samples import Sample
from omsbot.domain.reports.chart import (
    MOST_POINTS,
    MOST_RATES,
    Band,
    Curve,
    Measure,
    Picture,
    Spell,
    Trouble,
    label_of,
    mean,
    picture_of,
)
from tests.builders import HOUR, MINUTE, NOW, SECOND, step

COPY, STREAM = "FULL_TRANSFER", "INCR_TRANSFER"


def drawn(
    *samples: Sample, steps: dict[str, Step] | None = None, spells: tuple[Spell, ...] = (), now: int = NOW
) -> Picture:
    picture = picture_of("np_a", samples, steps or {}, spells, now=now)
    assert picture is not None
    return picture


def copied(
    at: int, progress: int | None = None, records: int | None = None, rps: float | None = None
) -> Sample:
    return Sample(COPY, at, progress, records, rps)


def curve(picture: Picture, measure: Measure) -> list[tuple[int, float | None]]:
    (found,) = picture.of(measure)
    return list(found.points)


def test_a_copy_shows_its_progress_and_the_rate_between_each_two_looks() -> None:
    samples = [copied(0, 1, 100), copied(10 * SECOND, 2, 1_100), copied(20 * SECOND, 2, 1_100)]
    picture = drawn(*samples)
    assert curve(picture, Measure.PROGRESS) == [(0, 1), (10_000, 2), (20_000, 2)]
    assert curve(picture, Measure.RATE) == [(0, 100), (10_000, 100), (20_000, 0)]
    assert picture.curves[0].label == "Full migration"


def test_a_stream_shows_its_lag_and_no_rate() -> None:
    picture = drawn(Sample(STREAM, 1, records=1, rps=5, lag_s=3), Sample(STREAM, 2, records=9, lag_s=4))
    assert [(one.measure, one.points) for one in picture.curves] == [(Measure.LAG, ((1, 3), (2, 4)))]


def test_without_counts_the_rate_is_what_oms_says() -> None:
    picture = drawn(copied(0, rps=1.0), copied(1_000, rps=2.0), copied(2_000, rps=3.0))
    assert curve(picture, Measure.RATE) == [(0, 2.0), (1_000, 2.0), (2_000, 3.0)]


def test_a_rerun_leaves_a_gap_and_no_rate_below_zero() -> None:
    samples = [copied(n * 1_000, records=count) for n, count in enumerate([0, 10, 2, 5])]
    assert curve(drawn(*samples), Measure.RATE) == [(0, 10), (1_000, 10), (2_000, None), (3_000, 3)]


def test_rates_that_nobody_knows_are_left_out_at_both_ends() -> None:
    unknown, known = copied(0, records=9), [copied(n * 1_000, records=n) for n in (1, 2)]
    picture = drawn(unknown, *known, copied(3_000, records=0))
    assert curve(picture, Measure.RATE) == [(1_000, 1), (2_000, 1)]


def test_what_was_seen_once_is_no_curve() -> None:
    assert picture_of("np_a", [], {}, (), now=NOW) is None
    assert picture_of("np_a", [copied(0, 1, 1, 1.0), Sample(STREAM, 0, lag_s=1)], {}, (), now=NOW) is None


def test_a_step_that_no_chart_knows_is_left_out() -> None:
    assert picture_of("np_a", [Sample("NEW_STEP", n, 1) for n in range(3)], {}, (), now=NOW) is None


def test_the_steps_stand_in_the_order_in_which_they_began() -> None:
    later = [Sample("FULL_VERIFIER", n, n) for n in (5, 6)]
    earlier = [Sample("STRUCT_TRANSFER", n, n) for n in (1, 2)]
    picture = drawn(*later, *earlier)
    assert [one.label for one in picture.curves] == ["Schema migration", "Full verification"]


def done(finished_at: int | None, status: str = "FINISHED", name: str = COPY) -> Step:
    return step(name, status, progress=100, finished_at=finished_at)


ENDS = {
    "finished by OMS's clock": (done(NOW - MINUTE), [(NOW - MINUTE, 100)]),
    "finished before the last look, by a clock that is behind": (
        done(NOW - 3 * HOUR),
        [(NOW - HOUR + SECOND + 1, 100)],
    ),
    "finished in the future, by a clock that is ahead": (done(NOW + HOUR), [(NOW, 100)]),
    "finished at a time that is not told": (done(None), []),
    "still running": (done(NOW - MINUTE, "RUNNING"), []),
}


@pytest.mark.parametrize(("one", "end"), ENDS.values(), ids=ENDS)
def test_a_step_that_is_done_ends_at_a_hundred(one: Step, end: list[tuple[int, float]]) -> None:
    seen = [copied(NOW - HOUR, 97), copied(NOW - HOUR + SECOND, 98)]
    points = curve(drawn(*seen, steps={COPY: one}), Measure.PROGRESS)
    assert points == [(NOW - HOUR, 97), (NOW - HOUR + SECOND, 98), *end]


def test_a_verification_that_waits_for_a_person_is_done() -> None:
    seen = [Sample("FULL_VERIFIER", NOW - HOUR + n, 90) for n in range(2)]
    waiting = {"FULL_VERIFIER": done(NOW - MINUTE, "RUNNING", "FULL_VERIFIER")}
    assert curve(drawn(*seen, steps=waiting), Measure.PROGRESS)[-1] == (NOW - MINUTE, 100)


def test_no_end_is_drawn_past_now() -> None:
    seen = [copied(NOW - 1, 97), copied(NOW, 98)]
    assert curve(drawn(*seen, steps={COPY: done(NOW)}), Measure.PROGRESS)[-1] == (NOW, 98)


def test_many_samples_are_reduced_and_the_first_and_the_last_stay() -> None:
    many = [copied(n * SECOND, n % 101, n * 10) for n in range(5_000)]
    picture = drawn(*many)
    for measure, most in ((Measure.PROGRESS, MOST_POINTS), (Measure.RATE, MOST_RATES)):
        points = curve(picture, measure)
        assert most / 2 < len(points) <= most + 2
        assert (points[0][0], points[-1][0]) == (0, 4_999 * SECOND)
    assert {value for _, value in points} == {10.0}


@pytest.mark.parametrize("peak", [0, 1, 2_500, 4_998, 4_999])
def test_the_highest_lag_is_never_reduced_away(peak: int) -> None:
    many = [Sample(STREAM, n * SECOND, lag_s=999 if n == peak else 1) for n in range(5_000)]
    points = curve(drawn(*many), Measure.LAG)
    assert (peak * SECOND, 999) in points
    assert (points[0][0], points[-1][0]) == (0, 4_999 * SECOND)
    assert len(points) <= MOST_POINTS + 3


SPELLS = {
    "a copy that failed": (ConditionKind.FAILING, COPY, Trouble.FAILED, (Measure.PROGRESS, Measure.RATE)),
    "a twin that failed": (
        ConditionKind.FAILING,
        f"{COPY}#2",
        Trouble.FAILED,
        (Measure.PROGRESS, Measure.RATE),
    ),
    "a stream that paused": (ConditionKind.PAUSED, STREAM, Trouble.PAUSED, (Measure.LAG,)),
    "a switchover that waits": (ConditionKind.WAITING, "APP_SWITCH", Trouble.WAITING, tuple(Measure)),
}


@pytest.mark.parametrize(("kind", "key", "trouble", "measures"), SPELLS.values(), ids=SPELLS)
def test_a_step_that_rests_shows_where_its_figures_are(
    kind: ConditionKind, key: str, trouble: Trouble, measures: tuple[Measure, ...]
) -> None:
    picture = drawn(copied(0, 1), copied(9, 2), spells=(Spell(kind, key, 3, 5),))
    assert picture.bands == (Band(trouble, 3, 5, measures),)


def test_what_lasts_still_lasts_until_now_and_other_conditions_are_not_shown() -> None:
    spells = (
        Spell(ConditionKind.FAILING, COPY, NOW - MINUTE, None),
        Spell(ConditionKind.GONE, "", 0, None),
        Spell(ConditionKind.FAILING, COPY, NOW + 5, NOW + 1),  # the clock was set back meanwhile
    )
    picture = drawn(copied(0, 1), copied(9, 2), spells=spells)
    assert [(one.since, one.until) for one in picture.bands] == [(NOW - MINUTE, NOW), (NOW + 5, NOW + 5)]


@pytest.mark.parametrize(
    ("key", "label"),
    [(COPY, "Full migration"), (f"{COPY}#2", "Full migration 2"), ("NEW_STEP", "NEW_STEP")],
)
def test_a_curve_is_named_as_people_name_the_step(key: str, label: str) -> None:
    assert label_of(key) == label


def test_a_mean_weighs_each_rate_by_how_long_it_held() -> None:
    rates = Curve("Full migration", Measure.RATE, ((0, 5.0), (1_000, 5.0), (2_000, None), (12_000, 16.0)))
    assert mean(rates) == pytest.approx(15.0)
    assert mean(replace(rates, points=((0, 5.0), (0, 5.0)))) == 0


def test_a_picture_survives_the_way_to_the_process_that_draws_it() -> None:
    samples = [copied(n * 1_000, n, count) for n, count in enumerate([0, 10, 2, 5])]
    picture = drawn(*samples, spells=(Spell(ConditionKind.FAILING, COPY, 3, 5),))
    assert Picture.from_json(picture.as_json()) == picture
