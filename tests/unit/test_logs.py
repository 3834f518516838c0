"""Log lines: their shape, and that no credential is ever in one."""

import base64
import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from omsbot import logs

logger = logging.getLogger("omsbot.trial")


@pytest.fixture(autouse=True)
def untouched_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)


def logged(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_json_line_has_time_level_logger_event_and_the_extra_fields() -> None:
    stream = io.StringIO()
    logs.configure("INFO", "json", stream)
    logger.info("polled %s", "np_1", extra={"server": "default", "steps": 7})
    (line,) = logged(stream)
    assert list(line)[:4] == ["time", "level", "logger", "event"]
    assert line["time"].endswith("Z")
    assert (line["level"], line["logger"], line["event"]) == ("info", "omsbot.trial", "polled np_1")
    assert (line["server"], line["steps"]) == ("default", 7)


def test_without_a_terminal_and_a_choice_the_lines_are_json() -> None:
    stream = io.StringIO()
    logs.configure("INFO", None, stream)
    logger.info("one")
    assert logged(stream)[0]["event"] == "one"


def test_for_people_a_line_is_readable_text() -> None:
    stream = io.StringIO()
    logs.configure("INFO", "console", stream)
    logger.warning("slack is away", extra={"attempt": 3})
    line = stream.getvalue()
    assert "slack is away" in line
    assert "attempt=3" in line
    assert "\x1b" not in line


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_traceback_is_in_the_line_of_its_error(log_format: str) -> None:
    stream = io.StringIO()
    logs.configure("INFO", log_format, stream)
    try:
        raise RuntimeError("broken pipe to xoxb-1-2-abc")
    except RuntimeError:
        logger.exception("the pass failed")
    text = stream.getvalue()
    assert "RuntimeError: broken pipe" in text
    assert "test_logs.py" in text
    assert "xoxb" not in text


def test_quiet_libraries_speak_only_when_debugging() -> None:
    stream = io.StringIO()
    logs.configure("INFO", "json", stream)
    logging.getLogger("httpx").info("HTTP Request")
    assert logged(stream) == []
    logs.configure("DEBUG", "json", stream)
    logging.getLogger("httpx").info("HTTP Request")
    assert len(logged(stream)) == 1


def test_lines_below_the_level_are_left_out() -> None:
    stream = io.StringIO()
    logs.configure("WARNING", "json", stream)
    logger.info("small talk")
    assert logged(stream) == []


def test_warnings_of_libraries_become_log_lines() -> None:
    stream = io.StringIO()
    logs.configure("INFO", "json", stream)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("old way", stacklevel=1)
    assert "old way" in logged(stream)[0]["event"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("token=xoxb-12-34-abCD sent", id="bot token"),
        pytest.param("xapp-1-A0-99-ff", id="app token"),
        pytest.param("xoxe.xoxb-1-secret", id="rotated token"),
        pytest.param("Authorization: Basic " + base64.b64encode(b"user:hush").decode(), id="basic"),
        pytest.param("Bearer abcdefgh12345", id="bearer"),
        pytest.param("postgresql://bot:hush@db/x", id="password in an address"),
        pytest.param("wss://wss.slack.com/link/?ticket=1234-5678&app_id=1", id="socket ticket"),
        pytest.param("password is hush!", id="known secret"),
    ],
)
def test_a_credential_is_masked_wherever_it_stands(text: str) -> None:
    stream = io.StringIO()
    logs.configure("INFO", "json", stream, secrets=["hush!", "x"])
    logger.info(text)
    logger.info("%s", text, extra={"deep": {"list": [text, Holder(text)]}})
    shown = stream.getvalue()
    for part in ("12-34-abCD", "A0-99-ff", "1-secret", "dXNlcjpodXNo", "abcdefgh", "hush", "1234-5678"):
        assert part not in shown
    assert logs.HIDDEN in shown


@pytest.mark.parametrize("text", ["basic authentication is used", "Basic auth", "/oms steps np_1", "a:b@c"])
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert logs.Redaction().text(text) == text


def test_a_secret_inside_another_one_leaves_no_rest() -> None:
    assert logs.Redaction(["abc", "abcdef"]).text("abcdef") == logs.HIDDEN


class Holder:
    """An object whose repr tells too much."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return f"Holder({self._text})"
