"""A Slack in memory behind the notifier's interface: it keeps messages, and answers as a bad day would."""

from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Protocol

from omsbot.domain.notify.delivery import Failure, NotSent, Outcome, Rejected, RejectionScope, Sent, Unknown
from omsbot.domain.notify.slack_limits import HISTORY, REPLIES
from omsbot.slack.kit.blocks import Message

LATE_MS = 18_000  # later than the first look, sooner than the last
VERY_LATE_MS = 120_000  # when it was sent again already


class Reply(StrEnum):
    """What a post comes to; the unknown ones differ in whether and when the message is there."""

    SENT = "sent"
    LIMITED = "429"
    NOT_SENT = "not_sent"
    LOST_BEFORE = "unknown_before_commit"
    LOST_AFTER = "unknown_after_commit"
    LATE = "late_commit"
    VERY_LATE = "very_late_commit"
    REJECTS_MESSAGE = "rejected_message"
    REJECTS_CHANNEL = "rejected_channel"
    REJECTS_INSTALLATION = "rejected_installation"
    REJECTS_CONTENT = "rejected_content"


ANSWERS: Mapping[Reply, Outcome] = {
    Reply.LIMITED: NotSent("ratelimited", retry_after_s=3.0, limited=True),
    Reply.NOT_SENT: NotSent("ClientConnectorError"),
    Reply.LOST_BEFORE: Unknown("ServerDisconnectedError"),
    Reply.LOST_AFTER: Unknown("TimeoutError"),
    Reply.LATE: Unknown("TimeoutError"),
    Reply.VERY_LATE: Unknown("TimeoutError"),
    Reply.REJECTS_MESSAGE: Rejected(RejectionScope.MESSAGE, "thread_not_found"),
    Reply.REJECTS_CHANNEL: Rejected(RejectionScope.CHANNEL, "not_in_channel"),
    Reply.REJECTS_INSTALLATION: Rejected(RejectionScope.INSTALLATION, "account_inactive"),
    Reply.REJECTS_CONTENT: Rejected(RejectionScope.OURS, "invalid_blocks"),
}
KEPT_AFTER_MS: Mapping[Reply, int] = {
    Reply.SENT: 0,
    Reply.LOST_AFTER: 0,
    Reply.LATE: LATE_MS,
    Reply.VERY_LATE: VERY_LATE_MS,
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A message in Slack. It is to be seen from `at` on (ms); `tells` are the deliveries that it tells."""

    ts: str
    at: int
    channel: str
    thread_ts: str | None
    uuid: str
    message: Message
    broadcast: bool
    tells: tuple[int, ...]


def _listed(message: Kept, thread_ts: str | None) -> bool:
    """Whether a message is in the list of a thread; without one, in the channel's own."""
    if thread_ts is not None:
        return message.thread_ts == thread_ts
    return message.thread_ts is None or message.broadcast


class Interruption(Protocol):
    async def before(self, name: str) -> None: ...
    async def after(self, name: str) -> None: ...


class ModelSlack:
    """Outlives every kill of the bot. `tells` says which deliveries the post of a uuid carries right now."""

    def __init__(self, clock: Callable[[], int], tells: Callable[[str], tuple[int, ...]]) -> None:
        self.interruption: Interruption | None = None
        self.down = False
        self.blind: Failure | None = None  # what reading the history comes to
        self.posts = 0
        self.posted_at: dict[str, list[int]] = {}
        self.looked_at: dict[str, list[int]] = {HISTORY: [], REPLIES: []}
        self.tried: dict[str, tuple[int, ...]] = {}  # what each post was to tell, by its uuid
        self.direct: list[Message] = []
        self._clock = clock
        self._tells = tells
        self._messages: dict[str, Kept] = {}
        self._replies: deque[Reply] = deque()
        self._edits: deque[Reply] = deque()

    def will(self, *replies: Reply) -> None:
        """Steer the next posts; after these all is well again."""
        self._replies.extend(replies)

    def will_edit(self, *replies: Reply) -> None:
        self._edits.extend(replies)

    def mend(self) -> None:
        self.down, self.blind = False, None
        self._replies.clear()
        self._edits.clear()

    def seen(self, channel: str | None = None) -> list[Kept]:
        """All messages that a person sees now, in Slack's order."""
        there = (one for one in self._messages.values() if one.at <= self._clock())
        return sorted((one for one in there if channel in {None, one.channel}), key=lambda one: one.ts)

    def kept(self) -> dict[str, Kept]:
        """Every message, also those that are to be seen only later."""
        return dict(self._messages)

    def reset(self, messages: Mapping[str, Kept]) -> None:
        """Be well, with these messages."""
        self.mend()
        self._messages = dict(messages)
        self.direct.clear()
        self.posted_at.clear()
        self.looked_at = {HISTORY: [], REPLIES: []}
        self.tried.clear()

    def remove(self, ts: str) -> None:
        """A person deletes a message."""
        del self._messages[ts]

    async def post(
        self,
        *,
        channel: str,
        message: Message,
        uuid: str,
        thread_ts: str | None = None,
        broadcast: bool = False,
    ) -> Outcome:
        if channel.startswith("U"):
            self.direct.append(message)
            return Sent("0.0")
        await self._before("post")
        reply = self._replies.popleft() if self._replies else Reply.SENT
        reply = Reply.NOT_SENT if self.down else reply
        self.posts += 1
        self.posted_at.setdefault(channel, []).append(self._clock())
        self.tried[uuid] = self._tells(uuid)
        kept = None
        if reply in KEPT_AFTER_MS:
            kept = self._keep(
                channel,
                thread_ts,
                uuid=uuid,
                message=message,
                broadcast=broadcast,
                after_ms=KEPT_AFTER_MS[reply],
            )
        await self._after("post")
        if reply is Reply.SENT and kept:
            return Sent(kept.ts, kept.thread_ts)
        return ANSWERS[reply]

    def _keep(
        self,
        channel: str,
        thread_ts: str | None,
        *,
        uuid: str,
        message: Message,
        broadcast: bool,
        after_ms: int,
    ) -> Kept:
        at = self._clock() + after_ms
        ts = f"{at // 1000}.{at % 1000:03}{self.posts % 1000:03}"
        thread = thread_ts if thread_ts and self._has_thread(thread_ts) else None
        kept = Kept(ts, at, channel, thread, uuid, message, broadcast, self._tells(uuid))
        self._messages[ts] = kept
        return kept

    def _has_thread(self, ts: str) -> bool:
        """A thread outlives its deleted first message as long as there are replies."""
        return ts in self._messages or any(one.thread_ts == ts for one in self._messages.values())

    async def edit(self, *, channel: str, ts: str, message: Message) -> Outcome:
        await self._before("edit")
        reply = self._edits.popleft() if self._edits else Reply.SENT
        reply = Reply.NOT_SENT if self.down else reply
        known = self._messages.get(ts)
        if known is None:
            return Rejected(RejectionScope.MESSAGE, "message_not_found")
        if reply in KEPT_AFTER_MS:
            self._messages[ts] = replace(known, message=message)
        await self._after("edit")
        return Sent(ts) if reply is Reply.SENT else ANSWERS[reply]

    async def upload(self, **what: Any) -> Outcome:
        raise AssertionError("no chart is drawn here")

    async def delete(self, *, channel: str, ts: str) -> Outcome:
        await self._before("delete")
        gone = self._messages.pop(ts, None)
        await self._after("delete")
        return Sent(ts) if gone else Rejected(RejectionScope.MESSAGE, "message_not_found")

    async def find(
        self, *, channel: str, thread_ts: str | None, since: int, until: int, uuids: Collection[str]
    ) -> Mapping[str, Sent] | Failure:
        await self._before("find")
        self.looked_at[REPLIES if thread_ts else HISTORY].append(self._clock())
        if self.down or self.blind:
            return self.blind or NotSent("ClientConnectorError")
        if thread_ts is not None and not self._has_thread(thread_ts):
            return Rejected(RejectionScope.MESSAGE, "thread_not_found")
        found = {
            one.uuid: Sent(one.ts, one.thread_ts)
            for one in self.seen(channel)
            if one.uuid in uuids and one.at >= since and _listed(one, thread_ts)
        }
        await self._after("find")
        return found

    async def _before(self, name: str) -> None:
        if self.interruption:
            await self.interruption.before(name)

    async def _after(self, name: str) -> None:
        if self.interruption:
            await self.interruption.after(name)
