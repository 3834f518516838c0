"""What is refused, and in which words: nothing that no OMS means ever becomes a snapshot."""

import json
from typing import Any

import pytest

from omsbot.domain.project.oms_error import OmsError, OmsErrorKind
from omsbot.oms.wire import read_steps
from tests.unit.oms.answers import STEPS, body, envelope, step

GOOD = body(envelope(STEPS))


def refused(raw: bytes, **answer: Any) -> OmsError:
    with pytest.raises(OmsError) as caught:
        read_steps(raw, **{"observed_at": 1, "status": 200, "content_type": "application/json", **answer})
    return caught.value


def nested(depth: int) -> bytes:
    return b'{"success":true,"data":[],"x":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


def with_field(raw: str) -> bytes:
    return b'{"success":true,"data":[],"x":' + raw.encode() + b"}"


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "an empty answer came instead of JSON"),
        (b" \n\t", "an empty answer"),
        (b"\xef\xbb\xbf", "an empty answer"),
        (b"OK", "is not JSON: unreadable from character 1 on"),
        (GOOD[:500], "it breaks off after 500 characters"),
        (GOOD[:-1], "it breaks off after"),
        (GOOD + b"}", "is not JSON: unreadable from character"),
        (GOOD.replace(b'"success": true', b'"success": true,'), "is not JSON: unreadable"),
        (GOOD.replace(b"4 ms", b"4\nms"), "is not JSON: unreadable"),
        (GOOD.replace(b"4 ms", b"4\xff\xfems"), "not a text in UTF-8"),
        (GOOD.replace(b"4 ms", b"\xed\xa0\x80"), "not a text in UTF-8"),
        (json.dumps(envelope(STEPS)).encode("utf-16"), "not a text in UTF-8"),
        (with_field("NaN"), "it has NaN for a number"),
        (with_field("-Infinity"), "it has -Infinity for a number"),
        (with_field("9" * 5000), "a number of thousands of digits"),
        (with_field("0." + "9" * 5000), "a number of thousands of digits"),
        (with_field(r'{"\uDC00": 1}'), "half of a surrogate pair"),
        (with_field(r'{"a\u0000b": 1}'), "a NUL in a key"),
        (with_field('{"a": 1, "a": 1}'), "it names a key twice"),
        (b'{"success":false,"success":true,"data":[]}', "it names a key twice"),
        (b'{"success":false,"Success":true,"data":[]}', "`success` in two spellings that disagree"),
        (nested(65), "it nests deeper than 64"),
        (nested(100_000), "it nests deeper than 64"),
        (b"[]", "it is no object"),
        (b"null", "it is no object"),
        (b"{}", "neither `success` nor `data`"),
        (b'{"status":"UP"}', "neither `success` nor `data`"),
        (b'{"success":"perhaps","data":[]}', "neither true nor false"),
        (body(envelope(5)), "something other than steps"),
        (body(envelope("all is well")), "something other than steps"),
        (body(envelope(["TRANSFER_PRECHECK"])), "something other than steps"),
        (body(envelope([*STEPS, 7])), "something other than steps"),
        (body(envelope('[{"name": "A"')), "is not JSON: it breaks off"),
        (body(envelope([step(1, "A"), {"status": "RUNNING"}])), "step 2 of the answer has no name"),
        (body(envelope([step(1, "null")])), "step 1 of the answer has no name"),
        (body(envelope([{**step(1, "A"), "name": 7}])), "step 1 of the answer has no name"),
        (
            body(envelope([{**step(1, "A"), "status": ["RUNNING"]}])),
            "something other than a word for its status",
        ),
        (body(envelope('[{"name": NaN}]')), "it has NaN for a number"),
        (body(envelope([{"$ref": "$.data"}])), "step 1 of the answer has no name"),
        (body(envelope([{"$ref": "$.data[0]"}])), "step 1 of the answer has no name"),
        (body(envelope([{**step(1, "A"), "Status": "FAILED"}])), "`status` in two spellings that disagree"),
    ],
)
def test_nonsense_is_refused_in_words_that_say_what_it_is(raw: bytes, words: str) -> None:
    error = refused(raw)
    assert error.kind is OmsErrorKind.MALFORMED
    assert words in error.text


@pytest.mark.parametrize(
    "raw",
    [nested(64), with_field(r'"\ud83d\ude00 \\u0000 \\ud83d"'), with_field('"' + "9" * 5000 + '"')],
    ids=["64_deep", "whole_surrogate_pair_and_escaped_escapes", "digits_in_a_text"],
)
def test_what_only_looks_like_nonsense_is_read(raw: bytes) -> None:
    assert read_steps(raw, observed_at=1).steps == ()


@pytest.mark.parametrize(
    ("page", "content_type", "words"),
    [
        (
            "<!DOCTYPE html><html><title> Bad\nGateway </title>",
            "text/html",
            "an HTML page titled 'Bad Gateway'",
        ),
        ("<html><title>Sign in</title><input type='password'>", None, "a login page titled 'Sign in'"),
        ("<html><form>用户登录</form>", "application/json", "a login page came instead of JSON"),
        ("<title>at http://u:hunter2@h</title>", None, "titled 'at http://***@h'"),
        ("Service unavailable", "text/html; charset=utf-8", "an HTML page came"),
        ('<?xml version="1.0"?><Error/>', "text/xml", "an XML document came"),
    ],
)
def test_a_page_is_named_and_never_repeated(page: str, content_type: str | None, words: str) -> None:
    error = refused(page.encode(), content_type=content_type)
    assert error.kind is OmsErrorKind.MALFORMED
    assert words in error.text
    assert "OMSBOT_OMS_URL" in error.text


def test_a_page_in_another_encoding_is_a_page() -> None:
    assert "a login page" in refused("<html>登录".encode("gbk") + b" login", content_type="text/html").text


def test_json_is_read_whatever_its_label_says() -> None:
    assert read_steps(GOOD, observed_at=1, content_type="text/html").steps


def test_json_that_breaks_off_is_no_page_whatever_its_label_says() -> None:
    assert "breaks off" in refused(GOOD[:90], content_type="text/html").text


def test_more_steps_than_any_project_has_are_too_large() -> None:
    error = refused(body(envelope([step(number, f"S{number}") for number in range(501)])))
    assert error.kind is OmsErrorKind.TOO_LARGE


def test_no_part_of_a_body_is_in_the_text_of_its_refusal() -> None:
    assert "hunter2" not in refused(b'{"success": true, "password": "hunter2').text
