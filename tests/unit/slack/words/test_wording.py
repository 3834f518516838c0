"""Every kind of event has its words, and one that may be reminded of has words for that too."""

import pytest

from omsbot.domain.event_kinds import KIND_FACTS, About, EventKind
from omsbot.slack.words.event_details import DETAILS
from omsbot.slack.words.wording import WORDINGS, wording
from tests.unit.slack.samples import FULL, event


@pytest.mark.parametrize("kind", EventKind, ids=str)
def test_every_kind_has_its_words(kind: EventKind) -> None:
    words = WORDINGS[kind]
    assert words.emoji
    assert words.counts
    named = {About.STEP: "{step}", About.SERVER: "{server}", About.PROJECT: ""}[KIND_FACTS[kind].about]
    for text in (words.says, words.already, words.still and words.still.says):
        assert text is None or named in text
    assert kind in DETAILS


@pytest.mark.parametrize("kind", EventKind, ids=str)
def test_exactly_what_may_be_reminded_of_has_a_still_wording(kind: EventKind) -> None:
    words = WORDINGS[kind]
    assert (words.still is not None) == KIND_FACTS[kind].reminder
    if words.still:
        assert "still" in words.still.says
        assert "still" in words.still.counts
        assert wording(event(kind, FULL, reminder=True)).says == words.still.says
