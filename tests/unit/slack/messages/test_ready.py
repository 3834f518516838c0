from dataclasses import replace

from omsbot.slack.messages.ready import ready
from tests.slack_rules import action_ids, visible
from tests.unit.slack.samples import BEHIND, HOUR, MINUTE, NOW, SYNCED, checked, judged, view


def test_the_answer_to_ready_has_the_verdict_first_and_never_claims_that_the_data_is_right() -> None:
    message = checked(ready(SYNCED, judged(SYNCED), now=NOW))
    assert message.text.startswith(":white_check_mark: Ready for switchover, judging by OMS's states · ")
    assert "Lag: 3 s, under 30 s (for 14 min)" in message.text
    assert "Only verification and your own checks can confirm that the data is correct" in message.text
    assert "Only verification and your own checks" in visible(list(message.blocks))
    assert action_ids(list(message.blocks)) == ["refresh_ready", "show_steps", "post_ready"]


def test_what_hinders_is_counted_and_named() -> None:
    text = checked(ready(BEHIND, judged(BEHIND), now=NOW)).text
    assert text.startswith(":no_entry: Not ready for switchover: 3 of 8 checks failed · ")
    assert ":x: Verification: 3 rows differ" in text


def test_what_cannot_be_seen_now_is_told_as_past() -> None:
    old = replace(SYNCED, problem="OMS does not answer in time.", problem_since_at=NOW - MINUTE)
    first, second, third, *_ = checked(ready(old, judged(SYNCED), now=NOW + 3 * HOUR)).text.split("\n")
    assert first.startswith(":warning: OMS does not answer in time since")
    assert second.startswith("Last known state, 3 h old")
    assert third.startswith(":white_check_mark: Was ready for switchover")


def test_of_a_project_never_read_nothing_is_claimed() -> None:
    unseen = view(problem="OMS cannot be reached")
    assert "Unknown whether it is ready for switchover" in checked(ready(unseen, None, now=NOW)).text


def test_a_project_without_steps_is_not_ready() -> None:
    empty = view(snapshot=replace(SYNCED.snapshot, steps=()))  # type: ignore[type-var]
    assert ":no_entry: Not ready for switchover" in checked(ready(empty, judged(empty), now=NOW)).text
