import pytest

from omsbot.domain.forecast.deadline import Moment
from omsbot.domain.forecast.estimate import CatchUp, Estimate, Withheld
from omsbot.slack.kit.spans import to_mrkdwn
from omsbot.slack.words.estimates import (
    catch_up_words,
    deadline_off,
    deadline_set,
    deadline_shown,
    estimate_line,
    time_left,
)
from tests.unit.slack.samples import HOUR, MINUTE, NOW, REF


def between(earliest: int, latest: int) -> Estimate:
    return Estimate(NOW + earliest, NOW + latest, NOW + (earliest + latest) // 2, 8_000.0)


@pytest.mark.parametrize(
    ("estimate", "says"),
    [
        (between(170 * MINUTE, 220 * MINUTE), "2 h 50 min to 3 h 40 min left"),
        (between(100 * MINUTE, 105 * MINUTE), "about 1 h 45 min left"),
        (between(60 * MINUTE, 60 * MINUTE + 20), "about 1 h left"),
        (between(0, 40_000), "up to 40 s left"),
        (between(0, 0), "about 0 s left"),
        (Estimate(reason=Withheld.TOO_EARLY), None),
    ],
)
def test_the_time_left_is_a_range(estimate: Estimate, says: str | None) -> None:
    assert time_left(estimate, now=NOW) == says


def test_an_estimate_names_the_moment_or_the_reason() -> None:
    line = to_mrkdwn(estimate_line(between(HOUR, 2 * HOUR), now=NOW))
    assert line.startswith("1 h to 2 h left, done around <!date^")
    unknown = estimate_line(Estimate(reason=Withheld.FEW_SAMPLES), now=NOW)
    assert to_mrkdwn(unknown) == "time left unknown: fewer than 3 samples"
    assert estimate_line(Estimate(), now=NOW) == ()


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (CatchUp(720, -0.5), "caught up in about 12 min"),
        (CatchUp(0), ""),
        (CatchUp(reason=Withheld.GROWING), "lag is growing"),
        (CatchUp(reason=Withheld.STEADY), "lag is neither growing nor shrinking"),
    ],
)
def test_a_lag_is_caught_up_or_says_why_not(found: CatchUp, says: str) -> None:
    assert catch_up_words(found) == says


def test_a_deadline_names_the_clock_by_which_it_was_understood() -> None:
    def said(moment: Moment) -> str:
        return to_mrkdwn(deadline_set(REF, moment, "U0ANA"))

    assert said(Moment(NOW)).startswith(f"<@U0ANA> set the deadline of {REF}: <!date^1700000000^")
    assert "clock" not in said(Moment(NOW))
    assert "(Europe/Berlin time)." in said(Moment(NOW, "Europe/Berlin"))
    assert "(UTC time; no time zone was given)." in said(Moment(NOW, "UTC", assumed=True))


def test_a_deadline_is_shown_with_how_far_it_is() -> None:
    def shown(at: int, by: str | None = "U0ANA") -> str:
        return to_mrkdwn(deadline_shown(REF, at, by, now=NOW))

    assert shown(NOW + 3 * HOUR).endswith(">, in 3 h, set by <@U0ANA>.")
    assert shown(NOW - MINUTE, None).endswith(">, 1 min ago.")


def test_who_removes_a_deadline_is_named() -> None:
    assert to_mrkdwn(deadline_off(REF, "U0ANA")) == f"<@U0ANA> removed the deadline of {REF}."
