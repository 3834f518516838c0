"""A Slack that keeps messages as Slack does, and fails as a test says."""

import asyncio
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from omsbot.domain.notify.delivery import Failure, Outcome, Rejected, RejectionScope, Sent
from omsbot.slack.kit.blocks import Message


@dataclass(frozen=True, slots=True)
class Said:
    """A message as Slack was given it."""

    ts: str
    channel: str
    message: Message
    uuid: str
    thread_ts: str | None
    broadcast: bool

    @property
    def text(self) -> str:
        return self.message.text


class FakeSlack:
    """Keeps messages as Slack does; a test steers what a call comes to, and whether it had its effect."""

    def __init__(self) -> None:
        self.messages: dict[str, Said] = {}
        self.tries: list[Said] = []
        self.edits: list[tuple[str, Message]] = []
        self.uploads: list[dict[str, Any]] = []
        self.uploading: Outcome = Sent("F1")
        self.looks: list[frozenset[str]] = []
        self.history: Failure | None = None
        self.hangs: asyncio.Event | None = None
        self.called = asyncio.Event()
        self.slow_edit: asyncio.Event | None = None
        self._posting: deque[tuple[Outcome, bool]] = deque()
        self._editing: deque[tuple[Outcome, bool]] = deque()
        self._numbers = count(1)

    def will(self, *outcomes: Outcome, kept: bool = False) -> None:
        """Steer the next posts; `kept` ones arrive all the same."""
        self._posting.extend((outcome, kept) for outcome in outcomes)

    def will_edit(self, *outcomes: Outcome, kept: bool = False) -> None:
        self._editing.extend((outcome, kept) for outcome in outcomes)

    def said(self, text: str = "", *, channel: str | None = None) -> list[Said]:
        """What is to be seen, oldest first."""
        return [one for one in self.messages.values() if text in one.text and channel in {None, one.channel}]

    async def post(
        self,
        *,
        channel: str,
        message: Message,
        uuid: str,
        thread_ts: str | None = None,
        broadcast: bool = False,
    ) -> Outcome:
        said = Said(f"1.{next(self._numbers):06}", channel, message, uuid, thread_ts, broadcast)
        self.tries.append(said)
        if self.hangs:
            self.called.set()
            await self.hangs.wait()
        outcome, kept = self._posting.popleft() if self._posting else (None, True)
        if kept:
            self.messages[said.ts] = said
        there = thread_ts if thread_ts in self.messages else None
        return outcome or Sent(said.ts, there)

    async def edit(self, *, channel: str, ts: str, message: Message) -> Outcome:
        self.edits.append((ts, message))
        if self.slow_edit:
            await self.slow_edit.wait()
        outcome, kept = self._editing.popleft() if self._editing else (None, True)
        if ts not in self.messages:
            return Rejected(RejectionScope.MESSAGE, "message_not_found")
        if kept:
            self.messages[ts] = replace(self.messages[ts], message=message)
        return outcome or Sent(ts)

    async def upload(self, **what: Any) -> Outcome:
        self.uploads.append(what)
        return self.uploading

    async def delete(self, *, channel: str, ts: str) -> Outcome:
        gone = self.messages.pop(ts, None)
        return Sent(ts) if gone else Rejected(RejectionScope.MESSAGE, "message_not_found")

    async def find(
        self, *, channel: str, thread_ts: str | None, since: int, until: int, uuids: Collection[str]
    ) -> Mapping[str, Sent] | Failure:
        self.looks.append(frozenset(uuids))
        if self.history:
            return self.history
        return {
            one.uuid: Sent(one.ts, one.thread_ts)
            for one in self.messages.values()
            if one.uuid in uuids and (one.channel, one.thread_ts) == (channel, thread_ts)
        }
