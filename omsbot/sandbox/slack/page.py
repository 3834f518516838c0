"""The stand-in's web page: its static files, uploaded pictures, and the live stream of changes."""

import asyncio
import json
from pathlib import Path

from aiohttp import web

from omsbot.sandbox.slack.breakage import failed_answer, reset
from omsbot.sandbox.slack.errors import SlackError
from omsbot.sandbox.slack.scene import Scene

PAGE = Path(__file__).parents[1] / "page"
UPLOAD = "upload"  # what a fault names to break the way of the bytes, which is no method of the API
QUIET_SECONDS = 15.0
# Changes that only those who wait in a test care about.
NOT_SHOWN = ("call", "response")
# Texts of a bot are shown here: nothing but the page's own files may run or be loaded, except pictures.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data: http: https:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def routes(slack: Scene) -> list[web.RouteDef]:
    """The page, its parts, the stream and the files."""

    async def page(request: web.Request) -> web.StreamResponse:
        return web.FileResponse(PAGE / "index.html", headers=HEADERS)

    async def part(request: web.Request) -> web.StreamResponse:
        found = PAGE / request.match_info["name"]
        if not found.is_file():
            return web.Response(status=404)
        return web.FileResponse(found, headers=HEADERS)

    async def stream(request: web.Request) -> web.StreamResponse:
        return await _stream(slack, request)

    async def download(request: web.Request) -> web.Response:
        return _download(slack, request)

    async def upload(request: web.Request) -> web.StreamResponse:
        return await _upload(slack, request)

    return [
        web.get("/", page),
        web.get(r"/page/{name:[a-z_]+\.(?:js|css|svg)}", part),
        web.get("/archives/{channel}/{ts}", page),
        web.get("/control/stream", stream),
        web.get("/files/{id}/{ticket}", download),
        web.post("/upload/v1/{ticket}", upload),
    ]


async def _stream(slack: Scene, request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    with slack.workspace.feed.listen() as changes:
        await response.write(b'retry: 1000\ndata: {"kind":"everything"}\n\n')
        while not slack.api.stopping.is_set():
            try:
                change = await asyncio.wait_for(changes.get(), QUIET_SECONDS)
                if change["kind"] in NOT_SHOWN:
                    continue
                line = f"data: {json.dumps(change)}\n\n"
            except TimeoutError:
                line = ": still here\n\n"
            try:
                await response.write(line.encode())
            except ConnectionError:
                break
    return response


def _download(slack: Scene, request: web.Request) -> web.Response:
    try:
        file = slack.workspace.files.find(request.match_info["id"])
    except SlackError:
        return web.Response(status=404)
    if file.ticket != request.match_info["ticket"]:
        return web.Response(status=404)
    shown = "inline" if file.mimetype.startswith("image/") else "attachment"
    headers = {
        "Content-Type": file.mimetype,
        "Content-Disposition": shown,
        "X-Content-Type-Options": "nosniff",
    }
    return web.Response(body=file.content, headers=headers)


async def _upload(slack: Scene, request: web.Request) -> web.StreamResponse:
    fault = slack.api.faults.take(UPLOAD, "")
    if fault is not None:
        return failed_answer(fault) or reset(request)
    file = slack.workspace.files.by_ticket(request.match_info["ticket"])
    if file is None:
        return web.Response(status=404, text="not found")
    if request.content_type.startswith("multipart/"):
        form = await request.post()
        parts = [part.file.read() for part in form.values() if isinstance(part, web.FileField)]
        file.content = parts[0] if parts else b""
    else:
        file.content = await request.read()
    if len(file.content) != file.length:
        file.content = b""
        return web.Response(status=400, text="length mismatch")
    return web.Response(text=f"OK - {file.length}")
