"""One answer of a server as it came, before anything is read from it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """The body after decompression, and of the headers what says how to read it.

    `observed_at` is our clock when the answer was whole; `server_at` is its `Date`. `url_setting` is what
    the setting of the server's address is called.
    """

    body: bytes
    status: int
    content_type: str | None
    observed_at: int
    server_at: int | None = None
    location: str | None = None
    retry_after: str | None = None
    url_setting: str = "OMSBOT_OMS_URL"
