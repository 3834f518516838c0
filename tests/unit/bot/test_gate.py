"""Where the bot may answer, change what is told, or post."""

import asyncio

import pytest

from omsbot.bot import gate as gate_module
from omsbot.bot.gate import REMEMBERED_MS, Facts, Gate
from omsbot.domain.notify.delivery import NotSent, Rejected, RejectionScope, Unknown
from omsbot.services.refusal import Refusal
from omsbot.slack.api.facts import ChannelFacts

OWN = ChannelFacts("ops", is_member=True, is_private=False, is_ext_shared=False, is_archived=False)
NOT_IN = ChannelFacts("ops", is_member=False, is_private=False, is_ext_shared=False, is_archived=False)
SHARED = ChannelFacts("ops", is_member=True, is_private=False, is_ext_shared=True, is_archived=False)
ARCHIVED = ChannelFacts("ops", is_member=False, is_private=False, is_ext_shared=False, is_archived=True)
HIDDEN = Rejected(RejectionScope.CHANNEL, "channel_not_found")


class SlackThatKnows:
    """Answers what it is told to say of every channel, and counts how often it was asked."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.asked = 0

    async def channel(self, channel_id: str) -> Facts:
        self.asked += 1
        return self.facts


class Clock:
    now = 1_000_000

    def __call__(self) -> int:
        return self.now


def gate(slack: SlackThatKnows, *, clock: Clock | None = None, shared: tuple[str, ...] = ()) -> Gate:
    return Gate(slack, shared_channels=shared, clock=clock or Clock())


POSTING = {
    "a channel of our own": (OWN, None),
    "a channel that the bot is not in": (NOT_IN, "I am not in this channel"),
    "a private channel that the bot is not in": (HIDDEN, "I am not in this channel"),
    "a channel that another company reads": (SHARED, "shared with another company"),
    "an archived channel": (ARCHIVED, "archived"),
    "an installation without the scope": (
        Rejected(RejectionScope.INSTALLATION, "missing_scope"),
        "`missing_scope`",
    ),
    "a Slack that is limiting": (NotSent("ratelimited", limited=True), "Slack does not answer"),
    "a Slack that is broken": (Unknown("http_500"), "Slack does not answer"),
}


@pytest.mark.parametrize(("facts", "refusal"), POSTING.values(), ids=POSTING.keys())
async def test_posting_needs_a_channel_that_is_known_to_be_fit(facts: Facts, refusal: str | None) -> None:
    said = None
    try:
        await gate(SlackThatKnows(facts)).may_post("C1")
    except Refusal as no:
        said = no.text

    assert said is None if refusal is None else refusal in (said or "")


@pytest.mark.parametrize(
    "facts", [OWN, NOT_IN, HIDDEN, ARCHIVED, Unknown("timeout"), NotSent("refused")], ids=repr
)
async def test_one_person_is_answered_wherever_it_is_not_known_to_be_shared(facts: Facts) -> None:
    await gate(SlackThatKnows(facts)).may_ask("C1")


async def test_a_shared_channel_gets_no_answer_unless_it_is_allowed_by_name() -> None:
    with pytest.raises(Refusal, match="shared with another company"):
        await gate(SlackThatKnows(SHARED)).may_ask("C1")

    allowed = gate(SlackThatKnows(SHARED), shared=("C1",))
    await allowed.may_ask("C1")
    await allowed.may_post("C1")


async def test_direct_messages_are_for_asking_only_and_slack_is_not_asked() -> None:
    slack = SlackThatKnows(OWN)
    door = gate(slack)

    await door.may_ask("D1")
    await door.may_show("D1")
    for change in (door.may_change, door.may_post):
        with pytest.raises(Refusal, match="not in direct messages"):
            await change("D1")
    assert slack.asked == 0


async def test_what_slack_said_is_remembered_for_a_minute() -> None:
    slack, clock = SlackThatKnows(OWN), Clock()
    door = gate(slack, clock=clock)

    await door.may_ask("C1")
    await door.may_post("C1")
    assert slack.asked == 1

    clock.now += REMEMBERED_MS
    await door.may_ask("C1")
    assert slack.asked == 2


async def test_an_invitation_counts_at_once() -> None:
    slack = SlackThatKnows(NOT_IN)
    door = gate(slack)
    with pytest.raises(Refusal):
        await door.may_post("C1")

    slack.facts = OWN
    await door.may_post("C1")


async def test_a_removal_counts_once_it_is_told() -> None:
    slack = SlackThatKnows(OWN)
    door = gate(slack)
    await door.may_post("C1")

    slack.facts = NOT_IN
    door.forget("C1")
    with pytest.raises(Refusal, match="I am not in this channel"):
        await door.may_post("C1")


async def test_one_person_does_not_wait_long_for_what_slack_says(monkeypatch: pytest.MonkeyPatch) -> None:
    class SlowSlack(SlackThatKnows):
        async def channel(self, channel_id: str) -> Facts:
            await asyncio.Event().wait()
            return self.facts

    monkeypatch.setattr(gate_module, "PATIENCE_S", 0.01)

    await gate(SlowSlack(SHARED)).may_ask("C1")


async def test_many_who_ask_at_once_are_one_question_to_slack() -> None:
    slack = SlackThatKnows(OWN)
    door = gate(slack)

    await asyncio.gather(*(door.may_ask("C1") for _ in range(50)))

    assert slack.asked == 1
