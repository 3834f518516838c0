"""The exact messages, as files that a change shows in its diff.

Written anew by OMSBOT_WRITE_GOLDEN=1 pytest tests/unit/slack/messages/test_golden.py; read the diff before
it goes in.
"""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from omsbot.bot.commands import TABLE
from omsbot.bot.texts import command_help, whole_help
from omsbot.domain.events import EventKind
from omsbot.domain.notify.compose import Pending, compose
from omsbot.domain.notify.delivery import Reason
from omsbot.domain.notify.previous_failure import PastFailure
from omsbot.domain.project.project import StepError
from omsbot.slack.kit.blocks import Message
from omsbot.slack.messages.card import card
from omsbot.slack.messages.news import full_error, news, sample_alert
from omsbot.slack.messages.ready import ready
from omsbot.slack.messages.steps import steps, steps_terminal
from tests.unit.slack import samples
from tests.unit.slack.samples import FAILED, FULL, NOW, RUNNING, about, checked, event, followed, told

GOLDEN = Path(__file__).parents[3] / "golden"
WRITE = bool(os.environ.get("OMSBOT_WRITE_GOLDEN"))
HOUR = samples.HOUR


def _after_a_mute() -> Message:
    muted = [
        Pending(1, event(EventKind.STEP_FAILED, FULL), holds=True, reason=Reason.MUTED),
        Pending(2, event(EventKind.STEP_STARTED, samples.INDEX), reason=Reason.MUTED),
        Pending(3, event(EventKind.STEP_FINISHED, samples.PRECHECK), reason=Reason.MUTED),
    ]
    return news(compose(muted), about(), now=NOW)


def _after_an_absence() -> Message:
    unseen = {"late": True, "unseen_since": NOW - 5 * HOUR}
    happened = (
        event(EventKind.STEP_FINISHED, samples.PRECHECK, happened_at=NOW - 4 * HOUR, **unseen),
        event(EventKind.STEP_STARTED, samples.INDEX, happened_at=NOW - 3 * HOUR, **unseen),
        event(EventKind.STEP_WAITING, samples.VERIFIED, happened_at=NOW - 2 * HOUR, **unseen),
        event(EventKind.STEP_FAILED, FULL, happened_at=NOW - HOUR, **unseen),
    )
    return news(told(*happened), about(), now=NOW)


def _lasting() -> Message:
    stalled = event(EventKind.STEP_STALLED, samples.INDEX, happened_at=None)
    lagging = event(EventKind.STEP_LAGGING, samples.MONITORING, happened_at=None)
    lagging = replace(lagging, evidence=replace(lagging.evidence, threshold_s=300.0))
    return news(told(stalled, lagging), about(), now=NOW)


def _without_advice_of_oms() -> Message:
    error = StepError(code="CONNECTOR-FULL0009", message="Communications link failure", failed_at=NOW - 1_000)
    bare = replace(FULL, error=error)
    return news(told(event(EventKind.STEP_FAILED, bare)), about(), now=NOW)


def _after_a_failure_before() -> Message:
    full = StepError(code="CONNECTOR-FULL0009", message="Over tenant memory limits", failed_at=NOW - 1_000)
    failed = told(event(EventKind.STEP_FAILED, replace(FULL, error=full)))
    past = {"FULL_TRANSFER": PastFailure(NOW - 24 * HOUR, 14 * samples.MINUTE)}
    return news(failed, replace(about(), past=past), now=NOW)


MESSAGES: dict[str, Callable[[], Message]] = {
    "card_failed": lambda: card(followed(FAILED, mention="<!subteam^S0DBA>"), now=NOW),
    "card_running_muted": lambda: card(followed(RUNNING, muted_until=NOW + HOUR), now=NOW),
    "card_blind": lambda: card(
        followed(replace(FAILED, problem="OMS cannot be reached", problem_since_at=NOW - HOUR)), now=NOW
    ),
    "steps_failed": lambda: steps(FAILED, now=NOW, subscribed=True),
    "steps_running": lambda: steps(RUNNING, now=NOW, subscribed=False),
    "alert_failed": lambda: news(told(event(EventKind.STEP_FAILED, FULL)), about(), now=NOW),
    "alert_own_advice": _without_advice_of_oms,
    "alert_failed_before": _after_a_failure_before,
    "news_after_mute": _after_a_mute,
    "news_after_absence": _after_an_absence,
    "news_lasting": _lasting,
    "news_waiting": lambda: news(told(event(EventKind.STEP_WAITING, samples.VERIFIED)), about(), now=NOW),
    "full_error": lambda: full_error(FAILED, "FULL_TRANSFER")[0],
    "sample_alert": lambda: sample_alert(asked_by="U0ANA", now=NOW),
    "ready": lambda: ready(samples.SYNCED, samples.judged(samples.SYNCED), now=NOW),
    "ready_not": lambda: ready(samples.BEHIND, samples.judged(samples.BEHIND), now=NOW),
    "report": lambda: samples.completed(samples.REPORT),
    "help": lambda: whole_help(TABLE),
    "help-subscribe": lambda: command_help(TABLE.entries[5]),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_is_exactly_the_one_on_file(name: str) -> None:
    message = checked(MESSAGES[name]())
    shown = {"text": message.text.split("\n"), "blocks": list(message.blocks)}
    _compare(GOLDEN / f"{name}.json", json.dumps(shown, indent=2, ensure_ascii=False) + "\n")


def test_the_view_of_the_terminal_is_exactly_the_one_on_file() -> None:
    _compare(GOLDEN / "steps_terminal.txt", steps_terminal(FAILED, now=NOW))


def _compare(path: Path, shown: str) -> None:
    if WRITE:
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8")
