"""Asks one OMS server over HTTP; every way in which that fails is an OmsError."""

import asyncio
import base64
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from omsbot.domain.project.oms_error import OmsError
from omsbot.domain.project.project import Snapshot
from omsbot.oms.body import read_body
from omsbot.oms.connection_error import CONNECTION_ERRORS, oms_error, was_dropped
from omsbot.oms.request import Action, Question
from omsbot.oms.server import OmsServer
from omsbot.oms.wire import (
    ProjectPage,
    Unchanged,
    digest_of,
    encode_list_request,
    encode_steps_request,
    projects_in,
    steps_in,
)
from omsbot.oms.wire.answer import Answer
from omsbot.oms.wire.values import http_date

__all__ = ["OmsClient", "OmsServer", "Unchanged"]

_KEEP_ALIVE_S = 30.0  # longer than the pace of polling, so that the polls of one project share a connection


class OmsClient:
    """A connection to one OMS server, shared by all that ask it.

    `clock` gives milliseconds since the epoch. `deadline_s` bounds one question from the wait for a free
    connection to the last byte; at most `pool` questions are under way at once. No redirect is followed, no
    cookie kept, no proxy taken from the environment, and every TLS certificate verified. ValueError: a
    setting of the server is wrong.
    """

    def __init__(
        self,
        server: OmsServer,
        *,
        clock: Callable[[], int],
        connect_timeout_s: float = 3.0,
        deadline_s: float = 15.0,
        max_body: int = 8 * 1024 * 1024,
        pool: int = 60,  # the poller asks 50 side by side; people ask meanwhile
    ) -> None:
        self._server = server
        self._clock = clock
        self._connect_timeout_s = connect_timeout_s
        self._deadline_s = deadline_s
        self._max_body = max_body
        self._pool = pool
        self._tls = _tls_context(server)
        self._steps_url = httpx.URL(f"{server.endpoint}?Action=DescribeProjectSteps")
        self._projects_url = httpx.URL(f"{server.endpoint}?Action=ListProjects")
        self._extensions = {
            "timeout": {"connect": connect_timeout_s, "read": None, "write": None, "pool": None}
        }
        # The transport alone: httpx.AsyncClient adds cookies, redirects and a log line, which are not wanted
        # here and cost a sixth of a poll.
        self._http = AiohttpTransport(verify=self._tls, trust_env=False, client=self._open_session)

    async def steps(self, oms_id: str) -> Snapshot:
        """Return the steps of a project as they are now; raises OmsError."""
        with self._naming_itself():
            return steps_in(await self._answer(Question(self._steps_url, encode_steps_request(oms_id))))

    async def steps_unless(self, oms_id: str, digest: int | None) -> Snapshot | Unchanged:
        """Return the same, but do not read an answer whose digest is this one; raises OmsError."""
        with self._naming_itself():
            answer = await self._answer(Question(self._steps_url, encode_steps_request(oms_id)))
            said = digest_of(answer)
            if digest is not None and said == digest:
                return Unchanged(answer.observed_at)
            return steps_in(answer, said)

    async def projects(self, *, search: str | None = None, page: int = 1, page_size: int = 50) -> ProjectPage:
        """Return one page of the projects that the bot's user may see; raises OmsError."""
        body = encode_list_request(page=page, page_size=page_size, search=search)
        with self._naming_itself():
            answer = await self._answer(Question(self._projects_url, body))
            return projects_in(answer, server=self._server.name)

    async def close(self) -> None:
        """Close every connection."""
        await self._http.aclose()

    @contextmanager
    def _naming_itself(self) -> Iterator[None]:
        """Note in an error which server it is about, so that its settings get their right names."""
        try:
            yield
        except OmsError as error:
            error.server = self._server.name
            raise

    async def _answer(self, request: Question | Action) -> Answer:
        try:
            async with asyncio.timeout(self._deadline_s):
                return await self._exchange(request)
        except CONNECTION_ERRORS as error:
            raise self._failure(error) from error

    async def _exchange(self, request: Question | Action) -> Answer:
        response = await self._send(request)
        stream = cast("httpx.AsyncByteStream", response.stream)  # an asynchronous transport gives no other
        try:
            headers = {name.lower(): value.decode("latin-1") for name, value in response.headers.raw}
            body = await read_body(stream, headers.get(b"content-encoding", ""), self._max_body)
        finally:
            await stream.aclose()
        date = headers.get(b"date")
        return Answer(
            body=body,
            status=response.status_code,
            content_type=headers.get(b"content-type"),
            observed_at=self._clock(),
            server_at=http_date(date) if date else None,
            location=headers.get(b"location"),
            retry_after=headers.get(b"retry-after"),
            url_setting=self._server.setting("url"),
        )

    async def _send(self, request: Question | Action) -> httpx.Response:
        try:
            return await self._http.handle_async_request(self._http_request(request))
        except CONNECTION_ERRORS as error:
            if isinstance(request, Action) or not was_dropped(error):
                raise
        # A server may close a kept connection at the moment it is used again: a question is asked once more.
        return await self._http.handle_async_request(self._http_request(request))

    def _http_request(self, said: Question | Action) -> httpx.Request:
        # with `stream` httpx adds no headers, which costs more than to send them: the session has its own
        request = httpx.Request(
            "POST", said.url, stream=httpx.ByteStream(said.body), extensions=self._extensions
        )
        request.read()
        return request

    def _failure(self, error: Exception) -> OmsError:
        return oms_error(
            error, self._server, connect_timeout_s=self._connect_timeout_s, deadline_s=self._deadline_s
        )

    def _open_session(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=self._pool, ssl=self._tls, keepalive_timeout=_KEEP_ALIVE_S)
        return aiohttp.ClientSession(
            connector=connector,
            headers=_headers(self._server),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        )


def _headers(server: OmsServer) -> dict[str, str]:
    credential = base64.b64encode(f"{server.user}:{server.password}".encode()).decode("ascii")
    return {
        "Authorization": f"Basic {credential}",
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Accept-Encoding": "identity",  # an answer has a few kB: inflating it costs more than it saves
        "User-Agent": "omsbot",
    }


def _tls_context(server: OmsServer) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if server.ca_file is not None:
        _trust(context, server.ca_file, server.setting("ca_file"))
    return context


def _trust(context: ssl.SSLContext, ca_file: Path, setting: str) -> None:
    try:
        context.load_verify_locations(cafile=ca_file)
    except ssl.SSLError:
        raise ValueError(f"{setting} names a file without a certificate in PEM format") from None
    except OSError as error:
        raise ValueError(f"{setting} names a file that cannot be read ({error.strerror})") from None
