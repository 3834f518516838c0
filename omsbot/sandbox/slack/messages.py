"""Everything that was said in one channel: messages, threads, broadcasts, edits, deletions and ephemerals."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from omsbot.sandbox.slack.people import SYSTEM_USER

Json = dict[str, Any]


@dataclass(slots=True)
class Message:
    """One message; `body` is Slack's message object without what is derived from the thread around it."""

    ts: str
    body: Json
    thread_ts: str = ""
    broadcast: bool = False
    metadata: Json | None = None
    deleted: bool = False
    replies: list[str] = field(default_factory=list)

    @property
    def is_reply(self) -> bool:
        """Does it live in a thread (as opposed to starting one)?"""
        return bool(self.thread_ts) and self.thread_ts != self.ts


@dataclass(slots=True)
class Ephemeral:
    """A message that one person sees and no history keeps."""

    ts: str
    channel: str
    user: str
    body: Json

    def to_json(self) -> Json:
        """The message as the page and the tests see it."""
        return {
            **self.body,
            "ts": self.ts,
            "channel": self.channel,
            "to_user": self.user,
            "is_ephemeral": True,
        }


class Conversation:
    """The log of one channel. A `ts` is unique in it and strictly increasing."""

    def __init__(self) -> None:
        self._by_ts: dict[str, Message] = {}
        self._order: list[str] = []
        self.ephemerals: dict[str, Ephemeral] = {}

    def add(self, message: Message) -> Message:
        """Append; a reply is counted at its parent."""
        self._by_ts[message.ts] = message
        self._order.append(message.ts)
        if message.is_reply:
            self._by_ts[message.thread_ts].replies.append(message.ts)
        return message

    def find(self, ts: str) -> Message | None:
        """The message if it is there and was not deleted."""
        message = self._by_ts.get(ts)
        return None if message is None or message.deleted else message

    def delete(self, message: Message) -> None:
        """Remove; a parent with replies stays as a tombstone, as in Slack."""
        message.deleted = True
        message.metadata = None
        if message.replies:
            message.body = {
                "type": "message",
                "subtype": "tombstone",
                "user": SYSTEM_USER,
                "text": "This message was deleted.",
                "hidden": True,
            }
        parent = self._by_ts.get(message.thread_ts) if message.is_reply else None
        if parent is not None:
            parent.replies.remove(message.ts)

    def between(self, oldest: str, latest: str, *, inclusive: bool) -> Iterator[Message]:
        """Messages from new to old that the channel itself shows: no replies but the broadcast ones."""
        for message in self._window(oldest, latest, inclusive=inclusive):
            if self._is_shown(message) and (not message.is_reply or message.broadcast):
                yield message

    def thread(self, ts: str) -> list[Message] | None:
        """Parent and replies, oldest first; None when Slack would say `thread_not_found`."""
        asked = self._by_ts.get(ts)
        parent = self._by_ts.get(asked.thread_ts) if asked is not None and asked.is_reply else asked
        if parent is None or not self._is_shown(parent):
            return None
        return [parent, *(self._by_ts[reply] for reply in parent.replies)]

    def all(self) -> Iterator[Message]:
        """Everything that is shown somewhere, oldest first, replies too."""
        return (self._by_ts[ts] for ts in self._order if self._is_shown(self._by_ts[ts]))

    def to_json(self, message: Message, *, with_metadata: bool, with_root: bool = True) -> Json:
        """Slack's message object with the thread's counters, and the metadata only when asked for."""
        body = {**message.body, "ts": message.ts}
        if message.thread_ts:
            body["thread_ts"] = message.thread_ts
        if message.is_reply:
            body |= self._as_reply(message, with_root=with_root)
        elif message.replies:
            body |= self._as_parent(message)
        if with_metadata and message.metadata is not None:
            body["metadata"] = message.metadata
        return body

    def _window(self, oldest: str, latest: str, *, inclusive: bool) -> Iterator[Message]:
        # The ts are strings of one width and sort as they are; a bound may be short ("0", "1700000000").
        low, high = padded(oldest), padded(latest) if latest else "9" * 10 + ".999999"
        order = self._order
        first = bisect_left(order, low) if inclusive else bisect_right(order, low)
        last = bisect_right(order, high) if inclusive else bisect_left(order, high)
        return (self._by_ts[order[i]] for i in range(last - 1, first - 1, -1))

    def _is_shown(self, message: Message) -> bool:
        return not message.deleted or bool(message.replies)

    def _as_reply(self, message: Message, *, with_root: bool) -> Json:
        parent = self._by_ts[message.thread_ts]
        reply: Json = {"parent_user_id": parent.body.get("user", "")}
        if message.broadcast:
            reply["subtype"] = "thread_broadcast"
            if with_root:
                reply["root"] = self.to_json(parent, with_metadata=False)
        return reply

    def _as_parent(self, message: Message) -> Json:
        people = [self._by_ts[ts].body.get("user", "") for ts in message.replies]
        distinct = list(dict.fromkeys(people))
        return {
            "thread_ts": message.ts,
            "reply_count": len(message.replies),
            "reply_users": distinct,
            "reply_users_count": len(distinct),
            "latest_reply": message.replies[-1],
            "is_locked": False,
            "subscribed": False,
        }


def padded(ts: str) -> str:
    """A bound as a full `seconds.micros` string; ValueError when it is not a time."""
    seconds, _, micros = (ts or "0").partition(".")
    if not (seconds.isdigit() and (not micros or micros.isdigit())):
        raise ValueError(ts)
    return f"{int(seconds):010d}.{micros[:6]:0<6}"
