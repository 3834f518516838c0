"""Every kind of event has a row with all that the domain decides by it."""

import pytest

from omsbot.domain.event_kinds import (
    ENDINGS,
    KIND_FACTS,
    OPENING,
    About,
    Collapse,
    ConditionKind,
    EventKind,
    Level,
    Severity,
)

COUNTED_ONLY = {ConditionKind.EMPTIED}  # a suspicion that is never posted


@pytest.mark.parametrize("kind", EventKind, ids=str)
def test_every_kind_has_a_row_with_all_facts(kind: EventKind) -> None:
    facts = KIND_FACTS[kind]
    assert facts.severity in Severity
    assert facts.level in Level
    assert facts.collapse in Collapse
    assert facts.about is About(kind.value.partition("_")[0])
    assert not (facts.opens and facts.ends), "it opens a condition or ends one, not both"


@pytest.mark.parametrize("condition", [one for one in ConditionKind if one not in COUNTED_ONLY], ids=str)
def test_what_opens_has_an_end(condition: ConditionKind) -> None:
    opening = OPENING[condition]
    assert ENDINGS[condition]
    assert {KIND_FACTS[end].about for end in ENDINGS[condition]} == {KIND_FACTS[opening].about}


def test_no_two_kinds_open_the_same_condition() -> None:
    opened = [facts.opens for facts in KIND_FACTS.values() if facts.opens]
    assert len(opened) == len(set(opened))


def test_only_what_lasts_is_reminded_of() -> None:
    assert all(facts.opens for facts in KIND_FACTS.values() if facts.reminder)


def test_only_the_end_of_a_project_survives_every_silence() -> None:
    assert [kind for kind, facts in KIND_FACTS.items() if facts.survives_silence] == [
        EventKind.PROJECT_COMPLETED
    ]


@pytest.mark.parametrize("kind", EventKind, ids=str)
def test_the_collapse_rule_fits_what_a_kind_does(kind: EventKind) -> None:
    facts = KIND_FACTS[kind]
    of_server = facts.about is About.SERVER
    assert of_server == (facts.collapse is Collapse.UNLESS_LAST_OF_SERVER)
    if facts.opens and not of_server:
        assert facts.collapse is Collapse.UNLESS_IT_HOLDS
    assert (facts.severity is Severity.INFO) == (facts.collapse is Collapse.UNLESS_NEWEST)
