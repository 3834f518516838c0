"""How long a copy or a lag still lasts: what is told, what is withheld, that the range holds the truth."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omsbot.domain.forecast.estimate import CatchUp, Estimate, Trend, Withheld, catch_up, eta, follow
from omsbot.domain.project.project import Step, StepInfo
from tests.builders import HOUR, MINUTE, NOW, SECOND, step
from tests.unit.domain.strategies import repeatable, strange_steps

TOTAL = 1_000_000


def copying(records: int | None = None, *, progress: int | None = None, status: str = "RUNNING") -> Step:
    info = None if records is None else StepInfo(processed_records=records, capacity=TOTAL)
    return replace(step("FULL_TRANSFER", status, progress=progress), info=info)


def behind(lag_s: int, at: int, status: str = "MONITORING") -> Step:
    sampled = at // 1000
    info = StepInfo(checkpoint_s=sampled - lag_s, sampled_s=sampled)
    return replace(step("INCR_TRANSFER", status), info=info)


def followed(looks: Sequence[tuple[int, Step]]) -> Trend:
    trend = None
    for at, seen in looks:
        trend = follow(trend, seen, at)
    return trend or Trend()


def steadily(*, rate: int, until: int, every: int = 10 * SECOND) -> list[tuple[int, Step]]:
    """A copy of so many records a second, looked at until so much time has passed."""
    return [(NOW + at, copying(rate * at // 1000)) for at in range(0, until + 1, every)]


def withheld(trend: Trend | None, seen: Step, now: int = NOW) -> str | None:
    return eta(trend, seen, now=now).reason


# --- what is told


def test_a_steady_copy_ends_when_its_rate_says() -> None:
    looks = steadily(rate=100, until=20 * MINUTE)
    at, last = looks[-1]
    found = eta(followed(looks), last, now=at)
    truth = NOW + TOTAL // 100 * SECOND
    assert found.earliest is not None
    assert found.latest is not None
    assert found.likely == pytest.approx(truth, abs=SECOND)
    assert found.rate == pytest.approx(100)
    assert found.earliest <= truth <= found.latest
    assert found.latest - found.earliest < (truth - at) * 0.4


def test_whole_percents_alone_give_an_estimate_too() -> None:
    looks = [(NOW + at, copying(progress=at // (6 * MINUTE))) for at in range(0, HOUR + 1, 10 * SECOND)]
    at, last = looks[-1]
    found = eta(followed(looks), last, now=at)
    assert found.likely == pytest.approx(NOW + 10 * HOUR, abs=MINUTE)
    assert found.rate == pytest.approx(1 / 360)


def test_verification_is_estimated_like_a_copy() -> None:
    looks = [(at, replace(seen, name="FULL_VERIFIER")) for at, seen in steadily(rate=500, until=MINUTE)]
    assert eta(followed(looks), looks[-1][1], now=looks[-1][0]).likely is not None


def test_a_rate_that_varies_makes_the_range_wide() -> None:
    def width(rates: Sequence[int]) -> float:
        looks, done = [], 0
        for minute in range(120):
            done += 60 * rates[minute // 15 % len(rates)]
            looks.append((NOW + minute * MINUTE, copying(done)))
        at, last = looks[-1]
        found = eta(followed(looks), last, now=at)
        assert found.earliest is not None
        assert found.latest is not None
        assert found.likely is not None
        return (found.latest - found.earliest) / (found.likely - at)

    assert width((20, 100)) > 2 * width((60, 60))


def test_a_copy_that_becomes_slower_is_told_later() -> None:
    quick = steadily(rate=100, until=30 * MINUTE)
    done, at = 100 * 30 * 60, NOW + 30 * MINUTE
    slow = [(at + ms, copying(done + 10 * ms // 1000)) for ms in range(0, HOUR + 1, 10 * SECOND)]
    before = eta(followed(quick), quick[-1][1], now=at)
    after = eta(followed([*quick, *slow]), slow[-1][1], now=at + HOUR)
    assert before.likely is not None
    assert after.likely is not None
    assert after.latest is not None
    assert after.likely > before.likely
    assert after.latest >= at + (TOTAL - done) // 10 * SECOND


# --- what is withheld


WITHHELD = {
    "not begun": (copying(status="INIT"), Withheld.NOT_STARTED),
    "failed": (copying(5_000, status="FAILED"), Withheld.NOT_RUNNING),
    "paused": (copying(5_000, status="SUSPEND"), Withheld.NOT_RUNNING),
    "finished": (copying(TOTAL, status="FINISHED"), Withheld.DONE),
    "verified, waiting for a person": (
        step("FULL_VERIFIER", progress=100, finished_at=NOW),
        Withheld.DONE,
    ),
    "no figures": (copying(), Withheld.NO_TOTAL),
    "a switchover": (step("TRANSFER_APP_SWITCH", "RUNNING", progress=50), Withheld.NO_TOTAL),
    "a lag": (behind(400, NOW, "RUNNING"), Withheld.NO_TOTAL),
    "first look": (copying(50_000), Withheld.FEW_SAMPLES),
}  # fmt: skip


@pytest.mark.parametrize("case", WITHHELD)
def test_without_a_basis_the_reason_is_told(case: str) -> None:
    seen, why = WITHHELD[case]
    assert withheld(follow(None, seen, NOW), seen) == why
    assert withheld(None, seen) == why


def test_under_one_percent_nothing_is_told() -> None:
    looks = steadily(rate=10, until=15 * MINUTE)
    at, last = looks[-1]
    assert withheld(followed(looks), last, at) == Withheld.TOO_EARLY
    looks = steadily(rate=10, until=17 * MINUTE)
    at, last = looks[-1]
    assert withheld(followed(looks), last, at) is None


def test_two_samples_are_too_few() -> None:
    looks = steadily(rate=2_000, until=10 * SECOND)
    assert withheld(followed(looks), looks[-1][1], looks[-1][0]) == Withheld.FEW_SAMPLES
    looks = steadily(rate=2_000, until=20 * SECOND)
    assert withheld(followed(looks), looks[-1][1], looks[-1][0]) is None


def test_a_copy_that_stands_still_has_no_end() -> None:
    looks = steadily(rate=100, until=10 * MINUTE)
    at, last = looks[-1]
    trend = followed(looks)
    assert withheld(trend, last, at + 14 * MINUTE) is None
    assert withheld(trend, last, at + 16 * MINUTE) == Withheld.STILL


def test_while_a_counter_stands_the_end_moves_away() -> None:
    looks = steadily(rate=100, until=10 * MINUTE)
    at, last = looks[-1]
    ends = [eta(followed(looks), last, now=at + ms) for ms in (0, 5 * MINUTE, 10 * MINUTE)]
    likely = [found.likely or 0 for found in ends]
    latest = [found.latest or 0 for found in ends]
    assert likely == sorted(likely)
    assert latest == sorted(latest)
    assert latest[0] < latest[1] < latest[2]


# --- what is remembered


def test_looking_again_at_the_same_counters_changes_nothing() -> None:
    looks = steadily(rate=100, until=MINUTE)
    trend = followed(looks)
    at, last = looks[-1]
    assert follow(trend, last, at + HOUR) == trend
    assert follow(trend, copying(999_999), at) == trend
    assert follow(trend, copying(999_999), at - MINUTE) == trend


def test_a_counter_that_falls_back_begins_anew() -> None:
    trend = follow(followed(steadily(rate=100, until=MINUTE)), copying(10), NOW + HOUR)
    assert trend == follow(None, copying(10), NOW + HOUR)


def test_a_step_that_has_not_started_is_forgotten() -> None:
    assert follow(followed(steadily(rate=100, until=MINUTE)), copying(status="INIT"), NOW + HOUR) == Trend()


def test_a_clock_set_back_begins_anew() -> None:
    trend = follow(followed(steadily(rate=100, until=MINUTE)), copying(7_000), NOW - HOUR)
    assert trend == follow(None, copying(7_000), NOW - HOUR)


@pytest.mark.parametrize("status", ["SUSPEND", "FAILED"])
def test_a_rest_does_not_count_as_work(status: str) -> None:
    before = steadily(rate=100, until=10 * MINUTE)
    rested = NOW + 10 * MINUTE
    rest = [
        (rested + MINUTE, copying(60_000, status=status)),
        (rested + HOUR, copying(60_000, status=status)),
    ]
    resumed = rested + 2 * HOUR
    after = [(resumed + at, copying(60_000 + 100 * at // 1000)) for at in range(0, MINUTE, 10 * SECOND)]
    at, last = after[-1]
    found = eta(followed([*before, *rest, *after]), last, now=at)
    assert found.rate == pytest.approx(100, rel=0.01)


def test_a_rest_that_nobody_saw_does_not_count_as_work() -> None:
    before, gap = steadily(rate=100, until=10 * MINUTE), 3 * HOUR
    at, last = NOW + 10 * MINUTE + gap, copying(60_100)
    assert eta(followed([*before, (at, last)]), last, now=at).rate == pytest.approx(100, rel=0.01)


def test_work_that_nobody_saw_counts() -> None:
    before, gap = steadily(rate=100, until=10 * MINUTE), 3 * HOUR // 2
    done = 60_000 + 80 * gap // 1000
    at, last = NOW + 10 * MINUTE + gap, copying(done)
    rate = eta(followed([*before, (at, last)]), last, now=at).rate
    assert rate is not None
    assert 80 <= rate < 90


def test_what_goes_on_being_slow_is_slow() -> None:
    looks = steadily(rate=100, until=10 * MINUTE)
    crawling = [(NOW + 10 * MINUTE + n * HOUR, copying(60_000 + n * 3_600)) for n in range(1, 9)]
    at, last = crawling[-1]
    rate = eta(followed([*looks, *crawling]), last, now=at).rate
    assert rate == pytest.approx(1, rel=0.5)


def test_a_total_that_oms_corrects_corrects_the_estimate() -> None:
    looks = steadily(rate=100, until=10 * MINUTE)
    at, last = looks[-1]
    more = replace(last, info=StepInfo(processed_records=60_000, capacity=2 * TOTAL))
    assert eta(followed(looks), more, now=at).likely == pytest.approx(NOW + 20_000 * SECOND, abs=SECOND)


def test_more_records_than_oms_expected_leave_the_percents() -> None:
    over = replace(copying(TOTAL + 5, progress=97))
    assert follow(None, over, NOW).last_amount == 97


@repeatable
@given(st.lists(st.tuples(st.integers(-HOUR, HOUR), strange_steps()), max_size=8), st.integers())
def test_whatever_is_seen_the_memory_is_plain_and_the_range_in_order(
    looks: list[tuple[int, Step]], now: int
) -> None:
    trend = None
    for at, seen in looks:
        trend = follow(trend, seen, NOW + at)
        assert Trend(**json.loads(json.dumps(asdict(trend)))) == trend
        found = eta(trend, seen, now=now)
        if found.reason is None:
            assert found.earliest is not None
            assert found.likely is not None
            assert found.latest is not None
            assert now <= found.earliest <= found.likely <= found.latest
        else:
            assert found == Estimate(reason=found.reason)
        caught = catch_up(trend, seen, now=now)
        assert (caught.seconds is None) is (caught.reason is not None)


# --- the truth is in the range


@dataclass(frozen=True)
class SteadyCopy:
    """A copy at one rate, which wavers by 10 % from look to look, and how it is looked at."""

    looks: Sequence[tuple[int, Step]]
    done_at: int


@st.composite
def steady_copies(draw: Any) -> SteadyCopy:
    lasts = draw(st.sampled_from((10 * MINUTE, HOUR, 7 * HOUR, 50 * HOUR)))
    joins_at = draw(st.sampled_from((0.0, 0.003, 0.02, 0.3)))  # how far it is at our first look
    grain = draw(st.sampled_from((1, 500, 5_000)))  # of the counter
    percent = draw(st.booleans())
    slowest = draw(st.sampled_from((12 * SECOND, 30 * SECOND)))
    chance = draw(st.randoms(use_true_random=False))
    at, done, looks = 0.0, joins_at, []
    while done < 1:
        records = int(done * TOTAL) // grain * grain
        seen = copying(progress=int(done * 100)) if percent else copying(records, progress=int(done * 100))
        looks.append((NOW + int(at), seen))
        gap = chance.uniform(5 * SECOND, slowest) * max(1, lasts / HOUR)
        at, done = at + gap, done + gap / lasts * chance.uniform(0.9, 1.1)
    over = (done - 1) * lasts
    return SteadyCopy(looks, NOW + int(at - over))


def judged(copy: SteadyCopy) -> Iterator[tuple[int, Estimate]]:
    """The estimate of every look from 5 % on, with its time."""
    trend = None
    for at, seen in copy.looks:
        trend = follow(trend, seen, at)
        if (seen.progress or 0) >= 5:
            yield at, eta(trend, seen, now=at)


@settings(repeatable, max_examples=50)
@given(steady_copies())
def test_from_5_percent_on_the_range_holds_the_end_of_a_steady_copy(copy: SteadyCopy) -> None:
    found = list(judged(copy))
    told = [(at, one) for at, one in found if one.reason is None]
    assert {one.reason for _, one in found} <= {None, Withheld.FEW_SAMPLES}
    for at, one in told:
        assert one.earliest is not None
        assert one.latest is not None
        assert one.earliest <= max(at, copy.done_at) + SECOND
        assert one.latest >= copy.done_at - SECOND
    if len(told) >= 40:  # and with some experience it is a range worth telling
        at, one = told[20]
        assert (one.latest or 0) - (one.earliest or 0) < 0.8 * (copy.done_at - at)


# --- lag


def lagging(*lags: int, every: int = 10 * SECOND) -> tuple[Trend, Step, int]:
    looks = [(NOW + n * every, behind(lag, NOW + n * every)) for n, lag in enumerate(lags)]
    return followed(looks), looks[-1][1], looks[-1][0]


def caught(*lags: int) -> CatchUp:
    trend, last, at = lagging(*lags)
    return catch_up(trend, last, now=at)


def test_a_lag_that_shrinks_is_caught_up_at_its_slope() -> None:
    found = caught(*range(900, 400, -5))
    assert found.slope == pytest.approx(-0.5)
    assert found.seconds == pytest.approx(405 / 0.5, abs=2)


@pytest.mark.parametrize(
    ("lags", "why"),
    [
        pytest.param(range(100, 400, 10), Withheld.GROWING, id="grows as fast as time"),
        pytest.param([400] * 60, Withheld.STEADY, id="stays"),
        pytest.param([400, 405] * 180, Withheld.STEADY, id="dances"),
        pytest.param([400, 390], Withheld.FEW_SAMPLES, id="two samples"),
    ],
)
def test_a_lag_that_is_not_caught_up_says_why(lags: Sequence[int], why: str) -> None:
    assert caught(*lags).reason == why


def test_a_lag_that_turned_is_judged_by_its_last_minutes() -> None:
    found = caught(*range(100, 1_300, 5), *range(1_300, 700, -10))
    assert found.seconds is not None
    assert caught(*range(1_300, 100, -5), *range(100, 700, 10)).reason == Withheld.GROWING


def test_a_small_lag_is_caught_up() -> None:
    assert caught(3, 9, 1, 25).seconds == 0


def test_a_lag_as_old_as_it_was_teaches_nothing() -> None:
    trend, last, at = lagging(900, 890, 880)
    assert follow(trend, last, at + HOUR) == trend


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (step("INCR_TRANSFER", "INIT"), Withheld.NOT_STARTED),
        (step("INCR_TRANSFER", "MONITORING"), Withheld.NO_LAG),
        (copying(5), Withheld.NO_LAG),
        (behind(500, NOW, "SUSPEND"), Withheld.NOT_RUNNING),
    ],
    ids=["not started", "no checkpoint", "a copy", "paused"],
)
def test_where_there_is_no_lag_the_reason_is_told(seen: Step, why: str) -> None:
    assert catch_up(follow(None, seen, NOW), seen, now=NOW).reason == why


def test_a_copy_that_would_take_years_is_not_given_an_end() -> None:
    creeping = [
        (
            NOW + n * 10 * SECOND,
            replace(copying(), info=StepInfo(processed_records=20_000_000 + n, capacity=10**9)),
        )
        for n in range(5)
    ]
    at, seen = creeping[-1]
    assert withheld(followed(creeping), seen, at) == Withheld.STILL
