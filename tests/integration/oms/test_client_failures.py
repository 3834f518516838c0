"""Each way of failing, by its kind and its words, against real servers on loopback."""

import asyncio
import gzip
import socket
from typing import Any

import pytest
from aiohttp import web

from omsbot.domain.project.oms_error import OmsError, OmsErrorKind
from tests.integration.oms.asking import (
    BODY,
    Respond,
    answering,
    asking,
    encoded,
    failure,
    raw_answer,
)
from tests.integration.oms.servers import conversing, serving, stay_silent


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    writer.transport.abort()


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("respond", "kind", "words"),
    [
        (answering(b"{}", status=401), OmsErrorKind.UNAUTHORIZED, "HTTP 401"),
        (answering(b"{}", status=403), OmsErrorKind.FORBIDDEN, "HTTP 403"),
        (answering(b"<html><title>nginx</title>", status=404), OmsErrorKind.MALFORMED, "titled 'nginx'"),
        (
            answering(b"<html><title>Sign in</title>", content_type="text/html"),
            OmsErrorKind.MALFORMED,
            "a login page",
        ),
        (answering(b"busy", status=503), OmsErrorKind.UNREACHABLE, "HTTP 503"),
        (answering(BODY[:20]), OmsErrorKind.MALFORMED, "breaks off after 20 characters"),
        (answering(b" " * 3000), OmsErrorKind.TOO_LARGE, "more than 2,000 bytes"),
        (encoded(gzip.compress(bytes(50_000_000)), "gzip"), OmsErrorKind.TOO_LARGE, "more than 2,000 bytes"),
        (encoded(gzip.compress(BODY)[:-9], "x-gzip"), OmsErrorKind.MALFORMED, "compressed body has no end"),
        (encoded(b"not gzip at all", "gzip"), OmsErrorKind.MALFORMED, "cannot be decompressed"),
        (
            encoded(gzip.compress(gzip.compress(BODY)), "gzip, gzip"),
            OmsErrorKind.MALFORMED,
            "did not ask for",
        ),
        (encoded(BODY, "br"), OmsErrorKind.MALFORMED, "did not ask for"),
    ],
    ids=[
        *(
            "401",
            "403",
            "404_html",
            "login_page",
            "503",
            "cut_json",
            "too_large",
            "gzip_bomb",
            "cut_gzip",
            "no_gzip",
        ),
        *("gzip_twice", "unknown_encoding"),
    ],
)
async def test_an_answer_that_is_no_answer_has_its_kind(
    respond: Respond, kind: OmsErrorKind, words: str
) -> None:
    async with serving(respond) as url:
        error = await failure(url, max_body=2000)
    assert error.kind is kind
    assert words in error.text


async def test_a_redirect_is_not_followed_but_named() -> None:
    followed = False

    async def target(request: web.Request) -> web.StreamResponse:
        nonlocal followed
        followed = True
        return web.Response(body=BODY)

    async with serving(target) as elsewhere:
        redirect = answering(b"", status=307, headers={"Location": f"{elsewhere}/api/v2?token=secret"})
        async with serving(redirect) as url:
            error = await failure(url)
    assert error.kind is OmsErrorKind.UNREACHABLE
    assert f"set OMSBOT_OMS_URL to {elsewhere}" in error.text
    assert "secret" not in error.text
    assert not followed


async def test_a_pause_that_the_server_asks_for_is_kept() -> None:
    async with serving(answering(b"", status=429, headers={"Retry-After": "7"})) as url:
        error = await failure(url)
    assert (error.kind, error.retry_after_s) == (OmsErrorKind.UNREACHABLE, 7.0)


async def test_a_port_where_nothing_listens_refuses() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        error = await failure(f"http://127.0.0.1:{unused.getsockname()[1]}")
    assert error.kind is OmsErrorKind.UNREACHABLE
    assert "takes no connection" in error.text


async def test_a_host_that_nobody_knows_is_named() -> None:
    error = await failure("http://oms.invalid:8089")
    assert error.kind is OmsErrorKind.UNREACHABLE
    assert "the host name of oms.invalid:8089 is not known here" in error.text


async def test_a_host_that_takes_no_connection_ends_with_the_connect_timeout() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        with socket.socket() as first, socket.socket() as second:
            for each in (first, second):  # fill the queue of connections that nobody accepts
                each.setblocking(False)
                each.connect_ex(address)
            error = await failure(f"http://127.0.0.1:{address[1]}", connect_timeout_s=0.2, deadline_s=30)
    assert error.kind is OmsErrorKind.UNREACHABLE
    assert "no connection to 127.0.0.1" in error.text
    assert "within 0.2 s" in error.text


@pytest.mark.parametrize("converse", [stay_silent, drip], ids=["silence", "drip"])
async def test_one_deadline_ends_silence_and_a_dripping_body(converse: Any) -> None:
    async with conversing(converse) as url:
        error = await failure(url, deadline_s=0.3)
    assert error.kind is OmsErrorKind.TIMEOUT
    assert "no complete answer" in error.text
    assert "within 0.3 s" in error.text


async def test_waiting_for_a_free_connection_is_part_of_the_deadline() -> None:
    async with conversing(stay_silent) as url, asking(url, pool=1, deadline_s=0.3) as client:
        outcomes = await asyncio.gather(*(client.steps("np_x") for _ in range(3)), return_exceptions=True)
    assert [outcome.kind for outcome in outcomes if isinstance(outcome, OmsError)] == [
        OmsErrorKind.TIMEOUT
    ] * 3


@pytest.mark.parametrize(
    ("converse", "kind", "words"),
    [
        (reset, OmsErrorKind.UNREACHABLE, "closed the connection before it answered"),
        (raw_answer(b""), OmsErrorKind.UNREACHABLE, "closed the connection before it answered"),
        (
            raw_answer(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{"),
            OmsErrorKind.MALFORMED,
            "breaks off",
        ),
        (
            raw_answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"),
            OmsErrorKind.MALFORMED,
            "breaks off",
        ),
        (raw_answer(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), OmsErrorKind.MALFORMED, "does not speak HTTP"),
        (
            raw_answer(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n"),
            OmsErrorKind.MALFORMED,
            "does not speak HTTP",
        ),
    ],
    ids=["reset", "closed", "short_body", "short_chunk", "no_http", "endless_header"],
)
async def test_a_connection_that_breaks_has_its_kind(converse: Any, kind: OmsErrorKind, words: str) -> None:
    async with conversing(converse) as url:
        error = await failure(url)
    assert error.kind is kind
    assert words in error.text
