"""The stand-in's Web API: who asks, may it, is it in time, does it fail today; then the method itself."""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web

from omsbot.sandbox.slack import account, chat, conversations, history, surfaces, uploads
from omsbot.sandbox.slack.arguments import Arguments, read_arguments
from omsbot.sandbox.slack.breakage import failed_answer, limited, reset
from omsbot.sandbox.slack.errors import SlackError
from omsbot.sandbox.slack.faults import UNANSWERED, Fault, FaultKind, Faults
from omsbot.sandbox.slack.limits import Limiter
from omsbot.sandbox.slack.messages import Json
from omsbot.sandbox.slack.method import Method, require_scope
from omsbot.sandbox.slack.socket import SocketMode
from omsbot.sandbox.slack.state import Workspace

KEPT_CALLS = 20_000
HANG_SECONDS = 60.0
LATE_SECONDS = 3.0


@dataclass(slots=True)
class Call:
    """One call that the app made; `status` 0 means that it got no answer, `at` is in milliseconds."""

    number: int
    at: int
    method: str
    args: Json
    channel: str
    status: int = 0
    error: str = ""
    fault: str = ""

    def to_json(self) -> Json:
        """For the control API."""
        return asdict(self)


class WebApi:
    """Answers `/api/METHOD`."""

    def __init__(
        self,
        workspace: Workspace,
        sockets: SocketMode,
        limiter: Limiter,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        call: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """`call` is entered for as long as a call of the app is under way."""
        self.faults = Faults()
        self.calls: deque[Call] = deque(maxlen=KEPT_CALLS)
        self.stopping = asyncio.Event()
        self._workspace = workspace
        self._limiter = limiter
        self._spawn = spawn
        self._call = call
        self._count = 0
        self._methods: dict[str, Method] = {
            **account.METHODS,
            **chat.METHODS,
            **conversations.METHODS,
            **history.METHODS,
            **surfaces.METHODS,
            **uploads.METHODS,
            "apps.connections.open": Method(lambda w, _: {"url": sockets.url(w.base_url)}, app_level=True),
        }

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One HTTP request; its call is recorded whatever happens to it."""
        with self._call():
            return await self._served(request)

    async def _served(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        try:
            args = await read_arguments(request)
        except SlackError as refused:
            return self._json(refused.answer())
        call = self._record(name, args)
        response = await self._answer(request, call, args)
        call.status = response.status if call.fault not in UNANSWERED else 0
        self._workspace.feed.publish("call", method=name, number=call.number)
        return response

    async def _answer(self, request: web.Request, call: Call, args: Arguments) -> web.StreamResponse:
        method = self._methods.get(call.method)
        try:
            if method is None:
                raise SlackError("unknown_method", req_method=call.method)
            self._authenticate(request, args, method)
            fault = self.faults.take(call.method, call.channel)
            if fault is not None:
                call.fault = fault.kind
                return await self._fail(request, fault, lambda: method.run(self._workspace, args))
            wait = self._limiter.take(call.method, call.channel)
            if wait:
                call.error = "ratelimited"
                return limited(wait)
            require_scope(self._workspace, *method.scopes)
            return self._json({"ok": True, **method.run(self._workspace, args)})
        except SlackError as refused:
            call.error = refused.error
            why = next(iter(refused.detail.get("errors", ())), "")
            self._workspace.feed.publish("refused", method=call.method, error=refused.error, why=why)
            return self._json(refused.answer())

    def _authenticate(self, request: web.Request, args: Arguments, method: Method) -> None:
        if not method.needs_token:
            return
        token = request.headers.get("Authorization", "").removeprefix("Bearer ") or args.text("token")
        installation = self._workspace.installation
        if not token:
            raise SlackError("not_authed")
        if token not in (installation.bot_token, installation.app_token):
            raise SlackError("invalid_auth")
        if installation.revoked:
            raise SlackError(installation.revoked)
        if method.app_level != (token == installation.app_token):
            raise SlackError("not_allowed_token_type")

    async def _fail(self, request: web.Request, fault: Fault, work: Callable[[], Json]) -> web.StreamResponse:
        if fault.commits:
            work()
        answer = failed_answer(fault)
        if answer is not None:
            return answer
        if fault.kind is FaultKind.LATE_COMMIT:
            self._spawn(self._commit_late(float(fault.details.get("seconds", LATE_SECONDS)), work))
        if fault.hangs:
            await self._hang(float(fault.details.get("hang", HANG_SECONDS)))
        return reset(request)

    async def _commit_late(self, seconds: float, work: Callable[[], Json]) -> None:
        await asyncio.sleep(seconds)
        try:
            work()
        except SlackError:
            return  # nobody is left to hear of it

    async def _hang(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.stopping.wait(), seconds)
        except TimeoutError:
            return

    def _record(self, name: str, args: Arguments) -> Call:
        self._count += 1
        raw = args.values.get("channel") or args.values.get("channel_id") or ""
        channel = self._channel_id(raw if isinstance(raw, str) else "")
        call = Call(self._count, int(self._workspace.clock() * 1000), name, args.shown(), channel)
        self.calls.append(call)
        return call

    def _channel_id(self, name: str) -> str:
        try:
            return self._workspace.channel(name).id if name else ""
        except SlackError:
            return name

    def _json(self, body: Json) -> web.Response:
        scopes = ",".join(self._workspace.installation.scopes)
        return web.json_response(body, headers={"X-OAuth-Scopes": scopes}, dumps=_dumps)


def _dumps(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
