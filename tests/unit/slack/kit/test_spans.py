import pytest

from omsbot.slack.kit.spans import (
    Date,
    Emoji,
    Line,
    Mention,
    bold,
    line,
    link,
    mentions,
    prose,
    to_elements,
    to_mrkdwn,
)
from omsbot.slack.kit.text import longest_that_fits, shorten_mrkdwn
from tests.unit.slack.samples import CONSOLE, NOW


@pytest.mark.parametrize(
    ("written", "harmless"),
    [
        ("<!channel> & <@U1>", "&lt;!channel&gt; &amp; &lt;@U1&gt;"),
        ("*b* ~s~ `c`", "∗b∗ ∼s∼ ˋcˋ"),
        ("_i_ np_4w3r_x", "ˍiˍ np_4w3r_x"),
        ("two\n> lines", "two &gt; lines"),
        ("see https://evil.example", "see https:\u2060//evil.example"),
    ],
)
def test_what_others_wrote_cannot_format_mention_or_link_in_mrkdwn(written: str, harmless: str) -> None:
    assert to_mrkdwn(line(written)) == harmless


def test_rich_text_shows_what_was_written_but_no_token() -> None:
    (element,) = to_elements([line("*b* `c` a < b <!channel> <http://x|y>")])
    assert element == {"type": "text", "text": "*b* `c` a < b <\u2060!channel> <\u2060http://x|y>"}


def test_our_own_pieces_keep_their_meaning_in_both() -> None:
    spans = line(
        Emoji("bell"), " ", Date(NOW), link(CONSOLE, "console"), Mention("U1"), Mention("S1", group=True)
    )
    said = to_mrkdwn(spans)
    assert said.startswith(
        ":bell: <!date^1700000000^{date_num} {time_secs}|2023-11-14 22:13:20 UTC><https://"
    )
    assert "&amp;tab=steps|console>" in said
    assert said.endswith("<@U1><!subteam^S1>")
    kinds = [element["type"] for element in to_elements([spans])]
    assert kinds == ["emoji", "text", "date", "link", "user", "usergroup"]


def test_neighbours_of_one_style_become_one_element() -> None:
    lines = [line("a", "b", bold("c")), line(bold("d"))]
    assert [element["text"] for element in to_elements(lines)] == ["ab", "c", "\n", "d"]


@pytest.mark.parametrize(
    ("text", "notified"),
    [
        ("<@U0ANA>", [Mention("U0ANA")]),
        ("<@U0ANA|ana>", [Mention("U0ANA")]),
        ("<!subteam^S0DBA|@dba>", [Mention("S0DBA", group=True)]),
        ("<!channel>", []),
        ("@ana", []),
        (None, []),
    ],
)
def test_only_users_and_groups_are_mentioned(text: str | None, notified: list[Mention]) -> None:
    assert list(mentions(text)) == notified


@pytest.mark.parametrize(
    "url", [None, "", "javascript:alert(1)", "https://a b", "https://a|b", "https://a>b"]
)
def test_an_address_that_is_none_is_not_linked(url: str | None) -> None:
    assert link(url, "console") is None


def test_code_in_a_sentence_is_code() -> None:
    told: Line = prose("run `/oms help` now")
    assert to_elements([told])[1] == {"type": "text", "text": "/oms help", "style": {"code": True}}


def test_a_moment_no_calendar_has_is_told_in_words() -> None:
    assert to_mrkdwn(line(Date(-1))) == "an unknown time"
    assert to_elements([line(Date(2**62))]) == [{"type": "text", "text": "an unknown time"}]


@pytest.mark.parametrize(
    ("limit", "cut"), [(20, "a &amp; <@U1> b"), (14, "a &amp; <@U1>…"), (13, "a &amp;…"), (5, "a…")]
)
def test_mrkdwn_is_not_cut_inside_a_token(limit: int, cut: str) -> None:
    assert shorten_mrkdwn("a &amp; <@U1> b", limit) == cut


def test_the_longest_part_that_fits_is_found() -> None:
    assert longest_that_fits("x" * 100, lambda part: len(part) <= 37) == 37
    assert longest_that_fits("漢", lambda part: False) == 1
