import json

import pytest

from omsbot.slack.kit.actions import Action
from omsbot.slack.kit.blocks import Message, actions, button, context, rich, row
from omsbot.slack.kit.spans import line
from tests.slack_rules import faults, visible
from tests.unit.slack.samples import checked

FOOTER = "Sent again: Slack did not confirm the first copy."


@pytest.mark.parametrize("text", ["", " \n", "x" * 3_901], ids=["empty", "blank", "too long"])
def test_a_message_with_a_text_that_slack_refuses_cannot_be_made(text: str) -> None:
    with pytest.raises(ValueError, match="characters of text"):
        Message(text)


def test_a_message_with_more_than_slack_takes_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="up to 50 blocks"):
        Message("x", tuple(rich([line("x")]) * 51))


def test_of_too_many_blocks_the_last_make_way_and_the_message_says_so() -> None:
    blocks = [*rich([line("one")]) * 60, *actions(button("Show steps", Action.SHOW_STEPS, "np_x"))]
    message = checked(Message.of([line("x")], blocks))
    assert message.blocks[-1]["type"] == "actions"
    assert "… and 13 more, not shown here" in visible(list(message.blocks))


def test_of_blocks_that_are_too_long_the_last_make_way() -> None:
    message = checked(
        Message.of([line("x")], [row("漢" * 1_000, None), row("漢" * 1_000, None), *context(line("y"))])
    )
    assert "… and 1 more" in visible(list(message.blocks))


def test_where_nothing_but_small_print_is_left_that_makes_way_too() -> None:
    message = checked(Message.of([line("x")], context(line("漢" * 3_000)) * 5))
    assert "more, not shown here" in visible(list(message.blocks))


def test_lines_past_the_limit_of_a_block_are_counted() -> None:
    (block,) = rich([line("x" * 80)] * 200)
    assert len(json.dumps(block)) < 10_000
    assert visible([block]).endswith("more lines")


def test_lines_without_anything_make_no_block() -> None:
    assert rich([]) == []
    assert rich([line("")]) == []
    assert context(line("")) == []
    assert actions(None) == []


def test_a_text_too_long_is_cut_with_room_for_a_footer() -> None:
    message = Message.of([line("x" * 9_000)], rich([line("y")]))
    assert message.with_footer(FOOTER).text.endswith(f"…\n{FOOTER}")


def test_a_footer_stands_once_at_the_end_of_text_and_blocks() -> None:
    message = Message.of([line("a fact")], rich([line("a fact")]))
    twice = checked(message.with_footer("Sent late.").with_footer(FOOTER))
    assert twice.text == f"a fact\n{FOOTER}"
    assert [block["type"] for block in twice.blocks] == ["rich_text", "context"]
    assert visible(list(twice.blocks)).endswith(FOOTER)


def test_a_footer_under_plain_text_adds_no_block_that_would_hide_it() -> None:
    plain = Message.of([line("a fact")], rich([line("a fact")])).plain()
    twice = plain.with_footer(FOOTER).with_footer(FOOTER)
    assert twice.blocks == ()
    assert twice.text == f"a fact\n{FOOTER}"


def test_a_full_message_takes_a_footer() -> None:
    full = Message.of([line("x" * 9_000)], rich([line("漢" * 90)] * 9) * 3 + rich([line("y")]) * 60)
    assert not faults(full.with_footer(FOOTER).text, list(full.with_footer(FOOTER).blocks))


def test_a_message_comes_back_from_its_json() -> None:
    message = Message.of([line("漢")], rich([line("漢")]), content="x")
    assert Message.from_json(message.as_json()) == message


def test_the_hash_is_of_what_counts_as_content() -> None:
    assert Message("a", content="x").content_hash() == Message("b", content="x").content_hash()
    assert Message("a").content_hash() != Message("b").content_hash()
    assert Message("a").content_hash() != Message("a", tuple(rich([line("b")]))).content_hash()


def test_a_button_whose_value_slack_would_refuse_is_left_out() -> None:
    assert button("Show steps", Action.SHOW_STEPS, "") is None
    assert button("Show steps", Action.SHOW_STEPS, "x" * 2_001) is None
