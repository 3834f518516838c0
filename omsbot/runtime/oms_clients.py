"""From a configured OMS server to a client that asks it."""

import time
from collections.abc import Callable

from omsbot.config import ConfigProblem, ServerSettings
from omsbot.oms.client import OmsClient, OmsServer


def now_ms() -> int:
    """Return the wall clock in milliseconds."""
    return time.time_ns() // 1_000_000


def client_of(server: ServerSettings, *, clock: Callable[[], int] = now_ms) -> OmsClient:
    """Build a client; close it after use. `clock` gives the wall clock in ms.

    :raises ConfigProblem: where a setting shows only in use that it is wrong, as a CA file does.
    """
    try:
        connection = OmsServer(
            name=server.name,
            url=server.url,
            user=server.user,
            password=server.password.reveal(),
            ca_file=server.ca_file,
            console_url=server.console_url,
        )
        return OmsClient(connection, clock=clock)
    except ValueError as error:
        raise ConfigProblem([str(error)]) from None
