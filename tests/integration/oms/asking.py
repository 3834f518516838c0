"""Questions asked by a real client, and ways to answer them."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from omsbot.domain.project.oms_error import OmsError
from omsbot.oms.client import OmsClient, OmsServer

NOW = 1_700_000_000_000
PASSWORD = "p@ss:w%rd Grüße"
STEPS = {"success": True, "data": [{"order": 1, "name": "TRANSFER_PRECHECK", "status": "RUNNING"}]}
BODY = json.dumps(STEPS).encode()

Respond = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def asking(
    url: str, *, ca_file: Path | None = None, name: str = "default", **limits: Any
) -> AsyncIterator[OmsClient]:
    server = OmsServer(name, url, "bot ünit", PASSWORD, ca_file)
    client = OmsClient(server, clock=lambda: NOW, **limits)
    try:
        yield client
    finally:
        await client.close()


async def failure(url: str, **options: Any) -> OmsError:
    async with asking(url, **options) as client:
        with pytest.raises(OmsError) as caught:
            await client.steps("np_x")
    assert PASSWORD not in f"{caught.value}{caught.value!r}{client!r}"
    return caught.value


def answering(body: bytes = BODY, **response: Any) -> Respond:
    async def respond(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, **{"content_type": "application/json", **response})

    return respond


def raw_answer(raw: bytes) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        await writer.drain()

    return converse


def encoded(body: bytes, encoding: str) -> Respond:
    return answering(body, headers={"Content-Encoding": encoding})
