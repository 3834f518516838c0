"""What is read from the single fields of a step."""

import json
from typing import Any

import pytest

from omsbot.domain.project.project import Step, StepInfo, StepStatus
from omsbot.oms.wire import read_steps
from tests.unit.oms.answers import FULL_COPY_INFO, INCREMENTAL_INFO, NO_ERROR, body, envelope, step

STARTED = 1_699_999_805_000


def read_one(**fields: Any) -> Step:
    (found,) = read_steps(
        body(envelope([{**step(1, "FULL_TRANSFER", "RUNNING"), **fields}])), observed_at=1
    ).steps
    return found


def read_info(**fields: Any) -> StepInfo:
    info = read_one(stepInfo=fields).info
    assert info is not None
    return info


@pytest.mark.parametrize(
    ("raw", "status", "kept"),
    [
        ("MONITORING", StepStatus.MONITORING, "MONITORING"),
        (" running\n", StepStatus.RUNNING, "running"),
        ("ROLLING_BACK", StepStatus.UNKNOWN, "ROLLING_BACK"),
        ("UNKNOWN", StepStatus.UNKNOWN, "UNKNOWN"),
        (7, StepStatus.UNKNOWN, "7"),
        (None, StepStatus.UNKNOWN, ""),
        ("null", StepStatus.UNKNOWN, ""),
    ],
    ids=repr,
)
def test_a_status_is_known_or_kept_raw(raw: Any, status: StepStatus, kept: str) -> None:
    found = read_one(status=raw)
    assert (found.status, found.raw_status) == (status, kept)


@pytest.mark.parametrize(
    ("raw", "order"),
    [
        (3, 3),
        ("1", 1),
        (" 12 ", 12),
        (2.0, 2),
        (None, None),
        ("first", None),
        (True, None),
        (10**30, None),
        ([], None),
    ],
    ids=repr,
)
def test_an_order_is_a_whole_number_or_none(raw: Any, order: int | None) -> None:
    assert read_one(order=raw).order == order


@pytest.mark.parametrize(
    ("raw", "progress"),
    [
        *(
            (0, 0),
            (55, 55),
            ("55", 55),
            ("45 %", 45),
            (99.9, 99),
            ("99.9", 99),
            (-5, 0),
            (150, 100),
            (10**30, 100),
        ),
        *(
            (None, None),
            ("null", None),
            ("half", None),
            (True, None),
            ({}, None),
            ("1e400", None),
            ("1e1", 10),
        ),
    ],
    ids=repr,
)
def test_a_progress_is_clamped_to_percent(raw: Any, progress: int | None) -> None:
    assert read_one(progress=raw).progress == progress


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("2023-11-14T22:10:05", STARTED),
        ("2023-11-14T22:10:05.123", STARTED + 123),
        ("2023-11-14T22:10:05.123456Z", STARTED + 123),
        ("2023-11-14T22:10:05Z", STARTED),
        ("2023-11-14 22:10:05", STARTED),
        (" 2023-11-14T22:10:05.5\n", STARTED + 500),
        ("2023-11-15T06:10:05+08:00", STARTED),
        ("2023-11-15T06:10:05.000+0800", STARTED),
        (STARTED, STARTED),
        (STARTED // 1000, STARTED),
        (str(STARTED), STARTED),
        ([2023, 11, 14, 22, 10, 5, 123_456_789], STARTED + 123),
        ([2023, 11, 14, 22, 10, 5], STARTED),
        ([2023, 11, 14, 22, 10], STARTED - 5_000),
        ("[2023,11,14,22,10,5,500000000]", STARTED + 500),
        ([2023, 11, 14], None),
        ([2023, 13, 14, 22, 10, 5], None),
        ([2023, 11, 14, 22, 10, 5.5], None),
        ([2023, 11, 14, 22, 10, True], None),
        ([2023, 11, 14, 22, 10, 5, 0, 0], None),
        ([10**30, 1, 1, 0, 0], None),
        ("[2023,011,14,22,10]", None),
        ("[2023-11-14 22:10:05]", None),
        ("2023-11-14", None),
        ("2023-02-30T22:10:05", None),
        ("0001-01-01T00:00:00", None),
        ("0001-01-01T00:00:00+08:00", None),
        ("9999-12-31T23:59:59", None),
        ("yesterday at half past ten", None),
        ("", None),
        (0, None),
        (-1, None),
        (10**18, None),
        (True, None),
        ([], None),
    ],
    ids=repr,
)
def test_a_time_is_milliseconds_in_utc_or_none(raw: Any, moment: int | None) -> None:
    assert read_one(startTime=raw).started_at == moment
    assert read_one(finishTime=raw).finished_at == moment


@pytest.mark.parametrize(
    "info", [None, {}, [], "null", "", "{}", "soon", 5, dict.fromkeys(FULL_COPY_INFO)], ids=repr
)
def test_a_step_info_that_says_nothing_is_none(info: Any) -> None:
    assert read_one(stepInfo=info).info is None


@pytest.mark.parametrize("extra", [None, {}, [], "null", "", "{}", 5, NO_ERROR, {"other": 1}], ids=repr)
def test_an_extra_info_that_says_nothing_is_no_error(extra: Any) -> None:
    assert read_one(extraInfo=extra).error is None


@pytest.mark.parametrize(
    ("raw", "count"),
    [
        (0, 0),
        ("12", 12),
        (12.7, 12),
        (-1, None),
        (2**63, None),
        (2**63 - 1, 2**63 - 1),
        ("1_000", None),
        (True, None),
    ],
    ids=repr,
)
def test_a_count_fits_64_bits_or_is_none(raw: Any, count: int | None) -> None:
    assert read_info(capacity=1, processedRecords=raw).processed_records == count


@pytest.mark.parametrize(
    ("raw", "rate"), [(7, 7.0), ("7", 7.0), ("0.25", 0.25), (-1, None), (2**70, None), ("x", None)], ids=repr
)
def test_a_rate_is_a_number_or_none(raw: Any, rate: float | None) -> None:
    assert read_info(capacity=1, srcRt=raw).src_rt_ms == rate


@pytest.mark.parametrize(
    ("raw", "seconds"),
    [
        (1_700_000_000, 1_700_000_000),
        ("1700000000", 1_700_000_000),
        (1_700_000_000_123, 1_700_000_000),
        (0, None),
    ],
    ids=repr,
)
def test_a_checkpoint_is_epoch_seconds_and_absent_while_it_is_0(raw: Any, seconds: int | None) -> None:
    info = read_info(**{**INCREMENTAL_INFO, "incrTimestampCheckpoint": raw})
    assert info.checkpoint_s == seconds


@pytest.mark.parametrize(
    ("raw", "told"),
    [(True, True), ("false", False), ("1", True), (0, False), (2, None), (1.5, None)],
    ids=repr,
)
def test_a_truth_value_may_be_a_text_or_a_number(raw: Any, told: bool | None) -> None:
    assert read_info(capacity=1, enableIncrStatistics=raw).incr_statistics is told


@pytest.mark.parametrize("encode", [lambda value: value, json.dumps], ids=["object", "json_text"])
def test_the_progress_overview_of_cloud_servers_is_read(encode: Any) -> None:
    overview = {
        "estimatedTotalCount": "900",
        "FinishedCount": 300,
        "estimatedRemainingTimeOfSec": 60,
        "progress": 33,
    }
    info = read_info(
        connectorFullProgressOverview=encode(overview), inconsistencies=2, validated="298", skipped=0, new=1
    )
    assert info == StepInfo(
        estimated_total=900,
        finished_count=300,
        estimated_remaining_s=60,
        overview_progress=33,
        inconsistencies=2,
        validated=298,
        skipped=0,
    )


def test_names_are_cleaned_onto_one_line_and_capped() -> None:
    found = read_one(name=" NEW\u202e_\u200bSTEP\n2 ", status="S" * 500)
    assert found.name == "NEW_STEP 2"
    assert len(found.raw_status) == 128


def test_texts_are_cleaned_masked_and_capped() -> None:
    found = read_one(description="\u202epassword=hunter2 " + "x" * 30_000)
    assert found.description is not None
    assert found.description.startswith("password=*** xxx")
    assert len(found.description) == 20_000


def test_a_secret_across_the_cap_is_not_cut_open() -> None:
    found = read_one(description="x" * 19_970 + " http://user:hunter2@oms:8089/")
    assert found.description is not None
    assert "hunter" not in found.description


def test_a_description_that_is_no_text_is_kept_as_json() -> None:
    assert read_one(description={"zh": "全量迁移"}).description == '{"zh": "全量迁移"}'
