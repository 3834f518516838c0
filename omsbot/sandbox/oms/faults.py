"""Ways in which the simulator breaks its answers: what proxies, networks and sick servers do."""

import asyncio
import contextlib
import math
import re
import socket
import struct
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from aiohttp import web

from omsbot.sandbox.oms import envelopes

HUGE_BYTES = 16 * 1024 * 1024
DRIP_EVERY_S = 0.2
LOGIN_PAGE = (
    "<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Gateway sign-in</h1></body></html>"
)
ERROR_PAGE = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center><hr>nginx</body></html>"


class FaultMode(StrEnum):
    """What goes wrong; `none` mends."""

    SERVER_ERROR = "500"
    UNAVAILABLE = "503"
    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    REQUEST_TIMEOUT = "408"
    HANG = "hang"
    TRUNCATED = "truncated"
    HTML = "html"
    REDIRECT = "redirect"
    DRIP = "drip"
    NOT_JSON = "not_json"
    NAN = "nan"
    HUGE = "huge"
    DEEP = "deep"
    EMPTY = "empty"
    RESET = "reset"
    NONE = "none"


@dataclass(slots=True)
class _Fault:
    """One fault, from `since` to `until` (simulated epoch seconds), for the `left` answers that remain."""

    mode: FaultMode
    project: str | None
    left: int | None
    since: float = -math.inf
    until: float = math.inf

    @property
    def scheduled(self) -> bool:
        return self.since > -math.inf or self.until < math.inf

    def to_json(self, now: float) -> dict[str, object]:
        shown: dict[str, object] = {"mode": self.mode, "project": self.project, "left": self.left}
        if self.since > now:
            shown["begins_in"] = round(self.since - now, 1)
        if self.until < math.inf:
            shown["ends_in"] = round(self.until - now, 1)
        return shown


class FaultBoard:
    """Which faults are switched on or will be; one for a project goes before one for all.

    Of several for the same the latest put wins. `clock` gives simulated epoch seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._faults: list[_Fault] = []

    def put(
        self,
        mode: FaultMode,
        project: str | None,
        count: int | None,
        *,
        since: float = -math.inf,
        until: float = math.inf,
    ) -> None:
        """Switch a fault on for one project or (None) for all, for `count` answers or until mended.

        With `since` or `until` it is scheduled, beside what is there already. `none` without a project mends
        everything.
        """
        fault = _Fault(mode, project, count, since, until)
        if mode is FaultMode.NONE:
            self._faults = [f for f in self._faults if project is not None and f.project != project]
        elif fault.scheduled:
            self._faults.append(fault)
        else:
            self._faults = [f for f in self._faults if f.scheduled or f.project != project] + [fault]

    def take(self, project: str | None) -> FaultMode | None:
        """The fault for this answer, counted as used; None when the answer is to be good."""
        now = self._clock()
        fault = self._active(project, now) or self._active(None, now)
        if fault is None:
            return None
        if fault.left is not None:
            fault.left -= 1
            if fault.left <= 0:
                self._faults.remove(fault)
        return fault.mode

    def listed(self) -> list[dict[str, object]]:
        now = self._clock()
        return [fault.to_json(now) for fault in self._faults if fault.until > now]

    def _active(self, project: str | None, now: float) -> _Fault | None:
        on = (f for f in reversed(self._faults) if f.project == project and f.since <= now < f.until)
        return next(on, None)


@dataclass(frozen=True, slots=True)
class Breakage:
    """One request to be answered badly: the good answer, and the event that ends all waiting."""

    request: web.Request
    good: bytes
    stopping: asyncio.Event


async def broken_answer(mode: FaultMode, breakage: Breakage) -> web.StreamResponse:
    """Answer in the given broken way."""
    return await _WAYS[mode](breakage)


def _json(body: bytes, status: int = 200) -> web.Response:
    return web.Response(body=body, status=status, content_type="application/json")


def _page(status: int, text: str) -> Callable[[Breakage], Awaitable[web.StreamResponse]]:
    async def answer(breakage: Breakage) -> web.StreamResponse:
        return web.Response(text=text, status=status, content_type="text/html")

    return answer


def _body(
    make: Callable[[bytes], bytes], status: int = 200
) -> Callable[[Breakage], Awaitable[web.StreamResponse]]:
    async def answer(breakage: Breakage) -> web.StreamResponse:
        return _json(make(breakage.good), status)

    return answer


async def _redirect(breakage: Breakage) -> web.StreamResponse:
    return web.Response(status=302, headers={"Location": "/login?next=%2Fapi%2Fv2"})


async def _hang(breakage: Breakage) -> web.StreamResponse:
    await breakage.stopping.wait()
    return _json(b"", 503)


async def _truncated(breakage: Breakage) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = len(breakage.good)
    await response.prepare(breakage.request)
    with contextlib.suppress(ConnectionError):
        await response.write(breakage.good[: len(breakage.good) // 2])
    if breakage.request.transport:
        breakage.request.transport.close()
    return response


async def _drip(breakage: Breakage) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(breakage.request)
    with contextlib.suppress(ConnectionError):
        for at in range(len(breakage.good)):
            await response.write(breakage.good[at : at + 1])
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(breakage.stopping.wait(), DRIP_EVERY_S)
                break
    return response


async def _huge(breakage: Breakage) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(breakage.request)
    chunk = b"x" * 65_536
    with contextlib.suppress(ConnectionError):
        await response.write(b'{"success":true,"data":[{"order":1,"name":"FULL_TRANSFER","description":"')
        for _ in range(HUGE_BYTES // len(chunk)):
            await response.write(chunk)
        await response.write(b'"}]}')
    return response


async def _reset(breakage: Breakage) -> web.StreamResponse:
    """Close with a TCP reset: a linger of zero seconds throws away what was not sent."""
    transport = breakage.request.transport
    if transport:
        transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        transport.abort()
    return web.Response()


def _with_nan(good: bytes) -> bytes:
    return re.sub(rb'"progress":"?[0-9.]+"?', b'"progress":NaN', good, count=1)


_WAYS: Mapping[FaultMode, Callable[[Breakage], Awaitable[web.StreamResponse]]] = MappingProxyType(
    {
        FaultMode.SERVER_ERROR: _page(500, ERROR_PAGE.format("500 Internal Server Error")),
        FaultMode.UNAVAILABLE: _page(503, ERROR_PAGE.format("503 Service Temporarily Unavailable")),
        FaultMode.UNAUTHORIZED: _body(lambda _: envelopes.bad_credential(), 401),
        FaultMode.FORBIDDEN: _body(lambda _: envelopes.forbidden()),
        FaultMode.REQUEST_TIMEOUT: _page(408, ERROR_PAGE.format("408 Request Time-out")),
        FaultMode.HANG: _hang,
        FaultMode.TRUNCATED: _truncated,
        FaultMode.HTML: _page(200, LOGIN_PAGE),
        FaultMode.REDIRECT: _redirect,
        FaultMode.DRIP: _drip,
        FaultMode.NOT_JSON: _body(lambda _: b"upstream connect error or disconnect/reset before headers"),
        FaultMode.NAN: _body(_with_nan),
        FaultMode.HUGE: _huge,
        FaultMode.DEEP: _body(lambda _: b'{"success":true,"data":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
        FaultMode.EMPTY: _body(lambda _: envelopes.success(b"[]")),
        FaultMode.RESET: _reset,
    }
)
