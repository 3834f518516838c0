"""What is read from the steps of an answer, whatever way a server writes them."""

import json
from typing import Any

import pytest

from omsbot.domain.project.project import Snapshot, Step, StepInfo, StepStatus
from omsbot.oms.wire import encode_steps_request, read_steps
from tests.unit.oms.answers import STEPS, body, envelope, step

NOW = 1_700_000_010_000
STARTED = 1_699_999_805_000


def read(value: Any) -> Snapshot:
    return read_steps(body(value), status=200, content_type="application/json", observed_at=NOW)


def upper_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: upper_keys(each) for key, each in value.items()}
    return [upper_keys(each) for each in value] if isinstance(value, list) else value


def shouted_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {key.upper(): shouted_keys(each) for key, each in value.items()}
    return [shouted_keys(each) for each in value] if isinstance(value, list) else value


def texts_for_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: texts_for_numbers(each) for key, each in value.items()}
    if isinstance(value, list):
        return [texts_for_numbers(each) for each in value]
    return json.dumps(value) if isinstance(value, (bool, int)) else value


def null_texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: null_texts(each) for key, each in value.items()}
    if isinstance(value, list):
        return [null_texts(each) for each in value]
    return "null" if value is None else value


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_nulls(each) for key, each in value.items() if each is not None}
    return [without_nulls(each) for each in value] if isinstance(value, list) else value


def with_strangers(value: Any) -> Any:
    if isinstance(value, dict):
        return {"gmtX": {"y": [1]}, **{key: with_strangers(each) for key, each in value.items()}, "zZ": None}
    return [with_strangers(each) for each in value] if isinstance(value, list) else value


def json_texts(value: dict[str, Any]) -> dict[str, Any]:
    steps = [
        {**each, "stepInfo": json.dumps(each["stepInfo"]), "extraInfo": json.dumps(each["extraInfo"])}
        for each in value["data"]
    ]
    return {**value, "data": steps}


def test_a_whole_answer_is_read_field_by_field() -> None:
    snapshot = read_steps(
        body(envelope(STEPS)),
        status=200,
        content_type="application/json",
        observed_at=NOW,
        server_at=NOW - 500,
    )
    assert (snapshot.observed_at, snapshot.server_at, snapshot.cost) == (NOW, NOW - 500, "4 ms")
    assert snapshot.request_id == "7d0f2c55-1f7e-4c5e-9d52-0a6f6f3b1c11"
    assert [each.order for each in snapshot.steps] == [1, 3, 4, 5, 6, 7]
    assert snapshot.steps[0] == Step(
        name="TRANSFER_PRECHECK",
        status=StepStatus.FINISHED,
        raw_status="FINISHED",
        order=1,
        description="What TRANSFER_PRECHECK is called in the server's language",
        progress=100,
        started_at=STARTED,
        finished_at=STARTED + 150_000,
    )
    assert snapshot.steps[2].info == StepInfo(
        processed_records=40_500,
        capacity=81_000,
        src_rps=150,
        src_rt_ms=6,
        src_iops=51_200,
        dst_rps=140,
        dst_rt_ms=8,
        dst_iops=50_100,
        src_rps_ref=8000,
        src_rt_ref_ms=1,
        src_iops_ref=8_388_608,
        dst_rps_ref=7000,
        dst_rt_ref_ms=2,
    )
    assert snapshot.steps[3].info == StepInfo(
        checkpoint_s=1_700_000_000, sampled_s=1_700_000_007, incr_statistics=True
    )
    assert snapshot.steps[3].lag_s == 7
    assert [each.info for each in snapshot.steps[4:]] == [None, None]


@pytest.mark.parametrize(
    "written",
    [
        upper_keys,
        shouted_keys,
        texts_for_numbers,
        null_texts,
        without_nulls,
        with_strangers,
        json_texts,
        lambda value: {**value, "data": json.dumps(value["data"])},
        lambda value: {**value, "success": "TRUE"},
        lambda value: {**value, "success": 1},
        lambda value: {key: each for key, each in value.items() if key != "success"},
        lambda value: {**value, "code": "PARAM_ERROR\n", "message": "stale"},
        lambda value: {**value, "Code": None, "Success": True},
        lambda value: {**value, "data": [None, *reversed(value["data"])]},
    ],
    ids=[
        "pascal_case",
        "upper_case",
        "numbers_as_texts",
        "null_as_text",
        "absent_keys",
        "unknown_fields",
        "info_as_json_texts",
        "data_as_json_text",
        "success_as_text",
        "success_as_number",
        "success_absent",
        "stale_code",
        "twins_that_agree",
        "unsorted_with_null",
    ],
)
def test_another_way_of_writing_is_read_as_the_documented_one(written: Any) -> None:
    assert read(written(envelope(STEPS))) == read(envelope(STEPS))


def test_a_byte_order_mark_is_tolerated() -> None:
    assert read_steps(b"\xef\xbb\xbf" + body(envelope(STEPS)), observed_at=NOW) == read(envelope(STEPS))


def test_one_object_stands_for_a_list_of_one() -> None:
    assert read(envelope(STEPS[0])) == read(envelope(STEPS[:1]))


@pytest.mark.parametrize("data", [[], {}, None, "null", "", "[]", [None]], ids=repr)
def test_no_steps_are_a_snapshot_without_steps(data: Any) -> None:
    assert read(envelope(data)) == Snapshot((), NOW, None, "7d0f2c55-1f7e-4c5e-9d52-0a6f6f3b1c11", "4 ms")


@pytest.mark.parametrize(
    ("cost", "kept"), [("4 ms", "4 ms"), ("1", "1"), (56, "56"), (None, None), ({}, None)]
)
def test_the_cost_is_kept_as_it_came(cost: Any, kept: str | None) -> None:
    assert read(envelope([], cost=cost)).cost == kept


def test_steps_of_one_name_are_told_apart() -> None:
    snapshot = read(envelope([step(2, "NEW_ONE", "RUNNING"), step(1, "NEW_ONE"), step(None, "OTHER")]))
    assert [(key, each.order) for key, each in snapshot.keyed()] == [
        ("NEW_ONE", 1),
        ("NEW_ONE#2", 2),
        ("OTHER", None),
    ]


def test_the_request_carries_the_id_as_json() -> None:
    assert json.loads(encode_steps_request('np_"x')) == {"id": 'np_"x'}


@pytest.mark.parametrize("odd", ["\\u0000", "\\ud83d", "\\udc00"], ids=["a NUL", "half a pair", "other half"])
def test_a_failed_step_is_read_although_its_error_holds_what_no_text_may(odd: str) -> None:
    failed = {**step(4, "FULL_TRANSFER", status="FAILED"), "extraInfo": {"errorMsg": "row ODD dumped"}}
    raw = body(envelope([failed])).replace(b"ODD", odd.encode())

    (read_step,) = read_steps(raw, status=200, content_type=None, observed_at=NOW).steps

    assert read_step.failed
    assert read_step.error is not None
    assert read_step.error.message in {"row  dumped", "row dumped"}


@pytest.mark.parametrize("info", ["{bad", "[1, 2", '{"processedRecords": NaN}'], ids=str)
def test_figures_that_cannot_be_read_do_not_hide_the_status(info: str) -> None:
    (read_step,) = read(envelope([{**step(4, "FULL_TRANSFER", status="FAILED"), "stepInfo": info}])).steps

    assert read_step.failed
    assert read_step.info is None
