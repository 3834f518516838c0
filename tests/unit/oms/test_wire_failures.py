"""Every failed answer is of a kind, by OMS's own code before the HTTP status."""

from typing import Any

import pytest

from omsbot.domain.project.oms_error import OmsError, OmsErrorKind
from omsbot.domain.project.project import ErrorDetail
from omsbot.oms.wire import read_steps
from tests.unit.oms.answers import STEPS, body, envelope, refusal

GONE, FORBIDDEN, UNAUTHORIZED = OmsErrorKind.GONE, OmsErrorKind.FORBIDDEN, OmsErrorKind.UNAUTHORIZED
UNSUPPORTED, REJECTED, MALFORMED = OmsErrorKind.UNSUPPORTED, OmsErrorKind.REJECTED, OmsErrorKind.MALFORMED
UNREACHABLE, TIMEOUT = OmsErrorKind.UNREACHABLE, OmsErrorKind.TIMEOUT
PAGE = b"<html><title>502 Bad Gateway</title>"


def failure(raw: bytes, status: int = 200, **answer: Any) -> OmsError:
    with pytest.raises(OmsError) as caught:
        read_steps(raw, **{"observed_at": 1_700_000_000_000, "status": status, **answer})
    return caught.value


def told(**fields: Any) -> OmsError:
    return failure(body(refusal(**fields)))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("PARAM_ERROR", REJECTED),
        ("GHANA-OPERAT000001", REJECTED),
        ("GHANA-OPERIE000000", REJECTED),
        ("GHANA-PROJECT000001", GONE),
        ("PROJECT_NOT_FOUND_ERROR", GONE),
        ("AUTHENTICATION_ERROR", UNAUTHORIZED),
        ("USER_NAME_OR_PASSWORD_ERROR\n", UNAUTHORIZED),
        ("OMS_USER_PERMISSION_DENIED_ERROR", FORBIDDEN),
        ("SOMETHING_NEW", REJECTED),
        (4711, REJECTED),
    ],
    ids=str,
)
def test_a_code_decides_the_kind_wherever_it_stands(code: Any, kind: OmsErrorKind) -> None:
    assert told(code=code, message="m").kind is kind
    assert told(errorDetail={"code": code, "message": "m"}).kind is kind


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"message": "Unsupported action: DescribeProjectSteps"}, UNSUPPORTED),
        ({"errorDetail": {"code": "GHANA-OPERIE000000", "message": "[GHANA-PROJECT000001] no np_x"}}, GONE),
        ({"errorDetail": {"message": "m", "upstreamErrorDetail": {"code": "GHANA-PROJECT000001"}}}, GONE),
        (
            {"errorDetail": {"message": "m", "upstreamErrorDetail": {"code": "AUTHENTICATION_ERROR"}}},
            REJECTED,
        ),
        ({"message": "AUTHENTICATION of the sink failed"}, REJECTED),
    ],
    ids=["unsupported", "gone_in_message", "gone_upstream", "login_of_a_component", "no_code"],
)
def test_a_text_decides_only_where_it_is_known_to(fields: dict[str, Any], kind: OmsErrorKind) -> None:
    assert told(**fields).kind is kind


def test_the_error_carries_what_oms_said() -> None:
    error = told(
        errorDetail={
            "code": "GHANA-OPERAT000001\n",
            "level": "ERROR",
            "message": "{c} is away",
            "extraContext": {"c": "CM"},
        },
        code="OLD",
        message="old",
        advice="look at CM",
    )
    assert error.text == "GHANA-OPERAT000001: CM is away"
    assert error.detail == ErrorDetail(
        code="GHANA-OPERAT000001",
        level="ERROR",
        message="CM is away",
        proposal="look at CM",
        extra_context={"c": "CM"},
    )
    assert error.request_id == "7d0f2c55-1f7e-4c5e-9d52-0a6f6f3b1c11"


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"code": "PARAM_ERROR", "message": "id is\nempty"}, "PARAM_ERROR: id is empty"),
        ({"message": "[X-1] broken", "code": "X-1"}, "[X-1] broken"),
        ({"errorDetail": "in words"}, "in words"),
        ({"errorDetail": {"messageMcmsKey": "k", "messageMcmsContext": {"a": 1}}}, "k (a=1)"),
        ({"errorDetail": {"reason": "because"}}, "because"),
        ({"errorDetail": {"upstreamErrorDetail": {"message": "deeper"}}}, "deeper"),
        ({"code": "PARAM_ERROR"}, "OMS gives only the code PARAM_ERROR"),
        ({"advice": "restart it"}, "OMS gives only an advice: restart it"),
        ({"errorDetail": {"level": "ERROR"}}, "OMS says that the call failed, without a reason"),
        ({}, "OMS says that the call failed, without a reason"),
        ({"message": "at jdbc:mysql://h/d?password=hunter2"}, "at jdbc:mysql://h/d?password=***"),
    ],
)
def test_the_text_is_one_sentence_with_the_best_that_oms_gave(fields: dict[str, Any], text: str) -> None:
    assert told(**fields).text == text


def test_a_long_text_is_shortened_and_whole_in_the_detail() -> None:
    error = told(message="x" * 2000)
    assert len(error.text) == 300
    assert error.detail is not None
    assert error.detail.message == "x" * 2000


def test_a_failure_with_data_is_a_failure() -> None:
    assert failure(body({**envelope(STEPS), "success": "false"})).kind is REJECTED


@pytest.mark.parametrize("key", ["code", "message", "errorDetail"])
def test_an_error_without_success_and_data_is_a_failure(key: str) -> None:
    assert failure(body({key: "PARAM_ERROR"})).kind is REJECTED


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (401, UNAUTHORIZED, "the user name or the password is not accepted (HTTP 401 Unauthorized)"),
        (403, FORBIDDEN, "HTTP 403"),
        (404, MALFORMED, "there is no OMS API at this address"),
        (405, MALFORMED, "OMSBOT_OMS_URL"),
        (407, UNREACHABLE, "a proxy"),
        (408, TIMEOUT, "HTTP 408"),
        (429, UNREACHABLE, "asked too often"),
        (400, MALFORMED, "HTTP 400"),
        (500, UNREACHABLE, "the server cannot answer"),
        (502, UNREACHABLE, "it came with an HTML page titled '502 Bad Gateway'"),
        (503, UNREACHABLE, "HTTP 503"),
        (504, TIMEOUT, "HTTP 504"),
        (599, UNREACHABLE, "HTTP 599)"),
        (199, MALFORMED, "HTTP 199)"),
    ],
)
def test_a_status_decides_where_no_code_does(status: int, kind: OmsErrorKind, words: str) -> None:
    error = failure(PAGE, status, content_type="text/html")
    assert error.kind is kind
    assert words in error.text


@pytest.mark.parametrize(
    ("status", "fields", "kind"),
    [
        (500, {"code": "PARAM_ERROR"}, REJECTED),
        (400, {"code": "PROJECT_NOT_FOUND_ERROR"}, GONE),
        (404, {"message": "Unsupported action: X"}, UNSUPPORTED),
        (401, {"code": "SOMETHING_NEW"}, UNAUTHORIZED),
        (500, {"code": "SOMETHING_NEW"}, UNREACHABLE),
        (422, {"code": "SOMETHING_NEW"}, REJECTED),
        (500, {}, UNREACHABLE),
    ],
)
def test_a_known_code_goes_before_the_status(status: int, fields: dict[str, Any], kind: OmsErrorKind) -> None:
    assert failure(body(refusal(**fields)), status).kind is kind


def test_what_a_server_says_with_its_status_is_in_the_text() -> None:
    raw = body({"timestamp": 1, "status": 500, "error": "Internal Server Error", "message": "pool is empty"})
    assert failure(raw, 500).text.endswith("(HTTP 500 Internal Server Error): pool is empty")


@pytest.mark.parametrize(
    ("location", "words"),
    [
        (
            "https://oms.example.com:8089/api/v2?x=secret",
            "set OMSBOT_OMS_URL to https://oms.example.com:8089",
        ),
        ("//oms.example.com/x", "redirects to https://oms.example.com;"),
        ("http://user:secret@[::1]:80/", "redirects to http://[::1]:80;"),
        ("/login?next=secret", "probably a login page"),
        ("javascript:secret", "probably a login page"),
        ("http://[secret", "probably a login page"),
        ("", "probably a login page"),
        (None, "probably a login page"),
    ],
)
def test_a_redirect_says_where_to_without_repeating_secrets(location: str | None, words: str) -> None:
    error = failure(b"", 302, location=location)
    assert error.kind is UNREACHABLE
    assert words in error.text
    assert "secret" not in error.text


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("30", 30.0),
        (" 5 ", 5.0),
        ("999999999999999", 3600.0),
        ("Tue, 14 Nov 2023 22:14:20 GMT", 60.0),
        ("Tue, 14 Nov 2023 22:14:20 -0000", 60.0),
        ("Tue, 14 Nov 2023 22:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("Tue, 14 Nov 1960 22:00:00 GMT", None),
        (None, None),
    ],
)
def test_a_pause_that_the_server_asks_for_is_kept(retry_after: str | None, seconds: float | None) -> None:
    assert failure(b"", 429, retry_after=retry_after).retry_after_s == seconds


def test_a_pause_until_a_time_counts_on_the_servers_own_clock() -> None:
    error = failure(b"", 503, retry_after="Tue, 14 Nov 2023 22:14:20 GMT", server_at=1_700_000_050_000)
    assert error.retry_after_s == 10.0
