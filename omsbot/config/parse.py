"""One text, one value: each parser returns the value or raises ValueError with a sentence that mends it.

The sentence never repeats a secret.
"""

import math
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from omsbot.domain.thresholds import LAG_LEVELS

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
FORMATS = ("json", "console")
SLACK_API_URL = "https://slack.com/api/"

_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{1,63}")
_SERVER_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_DATABASES = ("sqlite", "postgresql", "mysql")


def text(value: str) -> str:
    """Accept any text without control characters."""
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise ValueError("holds a control character: check that it was not pasted with a line break")
    return value


def user(value: str) -> str:
    """Accept a user name; HTTP Basic cannot carry one with a colon."""
    if ":" in value:
        raise ValueError("holds a colon, which HTTP Basic cannot carry in a user name: use another OMS user")
    return text(value)


def token(prefix: str, wrong: dict[str, str]) -> Callable[[str], str]:
    """Build the parser of a Slack token; `wrong` names the kind that another prefix gives away."""

    def parse(value: str) -> str:
        stripped = value.strip()
        for other, kind in wrong.items():
            if stripped.startswith(other):
                raise ValueError(f"holds {kind} ({other}...): give it the one that starts with {prefix}")
        if re.search(r"\s", stripped):
            raise ValueError("holds white space: copy the token again, in one piece")
        return text(stripped)

    return parse


def url(value: str) -> str:
    """Accept an http(s) address without credentials."""
    address = text(value.strip())
    try:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
            raise ValueError(value)
    except ValueError:
        raise ValueError("is not an address such as https://oms.example.com:8089") from None
    if parts.username is not None or parts.password is not None:
        raise ValueError("holds a user or a password: give these in their own settings, not in the address")
    return address


def bare_url(value: str) -> str:
    """Accept an http(s) address that has neither query nor fragment; a trailing slash is dropped."""
    address = url(value)
    if "?" in address or "#" in address:
        raise ValueError("holds a query or a fragment: give only scheme, host, port and path")
    return address.rstrip("/")


def slack_api_url(value: str) -> str:
    """Accept the base address of the Web API; the SDK appends method names, so it ends in a slash."""
    return bare_url(value) + "/"


def database_url(value: str) -> str:
    """Accept a database address by its scheme; the engine judges the rest."""
    address = text(value.strip())
    scheme = address.partition(":")[0].partition("+")[0].lower()
    if scheme not in (*_DATABASES, "mariadb", "postgres"):
        raise ValueError("is not a database address: it starts with sqlite:, postgresql: or mysql:")
    return address


def seconds(minimum: float, maximum: float) -> Callable[[str], float]:
    """Build the parser of a number of seconds within limits."""

    def parse(value: str) -> float:
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not minimum <= number <= maximum:
            raise ValueError(f"is not a number of seconds from {minimum:g} to {maximum:g}")
        return number

    return parse


def share(value: str) -> float:
    """Accept a part of a whole, from 0 to 1."""
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not 0 <= number <= 1:
        raise ValueError("is not a number from 0 to 1")
    return number


def lag(value: str) -> float:
    """Accept seconds of lag, or OMS's own name for a threshold."""
    level = LAG_LEVELS.get(value.strip().upper())
    if level is not None:
        return float(level)
    try:
        return seconds(0, 604_800)(value)
    except ValueError as wrong:
        raise ValueError(f"{wrong}, nor one of {', '.join(LAG_LEVELS)}") from None


def days(minimum: int, maximum: int) -> Callable[[str], int]:
    """Build the parser of a whole number of days within limits."""

    def parse(value: str) -> int:
        text = value.strip()
        if not (text.isascii() and text.isdecimal() and len(text) < 9 and minimum <= int(text) <= maximum):
            raise ValueError(f"is not a whole number of days from {minimum} to {maximum}")
        return int(text)

    return parse


def port(value: str) -> int:
    if not value.strip().isascii() or not value.strip().isdecimal() or int(value) > 65_535:
        raise ValueError("is not a port: give a number from 0 (any free one) to 65535")
    return int(value)


def choice(options: tuple[str, ...], fold: Callable[[str], str]) -> Callable[[str], str]:
    """Build the parser of one word out of `options`."""

    def parse(value: str) -> str:
        word = fold(value.strip())
        if word not in options:
            raise ValueError(f"is none of {', '.join(options)}")
        return word

    return parse


def channel_ids(value: str) -> frozenset[str]:
    """Accept channel ids, separated by commas or spaces."""
    ids = frozenset(part for part in re.split(r"[,\s]+", value) if part)
    wrong = sorted(part for part in ids if not _CHANNEL_ID.fullmatch(part))
    if wrong:
        raise ValueError(
            f"holds {wrong[0][:80]!r}, which is not a channel id such as C0123ABCD: "
            "Slack shows the id at the bottom of the channel's details"
        )
    return ids


def readable_file(value: str) -> Path:
    path = Path(value)
    try:
        path.read_bytes()
    except OSError as error:
        raise ValueError(f"names a file that cannot be read: {error.strerror}") from None
    return path


def server_name(value: str) -> str:
    if not _SERVER_NAME.fullmatch(value):
        raise ValueError("is not a server name: use up to 32 small letters, digits and dashes")
    return value
