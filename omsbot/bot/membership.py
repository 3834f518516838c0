"""What Slack tells of channels: the bot was invited or removed, a channel was archived or renamed."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from omsbot.bot.gate import Gate
from omsbot.domain.notify.delivery import Failure
from omsbot.slack.api.facts import Login

REMEMBERED_EVENTS = 1_000

# event -> Slack's own word for why nothing can be posted there any more
ENDINGS: Mapping[str, str] = {
    "channel_left": "not_in_channel",
    "group_left": "not_in_channel",
    "channel_archive": "is_archived",
    "group_archive": "is_archived",
    "channel_deleted": "channel_not_found",
    "group_deleted": "channel_not_found",
}
RENAMINGS = frozenset({"channel_rename", "group_rename"})
REVOCATIONS = frozenset({"app_uninstalled", "tokens_revoked"})
MOVES = frozenset({"member_joined_channel", "member_left_channel"})
EVENTS = frozenset({*MOVES, *ENDINGS, *RENAMINGS, *REVOCATIONS})


class KnowsLogin(Protocol):
    async def login(self) -> Login | Failure:
        """Say whose token this is; never raises."""


class KeepsChannels(Protocol):
    """Keeps what channels have become."""

    async def invited(self, *, channel_id: str, team_id: str) -> None: ...
    async def removed(self, *, channel_id: str, reason: str, now: int) -> None: ...
    async def renamed(self, *, channel_id: str, name: str) -> None: ...


class Recent:
    """Which events were seen already: Slack sends one again when its acknowledgement was lost."""

    def __init__(self) -> None:
        self._seen: dict[str, None] = {}

    def again(self, event_id: str) -> bool:
        """Whether this event came before; one without an id never did."""
        if not event_id:
            return False
        if event_id in self._seen:
            return True
        self._seen[event_id] = None
        if len(self._seen) > REMEMBERED_EVENTS:
            del self._seen[next(iter(self._seen))]
        return False


class Membership:
    def __init__(
        self,
        control: KeepsChannels,
        slack: KnowsLogin,
        gate: Gate,
        *,
        clock: Callable[[], int],
        on_revoked: Callable[[str], Awaitable[None]],
    ) -> None:
        """`on_revoked` is called with the event's name when the app was uninstalled or its token revoked."""
        self._control = control
        self._slack = slack
        self._gate = gate
        self._clock = clock
        self._on_revoked = on_revoked

    async def happened(self, event: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        """Take note of one event of the Events API; `body` is what it came in."""
        kind, channel_id = str(event.get("type")), _channel_id(event)
        if kind in REVOCATIONS:
            await self._on_revoked(kind)
            return
        if not channel_id:
            return
        self._gate.forget(channel_id)
        if kind in MOVES:
            if await self._is_bot(event.get("user"), body):
                await self._moved(kind, channel_id, str(body.get("team_id") or ""))
        elif kind in ENDINGS:
            await self._control.removed(channel_id=channel_id, reason=ENDINGS[kind], now=self._clock())
        elif kind in RENAMINGS:
            name = str(event["channel"].get("name") or "")
            await self._control.renamed(channel_id=channel_id, name=name)

    async def _moved(self, kind: str, channel_id: str, team_id: str) -> None:
        if kind == "member_joined_channel":
            await self._control.invited(channel_id=channel_id, team_id=team_id)
        else:
            await self._control.removed(channel_id=channel_id, reason="not_in_channel", now=self._clock())

    async def _is_bot(self, user_id: object, body: Mapping[str, Any]) -> bool:
        """Whether the event is about this bot; Slack says for whom it is, else we ask who we are."""
        ours = {one.get("user_id") for one in body.get("authorizations") or () if one.get("is_bot")}
        if not ours:
            login = await self._slack.login()
            ours = {login.user_id} if isinstance(login, Login) else set()
        return user_id in ours


def _channel_id(event: Mapping[str, Any]) -> str:
    channel = event.get("channel")
    return str(channel.get("id") or "") if isinstance(channel, Mapping) else str(channel or "")
