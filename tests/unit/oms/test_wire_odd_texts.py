"""What only looks like JSON is a text, and never hides a status; references are what they name."""

import json
from typing import Any

import pytest

from omsbot.domain.project.oms_error import OmsError, OmsErrorKind
from omsbot.domain.project.project import ErrorDetail, Step, StepStatus
from omsbot.oms.wire import read_projects, read_steps
from tests.unit.oms.answers import body, envelope, failed, refusal, step

LOG_LINE = "[2026-05-13 03:00:10] ERROR connector stopped"
JAVA_MAP = "{table=t1, schema=s}"
LIKE_JSON = [LOG_LINE, JAVA_MAP, '{"a": NaN}', '{"a": 1, "a": 2}', "[1, 2", "{" * 99]


def steps_of(data: Any) -> tuple[Step, ...]:
    return read_steps(body(envelope(data)), observed_at=1).steps


def only(data: Any) -> Step:
    (found,) = steps_of(data)
    return found


@pytest.mark.parametrize("odd", LIKE_JSON, ids=["log", "java_map", "nan", "twice", "cut", "deep"])
class TestATextThatOpensLikeJson:
    def test_in_extra_info_it_is_the_message_of_the_failure(self, odd: str) -> None:
        found = only([step(4, "FULL_TRANSFER", "FAILED", extraInfo=odd)])
        assert found.failed
        assert found.error is not None
        assert found.error.message == odd

    def test_in_an_error_detail_it_is_a_message(self, odd: str) -> None:
        for details in (odd, [odd]):
            found = only([failed({"errorCode": "X-1", "errorDetails": details})])
            assert found.failed
            assert found.error is not None
            assert found.error.code == "X-1"
            assert [detail.message for detail in found.error.details] == [odd]

    def test_in_an_upstream_error_it_is_a_message(self, odd: str) -> None:
        found = only([failed({"errorDetails": [{"code": "X-1", "upstreamErrorDetail": odd}]})])
        assert found.error is not None
        assert found.error.details == (ErrorDetail(code="X-1", upstream=ErrorDetail(message=odd)),)

    @pytest.mark.parametrize(
        "key", ["description", "startTime", "finishTime", "progress", "stepInfo", "order"]
    )
    def test_in_any_other_field_of_a_step_its_status_is_read(self, odd: str, key: str) -> None:
        assert only([{**step(4, "FULL_TRANSFER", "FAILED"), key: odd}]).failed

    @pytest.mark.parametrize("key", ["errorCode", "errorMsg", "errorParam", "failedTime"])
    def test_in_any_field_of_an_error_the_others_are_read(self, odd: str, key: str) -> None:
        found = only([failed({"errorCode": "X-1", "errorMsg": "m", key: odd})])
        assert found.failed
        assert found.error is not None
        assert found.error.code == "X-1" or key == "errorCode"
        assert found.error.message == (odd if key == "errorMsg" else "m")

    def test_in_a_progress_overview_the_other_figures_are_read(self, odd: str) -> None:
        info = {"processedRecords": 5, "connectorFullProgressOverview": odd}
        found = only([step(4, "FULL_TRANSFER", "FAILED", stepInfo=info)])
        assert found.failed
        assert found.info is not None
        assert found.info.processed_records == 5

    def test_a_failed_call_keeps_its_code(self, odd: str) -> None:
        with pytest.raises(OmsError) as caught:
            read_steps(body(refusal(code="GHANA-OPERAT000001", errorDetail=odd)), observed_at=1)
        assert caught.value.kind is OmsErrorKind.REJECTED
        assert caught.value.detail is not None
        assert caught.value.detail.code == "GHANA-OPERAT000001"
        assert caught.value.detail.message == odd

    def test_in_a_listed_project_the_project_is_listed(self, odd: str) -> None:
        listed = {"id": "np_1", "name": odd, "type": "MIGRATION", "status": "FAILED", "steps": odd}
        (found,) = read_projects(body(envelope([listed])), server="default", observed_at=1).projects
        assert (found.status, found.steps) == ("FAILED", ())


def test_a_text_in_a_map_stands_under_the_name_of_its_field() -> None:
    found = only([failed({"errorCode": "X-1", "errorParam": LOG_LINE})])
    assert found.error is not None
    assert found.error.params == {"errorParam": LOG_LINE}


def test_a_map_that_java_printed_is_a_map() -> None:
    found = only([failed({"errorMsg": "no {table}", "errorParam": "{table=t1, list=[a, b], password=x}"})])
    assert found.error is not None
    assert found.error.message == "no t1"
    assert found.error.params == {"table": "t1", "list": "[a, b]", "password": "***"}


def test_secrets_in_what_is_kept_as_a_text_are_masked() -> None:
    found = only([step(4, "A", "FAILED", extraInfo="[log] jdbc:mysql://h/d?password=hunter2")])
    assert "hunter2" not in repr(found)


def test_details_alone_are_an_extra_info() -> None:
    found = only([step(4, "A", "FAILED", extraInfo=[{"code": "X-1"}, LOG_LINE])])
    assert found.error is not None
    assert found.error.details == (ErrorDetail(code="X-1"), ErrorDetail(message=LOG_LINE))


def test_an_error_in_two_spellings_does_not_hide_the_status() -> None:
    found = only([{**failed({"errorCode": "X-1", "ErrorCode": "X-2"}), "Description": "other"}])
    assert found.failed
    assert found.error is not None
    assert found.error.code == "X-1"


class TestAReference:
    def test_to_the_error_of_another_step_is_that_error(self) -> None:
        first = failed({"errorCode": "X-1", "errorMsg": "m"})
        found = steps_of([first, step(5, "B", "FAILED", extraInfo={"$ref": "$.data[0].extraInfo"})])
        assert found[0].error == found[1].error
        assert found[1].error is not None
        assert found[1].error.code == "X-1"

    def test_to_a_step_is_that_step(self) -> None:
        found = steps_of([step(1, "A", "FAILED"), {"$ref": "$.data[0]"}])
        assert found[0] == found[1]
        assert found[1].status is StepStatus.FAILED

    def test_in_brackets_and_behind_another_reference_is_followed(self) -> None:
        shared = {"errorCode": "X-1", "errorDetails": [{"code": "X-2"}]}
        found = steps_of(
            [
                step(1, "A", "FAILED", extraInfo=shared),
                step(2, "B", "FAILED", extraInfo={"$ref": "$['data'][0][\"extraInfo\"]"}),
                step(
                    3, "C", "FAILED", extraInfo={"errorDetails": {"$ref": "$.data[1].extraInfo.errorDetails"}}
                ),
            ]
        )
        assert [one.error.details[0].code for one in found if one.error] == ["X-2"] * 3

    @pytest.mark.parametrize(
        "path",
        [
            "$",
            "@",
            "..",
            "../..",
            "$.data",
            "$.data[0]",
            "$.data[0].extraInfo",
            "$.nothing",
            "$.data[9]",
            "$..",
            "",
            "$x",
        ],
    )
    def test_to_something_around_it_or_to_nothing_is_empty(self, path: str) -> None:
        found = only([step(1, "A", "FAILED", description={"$ref": path}, extraInfo={"$ref": path})])
        assert found.failed
        assert (found.error, found.description) == (None, None)

    def test_in_a_circle_is_empty(self) -> None:
        found = steps_of(
            [
                step(1, "A", "FAILED", extraInfo={"$ref": "$.data[1].extraInfo"}),
                step(2, "B", "FAILED", extraInfo={"$ref": "$.data[0].extraInfo"}),
            ]
        )
        assert [(one.failed, one.error) for one in found] == [(True, None), (True, None)]

    def test_in_an_embedded_text_starts_at_the_root_of_that_text(self) -> None:
        inner = {"errorDetails": [{"code": "X-1"}, {"$ref": "$.errorDetails[0]"}]}
        found = only([step(1, "A", "FAILED", extraInfo=json.dumps(inner))])
        assert found.error is not None
        assert [detail.code for detail in found.error.details] == ["X-1", "X-1"]

    def test_cannot_grow_without_end(self) -> None:
        maps = {f"m{n}": [{"$ref": f"$.extra.m{n + 1}"}] * 10 for n in range(40)}
        raw = envelope([step(1, "A", "FAILED", extraInfo={"errorMsg": {"$ref": "$.extra.m0"}})], extra=maps)
        (found,) = read_steps(body(raw), observed_at=1).steps
        assert found.failed
