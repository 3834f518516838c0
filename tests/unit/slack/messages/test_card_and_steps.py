from dataclasses import replace

import pytest

from omsbot.domain.project.project import ProjectRef, Step, StepInfo
from omsbot.domain.views import ProjectView
from omsbot.slack.messages.card import card
from omsbot.slack.messages.steps import steps, steps_terminal
from tests.slack_rules import action_ids, links, mentions, visible
from tests.unit.slack.samples import (
    CONSOLE,
    COPYING,
    FAILED,
    FULL,
    HOUR,
    INDEX,
    MINUTE,
    MONITORING,
    NOW,
    PRECHECK,
    RUNNING,
    SWITCHOVER,
    VERIFIED,
    checked,
    followed,
    snapshot,
    step,
    view,
)

LAGGING = replace(MONITORING, info=StepInfo(checkpoint_s=NOW // 1000 - 4_000, sampled_s=NOW // 1000 - 90))
SWITCHED = replace(SWITCHOVER, status=PRECHECK.status, raw_status="FINISHED")

HEADLINES: dict[str, tuple[ProjectView, str]] = {
    "failed": (FAILED, ":red_circle: Full migration FAILED 43 % since <!date^"),
    "waiting": (view(VERIFIED), ":raised_hand: Action needed in OMS: Full verification since <!date^"),
    "paused": (view(step("FULL_TRANSFER", "SUSPEND")), ":double_vertical_bar: Full migration paused ·"),
    "unknown": (
        view(step("INCR_TRANSFER", "DREAMING")),
        "has a status that omsbot does not know: DREAMING ·",
    ),
    "completed": (view(PRECHECK, SWITCHED), ":checkered_flag: Completed ·"),
    "running": (view(PRECHECK, COPYING), ":large_blue_circle: Full migration running 43 % ·"),
    "in sync": (view(MONITORING), ":large_green_circle: Incremental synchronization monitoring, lag 3 s ·"),
    "lagging": (
        view(LAGGING),
        ":large_orange_circle: Incremental synchronization monitoring, lag 1 h 5 min ·",
    ),
    "not started": (view(SWITCHOVER), ":white_circle: Not started ·"),
    "between steps": (view(PRECHECK, SWITCHOVER), ":white_circle: No step is running ·"),
    "never read": (view(), ":hourglass_flowing_sand: Not read from OMS yet ·"),
}


@pytest.mark.parametrize("case", HEADLINES)
def test_a_card_tells_the_most_urgent_fact_first(case: str) -> None:
    project, headline = HEADLINES[case]
    message = checked(card(followed(project), now=NOW))
    assert headline in message.text.split("\n")[0]


def test_a_card_shows_each_step_and_how_it_is_followed() -> None:
    message = checked(
        card(followed(RUNNING, mention="<!subteam^S0DBA>", paused_reason="bot removed"), now=NOW)
    )
    shown = visible(list(message.blocks))
    for part in (
        "8,000 rows/s (reference 10,000)",
        "about 10 min left",
        "Level: important",
        "paused: bot removed",
    ):
        assert part in shown
    assert mentions(message.text, list(message.blocks)) == {"S0DBA"}
    assert links(message.text, list(message.blocks)) == {CONSOLE}


@pytest.mark.parametrize(
    ("until", "ids"), [(NOW + HOUR, ["show_steps", "unmute"]), (NOW, ["show_steps", "mute_hour"])]
)
def test_a_card_offers_to_mute_or_to_end_the_mute(until: int, ids: list[str]) -> None:
    message = checked(card(followed(RUNNING, muted_until=until), now=NOW))
    assert action_ids(list(message.blocks)) == ids
    assert ("muted until" in visible(list(message.blocks))) is (until > NOW)


def test_a_card_that_cannot_see_says_so_before_the_last_known_state() -> None:
    blind = replace(FAILED, problem="OMS cannot be reached", problem_since_at=NOW - HOUR)
    first, second, *_ = checked(card(followed(blind), now=NOW)).text.split("\n")
    assert first.startswith(":warning: OMS cannot be reached since <!date^")
    assert second.startswith("Last known: :red_circle: Full migration FAILED")


def test_of_very_many_steps_a_card_shows_those_that_need_eyes() -> None:
    many = [replace(PRECHECK, order=n) for n in range(200)]
    message = checked(card(followed(view(*many, FULL)), now=NOW))
    assert "Full migration FAILED ▓" in message.text
    assert "… and 177 more steps" in message.text


def changed(**fields: object) -> Step:
    return replace(COPYING, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (changed(progress=44), True),
        (changed(progress=45), False),
        (changed(info=replace(COPYING.info or StepInfo(), dst_rps=1.0)), True),
        (replace(FULL), False),
    ],
    ids=["small progress", "more progress", "rate", "status"],
)
def test_a_card_is_edited_for_what_counts(other: Step, same: bool) -> None:
    before = card(followed(view(PRECHECK, COPYING)), now=NOW).content_hash()
    later = snapshot(PRECHECK, other, observed_at=NOW + MINUTE)
    after = card(followed(view(PRECHECK, COPYING, snapshot=later)), now=NOW + MINUTE).content_hash()
    assert (before == after) is same


def test_a_card_is_edited_when_a_mute_ends() -> None:
    muted = followed(RUNNING, muted_until=NOW + HOUR)
    assert card(muted, now=NOW).content_hash() != card(muted, now=NOW + HOUR).content_hash()


def test_a_card_is_edited_when_the_lag_becomes_serious() -> None:
    calm, serious = (card(followed(view(of)), now=NOW).content_hash() for of in (MONITORING, LAGGING))
    assert calm != serious


def test_steps_show_every_figure_of_a_step() -> None:
    message = checked(steps(RUNNING, now=NOW, subscribed=False))
    expected = (
        "Full migration running ▓▓▓▓░░░░░░ 43 % (step 4)",
        "started",
        "for 2 h 16 min",
        "3,964,600 of 9,219,800 rows",
        "8,000 rows/s (reference 10,000)",
        "about 10 min left",
        "took 1 min",
        "Forward switchover not started",
    )
    for part in expected:
        assert part in message.text
    assert "np_4w3r8k2m9x1q" in message.text
    assert "np_4w3r8k2m9x1q" in visible(list(message.blocks))
    assert action_ids(list(message.blocks)) == ["refresh_steps", "subscribe", "post_steps"]


def test_steps_of_a_followed_project_offer_no_subscription_but_the_error_of_a_failure() -> None:
    message = checked(steps(FAILED, now=NOW, subscribed=True))
    assert action_ids(list(message.blocks)) == ["refresh_steps", "post_steps", "full_error"]
    assert "CONNECTOR-FULL0007: Write of table orders failed" in message.text
    assert "failed after 2 h 14 min" in message.text


def test_the_lag_of_an_old_sample_is_told_with_its_age() -> None:
    message = checked(steps(view(LAGGING), now=NOW, subscribed=True))
    assert "lag 1 h 5 min" in message.text
    assert "checkpoint sampled 1 min 30 s ago" in message.text


def test_an_unknown_lag_is_said_to_be_unknown() -> None:
    assert "lag unknown" in steps(view(replace(MONITORING, info=None)), now=NOW, subscribed=True).text


def test_a_rate_that_oms_does_not_give_for_writing_is_the_one_of_reading() -> None:
    reading = changed(info=StepInfo(processed_records=5, src_rps=140.0, skipped=2, inconsistencies=1))
    text = steps(view(reading), now=NOW, subscribed=True).text
    assert "5 rows · 1 row differs · 2 skipped · 140 rows/s" in text


def test_the_time_left_is_that_of_oms_where_it_gives_one() -> None:
    estimated = changed(info=StepInfo(estimated_remaining_s=90))
    assert "about 1 min 30 s left" in steps(view(estimated), now=NOW, subscribed=True).text


@pytest.mark.parametrize(
    "info",
    [
        StepInfo(processed_records=1, capacity=9, dst_rps=0.0),
        StepInfo(processed_records=9, capacity=9, dst_rps=5.0),
        StepInfo(processed_records=1, capacity=10**18, dst_rps=1e-9),
        StepInfo(estimated_remaining_s=10**15),
    ],
    ids=["stands still", "nothing left", "more than years", "more than years by OMS"],
)
def test_no_time_left_is_told_where_there_is_none_to_tell(info: StepInfo) -> None:
    assert " left" not in steps(view(changed(info=info)), now=NOW, subscribed=True).text


def test_steps_that_may_be_out_of_date_say_so_first() -> None:
    old = replace(RUNNING, problem="OMS does not answer in time.", problem_since_at=NOW - MINUTE)
    first, second, *_ = checked(steps(old, now=NOW + 3 * HOUR, subscribed=True)).text.split("\n")
    assert first.startswith(":warning: OMS does not answer in time since")
    assert second.startswith("Last known state, 3 h old")


def test_steps_never_read_say_so() -> None:
    text = checked(steps(view(problem="OMS cannot be reached"), now=NOW, subscribed=False)).text
    assert "Nothing is known of this project's steps yet" in text


def test_a_project_without_steps_says_so() -> None:
    text = checked(steps(view(snapshot=snapshot()), now=NOW, subscribed=False)).text
    assert "OMS lists no steps" in text


def test_very_many_steps_fit_into_one_answer() -> None:
    many = [replace(FULL, name=f"UNKNOWN_STEP_{n}") for n in range(500)]
    message = checked(steps(view(*many), now=NOW, subscribed=False))
    shown = visible(list(message.blocks))
    assert "UNKNOWN_STEP_0 FAILED" in shown
    assert "more" in shown


def test_steps_of_one_name_are_told_apart() -> None:
    text = steps(view(COPYING, replace(COPYING, order=5)), now=NOW, subscribed=False).text
    assert "Full migration (2) running" in text


def test_a_project_on_another_server_without_a_name_is_told_by_its_id() -> None:
    elsewhere = view(INDEX, ref=ProjectRef("eu", "np_x"), name=None)
    assert "np_x on eu" in steps(elsewhere, now=NOW, subscribed=False).text


def test_the_terminal_aligns_wide_characters() -> None:
    lines = steps_terminal(view(step("漢字", "RUNNING"), step("e\u0301", "RUNNING")), now=NOW).split("\n")
    header, wide, narrow = lines[-4:-1]
    at = header.index("STATUS")
    assert wide[at - 2 :].startswith("running")
    assert narrow[at + 1 :].startswith("running")


def test_the_terminal_tells_what_keeps_the_bot_from_seeing() -> None:
    text = steps_terminal(view(problem="OMS cannot be reached", console_link=None), now=NOW)
    assert text.startswith("OMS cannot be reached\n")
    assert "Not read from OMS yet" in text


def test_the_terminal_shows_no_markup_of_slack() -> None:
    text = steps_terminal(view(replace(LAGGING, order=None)), now=NOW)
    assert "<!date" not in text
    assert ":large" not in text
    assert "lag 1 h 5 min, sampled 1 min 30 s ago" in text
