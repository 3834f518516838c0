"""20,000 mutated answers: each is a snapshot that can be stored, or an OmsError; nothing else happens."""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from omsbot.domain.project.oms_error import OmsError, OmsErrorKind
from omsbot.domain.project.project import Snapshot, Step, StepInfo
from omsbot.oms.wire import read_steps
from tests.unit.oms.answers import STEPS, body, envelope, failed, refusal

FAILED = failed(
    {
        "errorCode": "CONNECTOR-SIAC00000001\n",
        "errorMsg": "{table}: Struct{id=1} password=pw 数据",
        "errorParam": {"table": "orders"},
        "failedTime": "2023-11-14T22:10:05.250",
        "errorDetails": [{"code": "C", "level": "ERROR", "message": "{x}", "extraContext": {"x": "y"}}],
    }
)
SEEDS: tuple[Any, ...] = (
    envelope([*STEPS, FAILED]),
    envelope([{**each, "stepInfo": json.dumps(each["stepInfo"])} for each in STEPS]),
    refusal(errorDetail={"code": "PARAM_ERROR", "message": "{a}", "messageMcmsContext": {"a": "b"}}),
)
JUNK: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 10**30, 1e308, -(2**63), "", "null", "NaN", "\u202e", "x" * 200, [], {}),
    *(
        [None],
        [[]],
        {"": {}},
        "{",
        "[1]",
        '{"a": 1}',
        "2023-11-14T22:10:05",
        "2023-99-99T99:99:99",
        "😀",
        "true",
    ),
)
FRAGMENTS = (
    b"\0",
    b"\xff",
    b'"',
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"NaN",
    b"\\ud83d",
    b"\\u0000",
    b"9" * 50,
)
SHARE = 2_125  # of each of the nine ways of damage: 19,125; Hypothesis invents the rest
STORED = TypeAdapter(Snapshot)


def read(raw: bytes, status: int = 200) -> Snapshot | OmsError:
    try:
        return read_steps(raw, status=status, content_type="application/json", observed_at=1)
    except OmsError as error:
        found = error
    assert 0 < len(found.text) <= 400
    assert found.kind in OmsErrorKind
    return found


def is_json(raw: bytes) -> bool:
    def refuse(name: str) -> float:
        raise ValueError(name)

    try:
        json.loads(raw.removeprefix(b"\xef\xbb\xbf").decode(), parse_constant=refuse)
    except (ValueError, RecursionError):
        return False
    return True


def assert_sound(found: Snapshot) -> None:
    assert STORED.validate_json(STORED.dump_json(found)) == found
    for step in found.steps:
        assert step.name
        assert step.progress is None or 0 <= step.progress <= 100
        numbers = [step.order, step.started_at, step.finished_at, *whole_numbers(step.info)]
        assert all(number is None or -(2**63) <= number < 2**63 for number in numbers)


def whole_numbers(info: StepInfo | None) -> list[int]:
    values = [getattr(info, name) for name in StepInfo.__slots__] if info else []
    return [value for value in values if isinstance(value, int)]


def cut_out(raw: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(raw))
    return raw[:start] + raw[start + chance.randrange(1, 40) :]


def cut_off(raw: bytes, chance: random.Random) -> bytes:
    return raw[: chance.randrange(len(raw))]


def flip(raw: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(raw))
    return raw[:at] + bytes([chance.randrange(256)]) + raw[at + 1 :]


def insert(raw: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(raw))
    return raw[:at] + chance.choice(FRAGMENTS) + raw[at:]


def double(raw: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(raw))
    end = start + chance.randrange(1, 200)
    return raw[:end] + raw[start:]


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (cut_out, cut_off, flip, insert, double)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
def test_a_damaged_body_is_a_snapshot_only_where_it_is_still_json(
    mutation: Callable[[bytes, random.Random], bytes],
) -> None:
    chance = random.Random(20231114)
    seeds = [body(seed) for seed in SEEDS]
    for number in range(SHARE):
        raw = mutation(seeds[number % len(seeds)], chance)
        found = read(raw, chance.choice((200, 200, 200, 302, 401, 500)))
        if isinstance(found, Snapshot):
            assert is_json(raw)
            assert_sound(found)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a JSON value."""
    found = []
    for key, each in value.items() if isinstance(value, dict) else enumerate(value):
        found.append((value, key))
        if isinstance(each, (dict, list)):
            found += places(each)
    return found


def replace(container: Any, key: Any, chance: random.Random) -> None:
    container[key] = json.loads(json.dumps(chance.choice(JUNK)))


def remove(container: Any, key: Any, chance: random.Random) -> None:
    del container[key]


def rename(container: Any, key: Any, chance: random.Random) -> None:
    if isinstance(key, str):
        container[chance.choice((key.upper(), key.title(), key.lower(), f"{key}X", ""))] = container[key]


def as_text(container: Any, key: Any, chance: random.Random) -> None:
    container[key] = json.dumps(container[key])


CHANGES: tuple[Callable[[Any, Any, random.Random], None], ...] = (replace, remove, rename, as_text)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_an_answer_of_another_structure_is_a_sound_snapshot_or_an_error(
    change: Callable[[Any, Any, random.Random], None],
) -> None:
    chance = random.Random(20231115)
    texts = [json.dumps(seed) for seed in SEEDS]
    for number in range(SHARE):
        value = json.loads(texts[number % len(texts)])
        for _ in range(chance.choice((1, 1, 3))):
            change(*chance.choice(places(value) or [({}, "")]), chance) if places(value) else None
        found = read(body(value))
        if isinstance(found, Snapshot):
            assert_sound(found)


SCALARS = st.sampled_from(JUNK) | st.integers() | st.floats() | st.text(max_size=12)
KEYS = st.sampled_from(("errorMsg", "errorDetails", "message", "srcRps", "progress", "A", "a", ""))
ANY_JSON = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(KEYS, SCALARS, max_size=3)
STEP_FIELDS = (
    *(
        "order",
        "name",
        "description",
        "status",
        "extraInfo",
        "startTime",
        "finishTime",
        "progress",
        "stepInfo",
    ),
    *("Name", "STATUS", "extrainfo", "errorDetail"),
)


@given(
    st.lists(st.dictionaries(st.sampled_from(STEP_FIELDS), ANY_JSON, max_size=5), max_size=2),
    st.dictionaries(
        st.sampled_from(("success", "code", "message", "Data", "cost", "errorDetail")), ANY_JSON, max_size=2
    ),
)
@settings(derandomize=True, deadline=None, max_examples=400)
def test_any_values_in_any_fields_are_a_sound_snapshot_or_an_error(
    steps: list[dict[str, Any]], fields: dict[str, Any]
) -> None:
    named = [{"name": "FULL_TRANSFER", "status": "RUNNING", **each} for each in steps]
    found = read(json.dumps({**envelope(named), **fields}).encode())
    if isinstance(found, Snapshot):
        assert_sound(found)


@given(st.binary(max_size=300))
@settings(derandomize=True, deadline=None, max_examples=500)
def test_any_bytes_are_an_error_unless_they_are_json(raw: bytes) -> None:
    assert isinstance(read(raw), OmsError) or is_json(raw)


def test_the_seeds_are_sound() -> None:
    found = read(body(SEEDS[0]))
    assert isinstance(found, Snapshot)
    assert_sound(found)
    assert isinstance(found.steps[-1], Step)
    assert isinstance(read(body(SEEDS[2])), OmsError)
