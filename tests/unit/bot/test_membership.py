"""What Slack tells of channels, and what of it concerns the bot."""

from collections.abc import Mapping
from typing import Any

import pytest

from omsbot.bot.gate import Gate
from omsbot.bot.membership import EVENTS, Membership
from omsbot.domain.notify.delivery import Unknown
from omsbot.slack.api.facts import ChannelFacts, Login

BODY: Mapping[str, Any] = {"team_id": "T1", "authorizations": [{"user_id": "U0BOT", "is_bot": True}]}
US = Login("T1", "U0BOT", "B1", frozenset())


class NotingControl:
    """Keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, ...]] = []

    async def invited(self, *, channel_id: str, team_id: str) -> None:
        self.told.append(("invited", channel_id, team_id))

    async def removed(self, *, channel_id: str, reason: str, now: int) -> None:
        self.told.append(("removed", channel_id, reason))

    async def renamed(self, *, channel_id: str, name: str) -> None:
        self.told.append(("renamed", channel_id, name))


class SlackThatKnowsUs:
    def __init__(self, login: Login | Unknown = US) -> None:
        self.said = login

    async def login(self) -> Login | Unknown:
        return self.said

    async def channel(self, channel_id: str) -> ChannelFacts:
        raise AssertionError("nobody asks about a channel here")


async def happened(
    event: dict[str, Any], *, body: Mapping[str, Any] = BODY, slack: SlackThatKnowsUs | None = None
) -> list[tuple[str, ...]]:
    """What the bot is told to do after an event."""
    control, notifier = NotingControl(), slack or SlackThatKnowsUs()

    async def revoked(why: str) -> None:
        control.told.append(("revoked", why))

    gate = Gate(notifier, shared_channels=(), clock=lambda: 0)
    membership = Membership(control, notifier, gate, clock=lambda: 0, on_revoked=revoked)
    await membership.happened(event, body)
    return control.told


TOLD: Mapping[str, tuple[dict[str, Any], list[tuple[str, ...]]]] = {
    "invited": (
        {"type": "member_joined_channel", "channel": "C1", "user": "U0BOT"},
        [("invited", "C1", "T1")],
    ),
    "somebody else joined": ({"type": "member_joined_channel", "channel": "C1", "user": "U1"}, []),
    "removed": (
        {"type": "member_left_channel", "channel": "C1", "user": "U0BOT"},
        [("removed", "C1", "not_in_channel")],
    ),
    "somebody else left": ({"type": "member_left_channel", "channel": "C1", "user": "U1"}, []),
    "removed, as Slack tells the one who is removed": (
        {"type": "channel_left", "channel": "C1", "actor_id": "U1"},
        [("removed", "C1", "not_in_channel")],
    ),
    "removed from a private channel": (
        {"type": "group_left", "channel": "C1"},
        [("removed", "C1", "not_in_channel")],
    ),
    "archived": (
        {"type": "channel_archive", "channel": "C1", "user": "U1"},
        [("removed", "C1", "is_archived")],
    ),
    "deleted": ({"type": "channel_deleted", "channel": "C1"}, [("removed", "C1", "channel_not_found")]),
    "renamed": (
        {"type": "channel_rename", "channel": {"id": "C1", "name": "ops"}},
        [("renamed", "C1", "ops")],
    ),
    "uninstalled": ({"type": "app_uninstalled"}, [("revoked", "app_uninstalled")]),
    "revoked": ({"type": "tokens_revoked", "tokens": {"bot": ["U0BOT"]}}, [("revoked", "tokens_revoked")]),
    "without a channel": ({"type": "channel_archive"}, []),
}


@pytest.mark.parametrize(("event", "told"), TOLD.values(), ids=TOLD.keys())
async def test_it_is_noted_that_the_bot_was(event: dict[str, Any], told: list[tuple[str, ...]]) -> None:
    assert event["type"] in EVENTS
    assert await happened(event) == told


async def test_where_slack_does_not_say_for_whom_an_event_is_the_bot_asks_who_it_is() -> None:
    event = {"type": "member_joined_channel", "channel": "C1", "user": "U0BOT"}

    assert await happened(event, body={"team_id": "T1"}) == [("invited", "C1", "T1")]
    assert await happened(event, body={}, slack=SlackThatKnowsUs(Unknown("timeout"))) == []
