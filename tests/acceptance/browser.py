"""A headless Chromium, driven over the DevTools protocol: it types and clicks as a person does."""

import asyncio
import base64
import contextlib
import json
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

from tests.waiting import PATIENCE_S

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)


class Browser:
    """One page in a browser. `mistakes` are the errors that its console showed."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._count = 0
        self.mistakes: list[str] = []

    async def read(self) -> None:
        """Take in what the browser says, until it goes."""
        async for message in self._socket:
            told = json.loads(message.data)
            if "id" in told:
                self._answers.pop(told["id"]).set_result(told)
            elif told["method"] == "Runtime.exceptionThrown":
                self.mistakes.append(json.dumps(told["params"]["exceptionDetails"])[:2000])
            elif told["method"] == "Log.entryAdded" and told["params"]["entry"]["level"] == "error":
                self.mistakes.append(
                    told["params"]["entry"]["text"] + " " + told["params"]["entry"].get("url", "")
                )

    async def send(self, method: str, **params: Any) -> dict[str, Any]:
        """One DevTools command."""
        self._count += 1
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[self._count] = future
        await self._socket.send_json({"id": self._count, "method": method, "params": params})
        answer = await asyncio.wait_for(future, PATIENCE_S)
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    async def size(self, width: int, height: int) -> None:
        """Set the size of the window."""
        narrow = width < 500
        await self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=narrow,
        )

    async def goto(self, url: str) -> None:
        """Open an address."""
        await self.send("Page.navigate", url=url)

    async def evaluate(self, script: str) -> Any:
        """The value of a JavaScript expression in the page."""
        answer = await self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def wait(self, script: str) -> Any:
        """Wait until a JavaScript expression is true in the page."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                with contextlib.suppress(AssertionError):  # the page may be between two documents
                    value = await self.evaluate(script)
                    if value:
                        return value
                await asyncio.sleep(0.05)

    async def see(self, text: str, where: str = "body") -> None:
        """Wait until a text is to be read somewhere."""
        found = f"[...document.querySelectorAll({json.dumps(where)})]"
        await self.wait(f"{found}.some(n => n.innerText.includes({json.dumps(text)}))")

    async def click(self, selector: str) -> None:
        """Press the left button over the middle of an element, once it is there.

        An element that moves away, or is drawn anew, before the button is up was not hit: then once more.
        """
        target = json.dumps(selector)
        aim = (
            f"(() => {{ const n = document.querySelector({target}); if (!n) return null;"
            " n.scrollIntoView({block: 'center'});"
            " window.wasHit = false; document.addEventListener('click', (event) => {"
            f" window.wasHit = Boolean(event.target.closest({target})); }}, {{capture: true, once: true}});"
            " const r = n.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        async with asyncio.timeout(PATIENCE_S):
            hit = False
            while not hit:
                x, y = await self.wait(aim)
                for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
                    where = {"x": x, "y": y, "button": "left", "clickCount": 1}
                    await self.send("Input.dispatchMouseEvent", type=kind, **where)
                # undefined is a hit: the page is another document already
                (hit,) = await self.wait("[window.wasHit !== false]")

    async def type(self, text: str) -> None:
        """Type into what has the focus."""
        await self.send("Input.insertText", text=text)

    async def press(self, key: str) -> None:
        """Press one key: Enter, Escape, Tab, ArrowUp..."""
        code = {"Enter": 13, "Escape": 27, "Tab": 9, "ArrowUp": 38, "ArrowDown": 40}[key]
        more = {"text": "\r"} if key == "Enter" else {}
        common = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        await self.send("Input.dispatchKeyEvent", type="keyDown", **common, **more)
        await self.send("Input.dispatchKeyEvent", type="keyUp", **common)

    async def screenshot(self) -> bytes:
        """A picture (PNG) of what is to be seen."""
        answer = await self.send("Page.captureScreenshot", format="png")
        return base64.b64decode(answer["data"])


@contextlib.asynccontextmanager
async def browser(folder: Path) -> AsyncIterator[Browser]:
    """A browser with an empty profile in `folder`, gone afterwards."""
    assert CHROMIUM is not None
    process = await asyncio.create_subprocess_exec(
        CHROMIUM,
        *FLAGS,
        f"--user-data-dir={folder}",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stderr is not None
        port = await asyncio.wait_for(_port(process.stderr), PATIENCE_S)
        chatter = asyncio.create_task(process.stderr.read())  # or the browser blocks on a full pipe
        async with aiohttp.ClientSession() as session:
            address = await _page_address(session, port)
            async with session.ws_connect(address, max_msg_size=0) as socket:
                page = Browser(socket)
                reading = asyncio.create_task(page.read())
                for domain in ("Page", "Runtime", "Log"):
                    await page.send(f"{domain}.enable")
                yield page
                reading.cancel()
                chatter.cancel()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _port(stderr: asyncio.StreamReader) -> str:
    async for line in stderr:
        found = re.search(rb"DevTools listening on ws://127\.0\.0\.1:(\d+)/", line)
        if found:
            return found[1].decode()
    raise AssertionError("the browser did not start")


async def _page_address(session: aiohttp.ClientSession, port: str) -> str:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            async with session.get(f"http://127.0.0.1:{port}/json/list") as response:
                pages = [one for one in await response.json() if one["type"] == "page"]
            if pages:
                return str(pages[0]["webSocketDebuggerUrl"])
            await asyncio.sleep(0.05)
