"""From a configured OMS server to a client that asks it."""

import time

from omsbot.config import ServerSettings
from omsbot.oms.client import OmsClient, OmsServer


def now_ms() -> int:
    """Return the wall clock in milliseconds."""
    return time.time_ns() // 1_000_000


def client_of(server: ServerSettings) -> OmsClient:
    """Build a client; close it after use."""
    connection = OmsServer(
        name=server.name,
        url=server.url,
        user=server.user,
        password=server.password.reveal(),
        ca_file=server.ca_file,
        console_url=server.console_url,
    )
    return OmsClient(connection, clock=now_ms)
