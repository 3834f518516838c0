"""The least of an HTTP/1.1 server: keep-alive, one request after another on a connection, no framework."""

import asyncio
import email.utils
import time
from collections.abc import Callable

Answer = Callable[[bytes, bytes], bytes]
_LENGTH = b"content-length:"


class Connection(asyncio.Protocol):
    """Collects a request whole, and writes what `answer` makes of its head and body at once."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._left = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        data = self._left + data
        while (end := data.find(b"\r\n\r\n")) >= 0:
            whole = end + 4 + _length(data[:end])
            if len(data) < whole:
                break
            if self._transport is not None:
                self._transport.write(self._answer(data[:end], data[end + 4 : whole]))
            data = data[whole:]
        self._left = data


def _length(head: bytes) -> int:
    lowered = head.lower()
    at = lowered.find(_LENGTH)
    return int(lowered[at + len(_LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0


class Head:
    """The head of an answer; its date is written anew once a second."""

    def __init__(self, content_type: bytes) -> None:
        self._type = content_type
        self._until = 0.0
        self._start = b""

    def before(self, body: bytes) -> bytes:
        """The answer with this body."""
        now = time.monotonic()
        if now >= self._until:
            self._until = now + 1
            date = email.utils.formatdate(usegmt=True).encode()
            self._start = b"HTTP/1.1 200 OK\r\nDate: %b\r\nContent-Type: %b\r\n" % (date, self._type)
        return self._start + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
