"""How one OMS server is reached."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from omsbot.domain.project.setting_names import setting_name

API_PATH = "/api/v2"


@dataclass(frozen=True, slots=True)
class OmsServer:
    """Connection settings of one named server; ValueError says in which setting something is wrong.

    `url` is the console's address, with or without a path and a trailing slash.
    """

    name: str
    url: str
    user: str
    password: str = field(repr=False)
    ca_file: Path | None = None
    console_url: str | None = None

    def __post_init__(self) -> None:
        if ":" in self.user:
            raise ValueError(
                f"{self.setting('user')} holds a colon, which HTTP Basic cannot carry in a user name: "
                "use another OMS user"
            )
        _ = self.endpoint

    def setting(self, key: str) -> str:
        """Return the name of a setting of this server as an operator writes it."""
        return setting_name(self.name, key)

    @property
    def endpoint(self) -> str:
        """The address of the API without a query."""
        parts = self._split()
        path = parts.path.rstrip("/").removesuffix(API_PATH)
        return f"{parts.scheme.lower()}://{parts.netloc}{path}{API_PATH}"

    @property
    def address(self) -> str:
        """Host and port for people to read."""
        return self._split().netloc

    def _split(self) -> SplitResult:
        # No message repeats the address: it may hold a password.
        setting = self.setting("url")
        if "@" in self.url:
            raise ValueError(
                f"{setting} holds a user or a password: give these in {self.setting('user')} "
                f"and {self.setting('password')}"
            )
        parts = _split_http(self.url.strip())
        if parts is None:
            raise ValueError(f"{setting} is not an address such as https://oms.example.com:8089")
        if parts.query or parts.fragment:
            raise ValueError(f"{setting} must end with a host or a path: drop what begins with ? or #")
        return parts


def _split_http(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return parts if usable else None
