"""The broken answers that the stand-in gives on demand."""

import socket
import struct

from aiohttp import web

from omsbot.sandbox.slack.faults import Fault, FaultKind


def failed_answer(fault: Fault) -> web.Response | None:
    """What a fault answers with; None when it answers nothing."""
    details = fault.details
    match fault.kind:
        case FaultKind.RATELIMITED:
            return limited(int(details.get("retry_after", 1)))
        case FaultKind.ERROR:
            return web.json_response({"ok": False, "error": details.get("error", "internal_error")})
        case FaultKind.HTML:
            page = "<html><body><h1>Something went wrong</h1></body></html>"
            return web.Response(status=details.get("status", 200), text=page, content_type="text/html")
        case FaultKind.BAD_JSON:
            return web.Response(text='{"ok": true, "ts": "17', content_type="application/json")
        case FaultKind.STATUS_BEFORE | FaultKind.STATUS_AFTER:
            return web.Response(status=details.get("status", 500), text="Internal Server Error")
        case _:
            return None


def limited(seconds: int) -> web.Response:
    """Slack's 429."""
    body = {"ok": False, "error": "ratelimited"}
    return web.json_response(body, status=429, headers={"Retry-After": str(seconds)})


def reset(request: web.Request) -> web.Response:
    """Break the connection with a TCP reset, without a byte of an answer."""
    if request.transport is not None:
        connection = request.transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
    return web.Response(status=499)
