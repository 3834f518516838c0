"""The time axis of a chart, in UTC: where its ticks stand and what is written at them."""

from datetime import UTC, datetime

SECOND_MS, MINUTE_MS, HOUR_MS, DAY_MS = 1_000, 60_000, 3_600_000, 86_400_000
STEPS_MS = (
    *(number * SECOND_MS for number in (1, 2, 5, 10, 15, 30)),
    *(number * MINUTE_MS for number in (1, 2, 5, 10, 15, 30)),
    *(number * HOUR_MS for number in (1, 2, 3, 6, 12)),
    *(number * DAY_MS for number in (1, 2, 5, 10, 20, 50, 100)),
)
MOST_TICKS = 5


def ticks(begin: int, end: int) -> list[tuple[int, str]]:
    """The times (ms) of up to five ticks, each with its label; midnight is labelled with its date."""
    step = next((one for one in STEPS_MS if (end - begin) / one <= MOST_TICKS), STEPS_MS[-1])
    first = -(-begin // step) * step
    return [(at, _label(at, step)) for at in range(first, end + 1, step)]


def _label(at: int, step: int) -> str:
    if at % DAY_MS == 0:
        return _date(at)
    return f"{_moment(at):%H:%M:%S}" if step < MINUTE_MS else f"{_moment(at):%H:%M}"


def period(begin: int, end: int) -> str:
    """`UTC, 24 Nov 2025`, or the first and the last date."""
    first, last = (f"{_date(at)} {_moment(at).year}" for at in (begin, end))
    return f"UTC, {first}" if first == last else f"UTC, {first} to {last}"


def _date(at: int) -> str:
    return f"{_moment(at).day} {_moment(at):%b}"


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at // SECOND_MS, UTC)
