"""Lengths of time as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omsbot.domain.durations import DAY_MS, HOUR_MS, MINUTE_MS, NotADuration, read_duration
from tests.unit.domain.strategies import repeatable

LENGTHS = {
    "30m": 30 * MINUTE_MS,
    "90m": 90 * MINUTE_MS,
    "2h": 2 * HOUR_MS,
    "1d": DAY_MS,
    "1w": 7 * DAY_MS,
    "1 week": 7 * DAY_MS,
    "1h30m": 90 * MINUTE_MS,
    "1h 30m": 90 * MINUTE_MS,
    "1 hour and 30 minutes": 90 * MINUTE_MS,
    "2 hours": 2 * HOUR_MS,
    "90 min": 90 * MINUTE_MS,
    "1.5h": 90 * MINUTE_MS,
    "1.5 hours": 90 * MINUTE_MS,
    "an hour": HOUR_MS,
    "half an hour": 30 * MINUTE_MS,
    "half a day": 12 * HOUR_MS,
    "a day": DAY_MS,
    "90s": 90_000,
    "2H": 2 * HOUR_MS,
    "30分钟": 30 * MINUTE_MS,
    "2小时": 2 * HOUR_MS,
    "2 小时": 2 * HOUR_MS,
    "2个小时": 2 * HOUR_MS,
    "两小时": 2 * HOUR_MS,
    "半小时": 30 * MINUTE_MS,
    "1小时30分钟": 90 * MINUTE_MS,
    "60s": MINUTE_MS,
    "30d": 30 * DAY_MS,
    "0m": 0,
}


@pytest.mark.parametrize(("text", "duration_ms"), LENGTHS.items(), ids=LENGTHS.keys())
def test_a_length_of_time_is_read(text: str, duration_ms: int) -> None:
    assert read_duration(text) == duration_ms


NONSENSE = {
    "": "How long?",
    "30": "needs a unit",
    "h": "not a length",
    "soon": "not a length",
    "2 moons": "not a length",
    "2 hoursx": "not a length",
    "-2h": "not a length",
    "2h later": "not a length",
    "٢h": "not a length",
    "99999999999999999999h": "not a length",
}


@pytest.mark.parametrize(("text", "said"), NONSENSE.items(), ids=[text or "nothing" for text in NONSENSE])
def test_nonsense_is_refused_with_a_sentence(text: str, said: str) -> None:
    with pytest.raises(NotADuration, match=said):
        read_duration(text)


@repeatable
@given(
    st.text(max_size=40)
    | st.lists(st.sampled_from(["1", "1.5", "half", "an", "h", "m", "小时", "and", " "])).map("".join)
)
def test_any_text_is_a_length_or_a_sentence(text: str) -> None:
    assert length_or_sentence(text).endswith((" ms", "."))


def length_or_sentence(text: str) -> str:
    try:
        return f"{read_duration(text)} ms"
    except NotADuration as wrong:
        return str(wrong)
