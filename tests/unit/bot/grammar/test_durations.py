"""How long a silence lasts."""

import pytest

from omsbot.bot.grammar.durations import DAY_MS, HOUR_MS, MINUTE_MS, parse_duration

LENGTHS = {
    "30m": 30 * MINUTE_MS,
    "2h": 2 * HOUR_MS,
    "1d": DAY_MS,
    "1w": 7 * DAY_MS,
    "1h30m": 90 * MINUTE_MS,
    "1h 30m": 90 * MINUTE_MS,
    "1 hour and 30 minutes": 90 * MINUTE_MS,
    "2 hours": 2 * HOUR_MS,
    "90 min": 90 * MINUTE_MS,
    "1.5h": 90 * MINUTE_MS,
    "an hour": HOUR_MS,
    "a day": DAY_MS,
    "90s": 90_000,
    "2H": 2 * HOUR_MS,
    "30分钟": 30 * MINUTE_MS,
    "2 小时": 2 * HOUR_MS,
    "60s": MINUTE_MS,
    "30d": 30 * DAY_MS,
}


@pytest.mark.parametrize(("text", "duration_ms"), LENGTHS.items(), ids=LENGTHS.keys())
def test_a_length_of_time_is_read(text: str, duration_ms: int) -> None:
    assert parse_duration(text) == duration_ms


NONSENSE = {
    "": "For how long?",
    "30": "needs a unit",
    "h": "not a length",
    "soon": "not a length",
    "2 moons": "not a length",
    "-2h": "not a length",
    "2h later": "not a length",
    "0m": "one minute",
    "59s": "one minute",
    "30d 1m": "30 days",
    "999999999w": "30 days",
    "99999999999999999999h": "not a length",
}


@pytest.mark.parametrize(("text", "said"), NONSENSE.items(), ids=[text or "nothing" for text in NONSENSE])
def test_nonsense_is_refused_with_a_sentence(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_duration(text)
