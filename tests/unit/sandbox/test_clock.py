"""The clock that runs faster than the real one."""

import pytest

from omsbot.sandbox.clock import FastClock

START = 1_800_000_000.0


class Timer:
    """Real seconds, moved by hand."""

    def __init__(self) -> None:
        self.at = 5.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def timer() -> Timer:
    return Timer()


@pytest.mark.parametrize("factor", [1, 60, 600])
def test_it_shows_so_many_seconds_for_each_real_one(timer: Timer, factor: float) -> None:
    clock = FastClock(factor, start=START, timer=timer)
    seen = []
    for timer.at in (5.0, 6.0, 6.5, 65.0):
        seen.append(clock() - START)
    assert seen == pytest.approx([0, factor, 1.5 * factor, 60 * factor])
    assert clock.ms() == int((START + 60 * factor) * 1000)


def test_it_keeps_real_time_until_the_last_call_under_way_has_ended(timer: Timer) -> None:
    clock = FastClock(600, start=START, timer=timer)
    timer.at += 1
    with clock.call():
        timer.at += 2
        with clock.call():
            timer.at += 3
        timer.at += 4
    assert clock() == pytest.approx(START + 600 + 9)
    timer.at += 1
    assert clock() == pytest.approx(START + 600 + 9 + 600)


def test_a_call_that_fails_has_ended_too(timer: Timer) -> None:
    clock = FastClock(60, start=START, timer=timer)

    def fail() -> None:
        with clock.call():
            timer.at += 1
            raise ConnectionError

    with pytest.raises(ConnectionError):
        fail()
    timer.at += 1
    assert clock() == pytest.approx(START + 61)


def test_it_never_goes_slower_than_time_itself() -> None:
    with pytest.raises(ValueError, match="factor"):
        FastClock(0.5)
