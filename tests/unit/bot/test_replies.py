"""An answer always comes, and what keeps it from coming is in the log."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from omsbot.bot import failures
from omsbot.bot.failures import attend
from omsbot.bot.membership import REMEMBERED_EVENTS, Recent
from omsbot.bot.replies import Reply
from omsbot.services.refusal import Refusal
from omsbot.slack.messages.answers import notice


@dataclass
class Said:
    """A response URL: keeps what it was sent, and answers as it is told to."""

    status_code: int = 200
    body: str = "ok"
    error: Exception | None = None
    sent: list[dict[str, Any]] = field(default_factory=list)

    async def __call__(self, **message: Any) -> "Said":
        self.sent.append(message)
        if self.error:
            raise self.error
        return self

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.sent]


def fails(error: Exception) -> Callable[[], Any]:
    async def work() -> None:
        raise error

    return work


async def test_a_refusal_is_told_as_it_is() -> None:
    said = Said()

    await attend(fails(Refusal("Not here.", "Try there.")), Reply(said), lambda: "0123456789")

    assert said.texts == ["Not here.\nTry there."]
    assert said.sent[0]["response_type"] == "ephemeral"


async def test_any_other_error_is_told_by_the_id_under_which_it_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    said = Said()

    await attend(fails(KeyError("secret")), Reply(said), lambda: "0123456789")

    assert "Something went wrong (error id 01234567)." in said.texts[0]
    assert "secret" not in said.texts[0]
    (record,) = caplog.records
    assert record.__dict__["error_id"] == "01234567"
    assert record.exc_info


async def test_work_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "ANSWER_TIMEOUT_S", 0.01)
    said = Said()

    async def forever() -> None:
        await asyncio.Event().wait()

    await attend(forever, Reply(said), lambda: "0123456789")

    assert "This took too long (error id 01234567)." in said.texts[0]


@pytest.mark.parametrize(
    "broken",
    [Said(error=OSError("gone")), Said(status_code=404, body="used_url")],
    ids=["no connection", "a used-up address"],
)
async def test_an_answer_that_slack_does_not_take_is_logged(
    broken: Said, caplog: pytest.LogCaptureFixture
) -> None:
    await Reply(broken).privately(notice("Hello."))

    assert [record.levelno for record in caplog.records] == [logging.WARNING]


async def test_answers_go_where_they_should() -> None:
    said = Said()
    reply = Reply(said)

    await reply.privately(notice("a"))
    await reply.in_channel(notice("b"), thread_ts="1.2")
    await reply.instead(notice("c"))

    private, public, instead = said.sent
    assert (private["response_type"], private["replace_original"]) == ("ephemeral", False)
    assert (public["response_type"], public["thread_ts"]) == ("in_channel", "1.2")
    assert instead["replace_original"] is True
    assert all(not message["unfurl_links"] for message in said.sent)


def test_an_event_that_comes_again_is_known() -> None:
    recent = Recent()

    assert [recent.again(key) for key in ("E1", "E2", "E1", "", "")] == [False, False, True, False, False]


def test_only_so_many_events_are_remembered() -> None:
    recent = Recent()
    for number in range(REMEMBERED_EVENTS + 1):
        recent.again(f"E{number}")

    assert recent.again(f"E{REMEMBERED_EVENTS}")
    assert not recent.again("E0")
