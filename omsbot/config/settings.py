"""What the program is told, as frozen values. Secrets never show in a repr, a log line or a traceback."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import quote, unquote, urlsplit

from omsbot.domain.project.project import DEFAULT_SERVER
from omsbot.domain.thresholds import RuleBook

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
LogFormat = Literal["json", "console"]


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A text that only `reveal()` shows; empty where it was not given and not needed."""

    _text: str = ""

    def reveal(self) -> str:
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return "Secret(***)" if self._text else "Secret()"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """One OMS server by its name; `channels` are the ids that may use it, None for all of them."""

    name: str
    url: str
    user: str
    password: Secret
    ca_file: Path | None = None
    console_url: str = ""
    channels: frozenset[str] | None = None

    def console_link(self, oms_id: str) -> str:
        """Return the address of a project's page in the OMS console."""
        return self.console_url.replace("{id}", quote(oms_id, safe=""))


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. Intervals are milliseconds, or seconds where the name says `_s`."""

    slack_bot_token: Secret
    slack_app_token: Secret
    slack_api_url: str
    servers: Mapping[str, ServerSettings]
    database_url: str = field(repr=False)
    poll_interval_ms: int = 10_000
    retention_ms: int = 90 * 86_400_000
    http_host: str = "127.0.0.1"
    http_port: int = 8480
    heartbeat_url: str | None = field(default=None, repr=False)
    heartbeat_interval_s: float = 60.0
    log_level: LogLevel = "INFO"
    log_format: LogFormat | None = None
    shared_channels: frozenset[str] = frozenset()
    rules: RuleBook = field(default_factory=RuleBook)
    config_file: Path | None = None
    warnings: tuple[str, ...] = ()

    @property
    def default_server(self) -> str | None:
        """The server that a bare project id is on; None where a person has to say which one."""
        if DEFAULT_SERVER in self.servers:
            return DEFAULT_SERVER
        return next(iter(self.servers)) if len(self.servers) == 1 else None

    def console_hosts(self) -> dict[str, str]:
        """Return the host (and port) of each server's console, by which a pasted link is recognized."""
        return {name: urlsplit(server.console_url).netloc for name, server in self.servers.items()}

    def secrets(self) -> tuple[str, ...]:
        """Return every text that no log line may show."""
        texts = [self.slack_bot_token.reveal(), self.slack_app_token.reveal()]
        for server in self.servers.values():
            password = server.password.reveal()
            texts += [password, base64.b64encode(f"{server.user}:{password}".encode()).decode()]
        raw = urlsplit(self.database_url).password
        texts += [raw, unquote(raw)] if raw else []
        texts += [self.heartbeat_url] if self.heartbeat_url else []
        return tuple(dict.fromkeys(text for text in texts if text))
