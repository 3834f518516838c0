"""Structured log lines from the standard library's loggers; no line shows a token or a password.

Modules log with `logging.getLogger(__name__)` and `extra={...}`; this is the only place that knows structlog.
"""

import base64
import binascii
import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

HIDDEN = "***"

# Loggers of libraries that tell each request at INFO.
_QUIET = ("aiohttp.access", "alembic", "apscheduler", "httpcore", "httpx", "slack_bolt", "slack_sdk")

_TOKENS = re.compile(r"\bxox[a-z](?:\.xox[a-z])?-[\w-]+|\bxapp-[\w-]+|(?<=[?&]ticket=)[\w-]+")
_URL_PASSWORD = re.compile(r"(?<=://)[^\s/@:]*:[^\s/@]*(?=@)")
_BEARER = re.compile(r"(?i)\b(bearer) +[\w.~+/=-]{8,}")
_BASIC = re.compile(r"(?i)\b(basic) +([A-Za-z0-9+/]{4,}={0,2})")


class Redaction:
    """Hides the shapes of credentials, and the given secrets themselves, in whatever is logged."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # The longest first, so that a secret inside another one leaves no rest. One or two characters would
        # mask ordinary text and are no secret.
        known = sorted({secret for secret in secrets if len(secret) > 2}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def text(self, text: str) -> str:
        """Return the text with every credential shown as `***`."""
        if self._known:
            text = self._known.sub(HIDDEN, text)
        text = _TOKENS.sub(HIDDEN, text)
        text = _URL_PASSWORD.sub(HIDDEN, text)
        text = _BEARER.sub(rf"\1 {HIDDEN}", text)
        return _BASIC.sub(_hide_basic, text)

    def value(self, value: object) -> object:
        """Return a loggable value; containers are walked, other objects become their masked repr."""
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(str(key)): self.value(item) for key, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(item) for item in value]
        return self.text(repr(value))

    def __call__(self, _logger: Any, _method: str, event: EventDict) -> EventDict:
        masked: MutableMapping[str, Any] = {key: self.value(value) for key, value in event.items()}
        return masked


def configure(
    level: str, log_format: str | None, stream: TextIO | None = None, *, secrets: Iterable[str] = ()
) -> None:
    """Send every log line to the stream (stderr by default), as JSON lines or for people to read.

    :param log_format: `json`, `console`, or None: console on a terminal, JSON elsewhere.
    """
    out = stream or sys.stderr
    as_json = log_format == "json" or (log_format is None and not out.isatty())
    sink = logging.StreamHandler(out)
    sink.setFormatter(_formatter(Redaction(secrets), as_json=as_json, colours=out.isatty()))
    root = logging.getLogger()
    root.handlers[:] = [sink]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.NOTSET if level == "DEBUG" else logging.WARNING)
    logging.captureWarnings(True)


def _formatter(redaction: Redaction, *, as_json: bool, colours: bool) -> logging.Formatter:
    before: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    last: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, redaction]
    last += (
        [_in_order, structlog.processors.JSONRenderer(ensure_ascii=False)] if as_json else [_console(colours)]
    )
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=before, processors=last)


def _console(colours: bool) -> Processor:
    return structlog.dev.ConsoleRenderer(
        colors=colours, timestamp_key="time", exception_formatter=structlog.dev.plain_traceback
    )


def _in_order(_logger: Any, _method: str, event: EventDict) -> EventDict:
    head = {key: event[key] for key in ("time", "level", "logger", "event") if key in event}
    return {**head, **event}


def _hide_basic(match: re.Match[str]) -> str:
    """Hide what decodes to user:password; "basic authentication" is no credential."""
    try:
        decoded = base64.b64decode(match[2], validate=True)
    except binascii.Error:
        return match[0]
    return f"{match[1]} {HIDDEN}" if b":" in decoded else match[0]
