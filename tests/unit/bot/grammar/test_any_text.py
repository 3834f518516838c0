"""Whatever a person types is a command or a mistake, and comes back harmless."""

import re

from hypothesis import given
from hypothesis import strategies as st

from omsbot.bot.commands import TABLE
from omsbot.bot.grammar.parser import Mistake, parse
from omsbot.bot.grammar.refs import parse_ref
from omsbot.bot.grammar.words import echo
from omsbot.domain.project.project import ProjectRef

_COMMANDS = [entry.name for entry in TABLE.entries]
_TARGETS = [
    "np_a1",
    "prod:np_b2",
    "NP_C3",
    "4w3rq0xmhqs0",
    "https://[::1",
    "<https://o.example/np_a1?a=b&amp;c|x>",
]
_ENTITIES = [
    "<@U1|ana>",
    "<!here>",
    "<!subteam^S1|@oncall>",
    "<#C1|general>",
    "&lt;!channel&gt;",
    "&amp;",
    "@ana",
]
_PLAIN = [
    "mention",
    "me",
    "failures",
    "all",
    "2h",
    "1h30m",
    "for",
    "until 08:00",
    "02:00",
    "in 6h",
    "tomorrow",
    "22:00-07:00",
    "new york",
    "UTC+2",
    "CST",
    "istanbul",
    "half an hour",
    "page",
    "2",
    *":<>`*_",
]
PIECES = st.sampled_from([*_COMMANDS, *_TARGETS, *_ENTITIES, *_PLAIN])
TYPED = st.one_of(
    st.text(max_size=200),
    st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=10).map(" ".join),
    st.tuples(st.sampled_from(_COMMANDS), st.text(max_size=60)).map(" ".join),
)
CODE = re.compile(r"`[^`]*`")


@given(TYPED)
def test_any_text_is_a_command_or_a_mistake(text: str) -> None:
    parsed = parse(text, TABLE, actor="U0ME", servers={"default": "oms.example", "prod": "prod.example"})

    if isinstance(parsed, Mistake):
        said = f"{parsed.text} {parsed.hint or ''}"
        assert not set("<>&*~") & set(said)
        assert said.count("`") % 2 == 0
        assert all(len(code) < 90 for code in CODE.findall(said))


@given(TYPED)
def test_any_text_is_a_project_or_a_sentence(text: str) -> None:
    outcome = _ref_or_sentence(text)

    if isinstance(outcome, str):
        assert outcome.endswith((".", "?"))
        assert not set("<>&*~") & set(outcome)
    else:
        assert re.fullmatch(r"np_[A-Za-z0-9_]{1,61}", outcome.oms_id)
        assert parse_ref(str(outcome)) == outcome


def _ref_or_sentence(text: str) -> ProjectRef | str:
    try:
        return parse_ref(text)
    except ValueError as refused:
        return str(refused)


@given(st.text())
def test_an_echo_is_short_and_holds_no_markup(text: str) -> None:
    shown = echo(text)

    assert len(shown) <= 40
    assert not set("<>&*~`\n\r\t\u202e\u200b") & set(shown)
