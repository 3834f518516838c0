"""The whole workspace of the Slack stand-in in memory: people, channels, and what was said."""

from collections.abc import Callable, Iterable
from typing import Any

from omsbot.sandbox.slack.errors import SlackError
from omsbot.sandbox.slack.feed import Feed
from omsbot.sandbox.slack.files import Files
from omsbot.sandbox.slack.messages import Conversation, Ephemeral, Json, Message
from omsbot.sandbox.slack.people import (
    APP_ID,
    BOT_ID,
    BOT_USER,
    GROUPS,
    PEOPLE,
    TEAM_ID,
    Channel,
    Installation,
    User,
)
from omsbot.sandbox.slack.triggers import ResponseUrls, Triggers
from omsbot.sandbox.slack.views import Views

BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Workspace:
    """People, channels and messages. The methods raise Slack's own refusals."""

    def __init__(
        self,
        installation: Installation,
        clock: Callable[[], float],
        *,
        people_clock: Callable[[], float],
        trigger_seconds: float,
    ) -> None:
        self.installation = installation
        self.clock = clock
        self.feed = Feed()
        bot = User(BOT_USER, "omsbot", "OMS bot", is_bot=True)
        self.users = {user.id: user for user in (*PEOPLE, bot)}
        self.groups = {group.id: group for group in GROUPS}
        self.channels: dict[str, Channel] = {}
        self.conversations: dict[str, Conversation] = {}
        self.triggers = Triggers(people_clock, trigger_seconds)
        self.response_urls = ResponseUrls(people_clock)
        self.views = Views()
        self.files = Files()
        self.base_url = ""
        self.on_event: Callable[[Json], None] = lambda event: None
        self._last_ts = 0
        self._count = 0

    def fresh_id(self, prefix: str) -> str:
        """An id that Slack could have made, unique in this workspace."""
        self._count += 1
        number, digits = self._count, ""
        while number:
            number, digit = divmod(number, 36)
            digits = BASE36[digit] + digits
        return f"{prefix}0{digits:0>8}"

    def next_ts(self) -> str:
        """A message time: never the same twice, never before the last one."""
        self._last_ts = max(self._last_ts + 1, int(self.clock() * 1_000_000))
        seconds, micros = divmod(self._last_ts, 1_000_000)
        return f"{seconds:010d}.{micros:06d}"

    # Channels

    def add_channel(
        self, name: str, members: Iterable[str], *, private: bool = False, partner: str = ""
    ) -> Channel:
        """Create a channel, or (`partner`) the direct messages between the bot and one person."""
        number = f"0AAAA{len(self.channels) + 1:05d}"
        channel = Channel(
            id=("D" if partner else "C") + number,
            name=name,
            created=int(self.clock()),
            is_private=private,
            partner=partner,
            members=list(members),
        )
        self.channels[channel.id] = channel
        self.conversations[channel.id] = Conversation()
        self.feed.publish("channel", channel=channel.id)
        return channel

    def channel(self, name_or_id: str) -> Channel:
        """By id, `name` or `#name`; SlackError(channel_not_found)."""
        found = self.channels.get(name_or_id)
        if found is not None:
            return found
        name = name_or_id.removeprefix("#")
        for channel in self.channels.values():
            if channel.name == name and not channel.is_im:
                return channel
        raise SlackError("channel_not_found")

    def direct_messages(self, user: str) -> Channel:
        """The channel of the bot with one person, made when it is first needed."""
        for channel in self.channels.values():
            if channel.partner == user:
                return channel
        if user not in self.users:
            raise SlackError("user_not_found")
        return self.add_channel("", (user, BOT_USER), partner=user)

    def conversation(self, channel: Channel | str) -> Conversation:
        """What was said in a channel."""
        return self.conversations[channel if isinstance(channel, str) else channel.id]

    def user(self, name_or_id: str) -> User:
        """By id or name; SlackError(user_not_found)."""
        for user in self.users.values():
            if name_or_id in (user.id, user.name):
                return user
        raise SlackError("user_not_found")

    # Messages

    def by_bot(self, body: Json) -> Json:
        """The message body as Slack completes it for a message of the app."""
        return {
            "type": "message",
            "user": BOT_USER,
            "bot_id": BOT_ID,
            "app_id": APP_ID,
            "team": TEAM_ID,
            **body,
        }

    def by_person(self, user: str, text: str, **more: Any) -> Json:
        """The message body for what a person typed."""
        return {"type": "message", "user": user, "team": TEAM_ID, "text": text, **more}

    def post(
        self,
        channel: Channel,
        body: Json,
        *,
        thread_ts: str = "",
        broadcast: bool = False,
        metadata: Json | None = None,
    ) -> Message:
        """Append a message. A reply whose parent is gone lands outside the thread, as in Slack."""
        conversation = self.conversation(channel)
        parent = conversation.find(thread_ts) if thread_ts else None
        if parent is not None and parent.is_reply:
            raise SlackError("cannot_reply_to_message")
        message = Message(
            ts=self.next_ts(),
            body=body,
            thread_ts=parent.ts if parent else "",
            broadcast=broadcast and parent is not None,
            metadata=metadata,
        )
        conversation.add(message)
        self.feed.publish("message", channel=channel.id, ts=message.ts)
        return message

    def edit(self, channel: Channel, message: Message, change: Json, *, editor: str) -> None:
        """Replace parts of the body; a value of None removes the key."""
        body = {**message.body, **change, "edited": {"user": editor, "ts": self.next_ts()}}
        message.body = {key: value for key, value in body.items() if value is not None}
        self.feed.publish("message", channel=channel.id, ts=message.ts)

    def delete(self, channel: Channel, ts: str) -> None:
        """Remove a message or an ephemeral; SlackError(message_not_found)."""
        conversation = self.conversation(channel)
        if conversation.ephemerals.pop(ts, None) is None:
            message = conversation.find(ts)
            if message is None:
                raise SlackError("message_not_found")
            conversation.delete(message)
        self.feed.publish("message", channel=channel.id, ts=ts)

    def whisper(self, channel: Channel, user: str, body: Json) -> Ephemeral:
        """Show something to one person only."""
        ephemeral = Ephemeral(self.next_ts(), channel.id, user, body)
        self.conversation(channel).ephemerals[ephemeral.ts] = ephemeral
        self.feed.publish("ephemeral", channel=channel.id, user=user, ts=ephemeral.ts)
        return ephemeral
