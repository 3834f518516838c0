"""Calls to Slack that never try again by themselves, each with an outcome that can be settled."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from omsbot.domain.notify.delivery import Failure, NotSent, Outcome, Sent, Unknown
from omsbot.slack.api.facts import ChannelFacts, Login
from omsbot.slack.api.outcome import classify
from omsbot.slack.kit.blocks import Message

TIMEOUT_S = 8.0
CONNECT_TIMEOUT_S = 3.0
METADATA_TYPE = "omsbot_post"
FOUND_PAGE, FOUND_PAGES = 200, 5  # what one look may read of a history
SCOPES_HEADER = "X-OAuth-Scopes"
T = TypeVar("T")
READ_BACK_ERRORS = (KeyError, TypeError, AttributeError, ValueError)


@dataclass(frozen=True, slots=True)
class HistoryPage:
    posts: Mapping[str, Sent]
    cursor: str


@dataclass(frozen=True, slots=True)
class UploadTicket:
    """Where Slack wants the bytes of a file; `url` is a secret of this one upload."""

    url: str = field(repr=False)
    file_id: str = ""


def posting_session(timeout_s: float = TIMEOUT_S) -> aiohttp.ClientSession:
    """A session to share between calls; its own limit on connecting tells "not sent" from "unknown"."""
    timeout = aiohttp.ClientTimeout(total=timeout_s, connect=min(CONNECT_TIMEOUT_S, timeout_s))
    return aiohttp.ClientSession(timeout=timeout)


def posting_client(
    token: str,
    base_url: str,
    timeout_s: float = TIMEOUT_S,
    session: aiohttp.ClientSession | None = None,
) -> AsyncWebClient:
    """A client that never retries: by default the SDK sends a POST again after a dropped connection.

    Without a session each call opens and closes its own.
    """
    return AsyncWebClient(
        token=token, base_url=base_url, timeout=max(1, int(timeout_s)), session=session, retry_handlers=[]
    )


class Notifier:
    """Sends messages; whatever comes back is an outcome, never an exception (but cancellation)."""

    def __init__(self, client: AsyncWebClient, *, timeout_s: float = TIMEOUT_S) -> None:
        if client.retry_handlers:
            raise ValueError("the client must not retry: build it with posting_client")
        self._client = client
        self._timeout_s = timeout_s

    async def post(
        self,
        *,
        channel: str,
        message: Message,
        uuid: str,
        thread_ts: str | None = None,
        broadcast: bool = False,
    ) -> Outcome:
        """Post a message; `uuid` goes into its metadata, to find it again. `broadcast` needs a thread."""
        return await self._call(
            lambda: self._client.chat_postMessage(
                channel=channel,
                **_body(message),
                thread_ts=thread_ts,
                reply_broadcast=True if broadcast and thread_ts else None,
                unfurl_links=False,
                unfurl_media=False,
                metadata={"event_type": METADATA_TYPE, "event_payload": {"uuid": uuid}},
            ),
            lambda answer: Sent(_said(answer, "ts"), _thread_of(answer, asked=thread_ts)),
        )

    async def edit(self, *, channel: str, ts: str, message: Message) -> Outcome:
        """Replace a message's content; its metadata stays."""
        return await self._call(
            lambda: self._client.chat_update(channel=channel, ts=ts, **_body(message)),
            lambda answer: Sent(_said(answer, "ts")),
        )

    async def delete(self, *, channel: str, ts: str) -> Outcome:
        """Delete a message of ours; one that is gone already counts as refused for this message."""
        return await self._call(
            lambda: self._client.chat_delete(channel=channel, ts=ts), lambda answer: Sent(answer["ts"])
        )

    async def ephemeral(self, *, channel: str, user: str, message: Message) -> Outcome:
        """Show a message to one person in a channel; Slack keeps none of it."""
        return await self._call(
            lambda: self._client.chat_postEphemeral(channel=channel, user=user, **_body(message)),
            lambda answer: Sent(_said(answer, "message_ts")),
        )

    async def upload(
        self,
        *,
        channel: str,
        thread_ts: str | None,
        png: bytes,
        filename: str,
        title: str,
        alt_text: str,
        comment: str,
    ) -> Outcome:
        """Upload a picture and show it in a channel, under a comment (mrkdwn); needs the scope files:write.

        No one sees anything before the last of the three calls, so only that one's fate can be unknown.
        `Sent.ts` is the file's id: Slack shows a file when it gets to it, and tells no timestamp.
        """
        ticket = await self._call(
            lambda: self._client.files_getUploadURLExternal(
                filename=filename, length=len(png), alt_txt=alt_text
            ),
            lambda answer: UploadTicket(_said(answer, "upload_url"), _said(answer, "file_id")),
        )
        if not isinstance(ticket, UploadTicket):
            return _not_shown(ticket)
        failure = await self._send_bytes(ticket.url, png)
        if failure:
            return failure
        return await self._call(
            lambda: self._client.files_completeUploadExternal(
                files=[{"id": ticket.file_id, "title": title}],
                channel_id=channel,
                thread_ts=thread_ts,
                initial_comment=comment,
            ),
            lambda _: Sent(ticket.file_id, thread_ts),
        )

    async def _send_bytes(self, url: str, content: bytes) -> Failure | None:
        """Post the bytes of a file to where Slack wants them; the token does not go along."""
        headers = {"Content-Type": "application/octet-stream"}
        try:
            async with (
                asyncio.timeout(self._timeout_s),
                self._session() as session,
                session.post(
                    url, data=content, headers=headers, proxy=self._client.proxy, allow_redirects=False
                ) as answer,
            ):
                status = answer.status
        except Exception as error:  # noqa: BLE001 - whatever went wrong, no one saw the file
            return _not_shown(classify(error))
        return None if status == 200 else NotSent(f"upload_http_{status}")

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[aiohttp.ClientSession]:
        if self._client.session:
            yield self._client.session
            return
        async with posting_session(self._timeout_s) as session:
            yield session

    async def login(self) -> Login | Failure:
        """Ask whose token this is (auth.test)."""
        return await self._call(self._client.auth_test, _login)

    async def channel(self, channel_id: str) -> ChannelFacts | Failure:
        """Ask about a channel (conversations.info); a failure says nothing about posting to it."""
        return await self._call(
            lambda: self._client.conversations_info(channel=channel_id),
            lambda answer: _channel(answer.get("channel") or {}),
        )

    async def find(
        self, *, channel: str, thread_ts: str | None, since: int, until: int, uuids: Collection[str]
    ) -> Mapping[str, Sent] | Failure:
        """Look for posts by their uuids in a thread or a channel, between two times (ms).

        What is not in the answer is not there, or not there yet; a history that is too long to be read to its
        end is Unknown. Needs the history scopes and membership.
        """
        asked: dict[str, Any] = {"channel": channel, "oldest": f"{since / 1000:.6f}", "limit": FOUND_PAGE}
        asked |= {"latest": f"{until / 1000:.6f}", "include_all_metadata": True} | (
            {"ts": thread_ts} if thread_ts else {}
        )
        found: dict[str, Sent] = {}
        cursor = ""
        for _ in range(FOUND_PAGES):
            page = await self._history(asked, cursor)
            if not isinstance(page, HistoryPage):
                return page
            found |= {uuid: sent for uuid, sent in page.posts.items() if uuid in uuids}
            cursor = page.cursor
            if not cursor or len(found) == len(uuids):
                return found
        return Unknown("history_not_read_to_its_end")

    async def _history(self, asked: dict[str, Any], cursor: str) -> HistoryPage | Failure:
        replies, history = self._client.conversations_replies, self._client.conversations_history
        call = replies if "ts" in asked else history
        return await self._call(lambda: call(**asked, cursor=cursor or None), _history)

    async def _call(
        self, call: Callable[[], Awaitable[AsyncSlackResponse]], read: Callable[[AsyncSlackResponse], T]
    ) -> T | Failure:
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await call()
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the call may have had its effect
            return classify(error)
        try:
            return read(answer)
        except READ_BACK_ERRORS:
            return Unknown("unreadable_answer")


def _not_shown(failure: Failure) -> Failure:
    """The same of a call that shows nothing yet: whatever became of it, the picture is not there."""
    return NotSent(failure.error) if isinstance(failure, Unknown) else failure


def _body(message: Message) -> dict[str, Any]:
    body: dict[str, Any] = {"text": message.text, "parse": "none"}
    return body | ({"blocks": message.blocks} if message.blocks else {})


def _said(answer: AsyncSlackResponse, name: str) -> str:
    value = answer[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} is no text")
    return value


def _thread_of(answer: AsyncSlackResponse, *, asked: str | None) -> str | None:
    """The thread that a message went to; the one that was asked for, where the answer does not say."""
    message = answer.get("message")
    if not isinstance(message, dict):
        return asked
    thread_ts = message.get("thread_ts")
    return thread_ts if isinstance(thread_ts, str) else None


def _history(answer: AsyncSlackResponse) -> HistoryPage:
    """The posts of this bot in one page of a history, by the uuid in their metadata."""
    posts = {}
    for message in answer["messages"]:
        metadata = message.get("metadata") or {}
        uuid = (metadata.get("event_payload") or {}).get("uuid")
        if metadata.get("event_type") == METADATA_TYPE and message.get("bot_id") and isinstance(uuid, str):
            posts[uuid] = Sent(message["ts"], message.get("thread_ts"))
    return HistoryPage(posts, (answer.get("response_metadata") or {}).get("next_cursor") or "")


def _login(answer: AsyncSlackResponse) -> Login:
    granted = answer.headers.get(SCOPES_HEADER) or ""
    scopes = frozenset(filter(None, (scope.strip() for scope in granted.split(","))))
    return Login(_said(answer, "team_id"), _said(answer, "user_id"), answer.get("bot_id"), scopes)


def _channel(facts: dict[str, Any]) -> ChannelFacts:
    def said(name: str) -> bool:
        return bool(facts.get(name))

    return ChannelFacts(
        name=str(facts.get("name") or ""),
        # only an answer that says so keeps the bot from trying: a post that is not allowed is refused anyway
        is_member=facts.get("is_member") is not False,
        is_private=said("is_private") or said("is_group"),
        is_ext_shared=said("is_ext_shared") or said("is_pending_ext_shared"),
        is_archived=said("is_archived"),
    )
