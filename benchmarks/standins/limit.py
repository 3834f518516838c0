"""How much the OMS stand-in gives to a client that costs next to nothing: raw sockets, requests in line."""

import asyncio

IN_FLIGHT = 50


class _Asker(asyncio.Protocol):
    """Asks again as soon as an answer is whole; its length is in the head."""

    def __init__(self, request: bytes, done: "asyncio.Event", left: list[int]) -> None:
        self._request, self._done, self._left = request, done, left
        self._awaited = 0
        self._seen = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self._awaited:
            self._seen += data
            head, found, _ = self._seen.partition(b"\r\n\r\n")
            if not found:
                return
            length = int(head.rsplit(b"Content-Length: ", 1)[1].split(b"\r\n", 1)[0])
            self._awaited = len(head) + 4 + length - len(self._seen)
        else:
            self._awaited -= len(data)
        if self._awaited <= 0:
            self._seen, self._awaited = b"", 0
            self._left[0] -= 1
            if self._left[0] > 0:
                self._transport.write(self._request)
            else:
                self._done.set()


async def ask(port: int, requests: int) -> None:
    """Ask so many times over 50 connections."""
    question = b'{"id":"np_limit"}'
    head = b"POST /api/v2?Action=DescribeProjectSteps HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
    loop, done, left = asyncio.get_running_loop(), asyncio.Event(), [requests]
    request = head % len(question) + question
    made = [
        await loop.create_connection(lambda: _Asker(request, done, left), "127.0.0.1", port)
        for _ in range(IN_FLIGHT)
    ]
    await done.wait()
    for transport, _ in made:
        transport.close()
