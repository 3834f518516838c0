"""What is read from a step's `extraInfo`."""

import json
from typing import Any

import pytest

from omsbot.domain.project.project import ErrorDetail, StepError
from omsbot.oms.wire import read_steps
from tests.unit.oms.answers import body, envelope, failed, step


def read_error(error: Any) -> StepError:
    (found,) = read_steps(body(envelope([failed(error)])), observed_at=1).steps
    assert found.error is not None
    return found.error


def read_detail(**fields: Any) -> ErrorDetail:
    (detail,) = read_error({"errorDetails": [fields]}).details
    return detail


def test_an_error_is_read_field_by_field() -> None:
    error = read_error(
        {
            "errorCode": "CONNECTOR-SIAC00000001\n",
            "errorMsg": "table {table} cannot be written: ${Reason}, [%s] {unknown}",
            "errorParam": {"table": "orders", "reason": 7, "empty": None},
            "failedTime": "2023-11-14T22:10:05.250",
            "errorDetails": [
                {
                    "code": "CONNECTOR-SIAC00000001",
                    "level": "error",
                    "message": "{who} cannot write {table}",
                    "reason": "no room on {disk}",
                    "proposal": "free {size} on {disk}",
                    "extraContext": {"disk": "/data/1"},
                    "messageMcmsKey": "m.key",
                    "messageMcmsContext": {"who": "the sink"},
                    "reasonMcmsKey": "r.key",
                    "reasonMcmsContext": None,
                    "proposalMcmsKey": "p.key",
                    "proposalMcmsContext": '{"size": "10 GB"}',
                    "upstreamErrorDetail": {"code": "OB-4184", "message": "server out of disk space"},
                }
            ],
        }
    )
    assert error == StepError(
        code="CONNECTOR-SIAC00000001",
        message="table orders cannot be written: 7, [%s] {unknown}",
        params={"table": "orders", "reason": "7"},
        failed_at=1_699_999_805_250,
        details=(
            ErrorDetail(
                code="CONNECTOR-SIAC00000001",
                level="ERROR",
                message="the sink cannot write orders",
                reason="no room on /data/1",
                proposal="free 10 GB on /data/1",
                extra_context={"disk": "/data/1"},
                message_key="m.key",
                reason_key="r.key",
                proposal_key="p.key",
                upstream=ErrorDetail(code="OB-4184", message="server out of disk space"),
            ),
        ),
    )


def test_a_recovered_step_keeps_the_time_of_its_failure() -> None:
    recovered = step(4, "FULL_TRANSFER", "RUNNING", extraInfo={"failedTime": "2023-11-14 22:10:05"})
    (found,) = read_steps(body(envelope([recovered])), observed_at=1).steps
    assert not found.failed
    assert found.failed_at == 1_699_999_805_000


def test_a_key_and_its_context_stand_for_a_message_that_is_null() -> None:
    detail = read_detail(
        message=None, messageMcmsKey="oms.full", messageMcmsContext={"table": "orders", "n": 3}
    )
    assert detail.message == "oms.full (table=orders, n=3)"
    assert detail.message_key == "oms.full"


def test_a_key_alone_stands_for_a_message_that_is_null() -> None:
    assert read_detail(message="null", messageMcmsKey="oms.full").message == "oms.full"


@pytest.mark.parametrize("level", ["FATAL", "ERROR", "WARNING", "CRITICAL", "WARN"])
def test_each_level_is_kept(level: str) -> None:
    assert read_detail(level=level.lower()).level == level


@pytest.mark.parametrize(
    ("details", "messages"),
    [
        ({"message": "one"}, ["one"]),
        ('[{"message": "a"}, {"Message": "b"}]', ["a", "b"]),
        (["a plain text", None, {}, 5, {"message": "c"}], ["a plain text", "c"]),
        ("a plain text", ["a plain text"]),
        ([{"message": str(number)} for number in range(99)], [str(number) for number in range(30)]),
    ],
    ids=["one_object", "json_text", "mixed_list", "plain_text", "too_many"],
)
def test_details_are_read_in_any_shape(details: Any, messages: list[str]) -> None:
    error = read_error({"errorCode": "X", "errorDetails": details})
    assert [detail.message for detail in error.details] == messages


def test_an_extra_info_of_plain_text_is_the_message() -> None:
    (found,) = read_steps(
        body(envelope([step(1, "A", "FAILED", extraInfo="disk full")])), observed_at=1
    ).steps
    assert found.error == StepError(message="disk full")


def test_an_extra_info_as_json_text_is_read() -> None:
    extra = json.dumps({"errorCode": "X-1", "errorParam": json.dumps({"a": "b"})})
    (found,) = read_steps(body(envelope([step(1, "A", "FAILED", extraInfo=extra)])), observed_at=1).steps
    assert found.error == StepError(code="X-1", params={"a": "b"})


def test_upstream_errors_are_followed_five_deep() -> None:
    told: dict[str, Any] = {"message": "9"}
    for number in reversed(range(9)):
        told = {"message": str(number), "upstreamErrorDetail": told}
    detail: ErrorDetail | None = read_detail(**told)
    depth = 0
    while detail is not None:
        depth, detail = depth + 1, detail.upstream
    assert depth == 6


def test_an_upstream_error_that_is_no_error_is_left_out() -> None:
    assert read_detail(message="m", upstreamErrorDetail=[1]).upstream is None


def test_a_secret_parameter_is_hidden_where_it_is_kept_and_where_it_is_filled_in() -> None:
    error = read_error({"errorMsg": "login with {dbPassword}", "errorParam": {"dbPassword": "hunter2"}})
    assert error.message == "login with ***"
    assert error.params == {"dbPassword": "***"}


def test_a_secret_that_a_filled_placeholder_makes_is_hidden() -> None:
    error = read_error({"errorMsg": "password={value}", "errorParam": {"value": "hunter2"}})
    assert error.message == "password=***"


def test_placeholders_cannot_blow_a_text_up() -> None:
    error = read_error({"errorMsg": "{a}" * 6000, "errorParam": {"a": "x" * 3000}})
    assert error.message is not None
    assert len(error.message) <= 20_000
    assert error.message.count("x") < 4001


def test_a_filled_text_is_not_filled_again() -> None:
    assert read_error({"errorMsg": "{a}", "errorParam": {"a": "{b}", "b": "x"}}).message == "{b}"


def test_a_row_dump_and_markup_in_a_message_arrive_masked_and_otherwise_as_they_came() -> None:
    told = "<!channel> `t` & <br> 数据 Struct{id=1,name=Ann} at jdbc:mysql://h/d?user=root&password=pw"
    assert read_error({"errorMsg": told}).message == (
        "<!channel> `t` & <br> 数据 Struct{***} at jdbc:mysql://h/d?user=***&password=***"
    )
