import json
from dataclasses import fields
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omsbot.db.codec import (
    UnreadableRecord,
    dump_event,
    dump_snapshot,
    load_event,
    load_snapshot,
)
from omsbot.domain.events import Event, EventKind, Evidence
from omsbot.domain.project.completion import Failure, Report, StepReport
from omsbot.domain.project.project import ErrorDetail, Snapshot, Step, StepError, StepInfo, StepStatus

FLOATS = st.none() | st.floats(allow_nan=False, allow_infinity=False)


def whole(kind: type[Any], **given_fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Values of a dataclass with every field drawn, also those with a default."""
    hints = get_type_hints(kind)
    drawn = {field.name: FLOATS if hints[field.name] == float | None else ... for field in fields(kind)}
    return st.builds(kind, **{**drawn, **given_fields})


DETAILS = st.recursive(
    whole(ErrorDetail, upstream=st.none()), lambda inner: whole(ErrorDetail, upstream=inner), max_leaves=3
)
ERRORS = whole(StepError, details=st.lists(DETAILS, max_size=2).map(tuple))
STEPS = whole(Step, error=st.none() | ERRORS, info=st.none() | whole(StepInfo))
SNAPSHOTS = whole(Snapshot, steps=st.lists(STEPS, max_size=3).map(tuple))
REPORTS = whole(
    Report,
    steps=st.lists(whole(StepReport, step=STEPS), max_size=2).map(tuple),
    failures=st.lists(whole(Failure, step=st.none() | STEPS), max_size=2).map(tuple),
)
EVIDENCE = whole(Evidence, before=st.none() | STEPS, after=st.none() | STEPS, report=st.none() | REPORTS)
EVENTS = whole(Event, evidence=EVIDENCE)

QUIET = Step("FULL_TRANSFER", StepStatus.INIT, "INIT")


@given(SNAPSHOTS)
def test_a_snapshot_comes_back_as_it_was(snapshot: Snapshot) -> None:
    assert load_snapshot(dump_snapshot(snapshot)) == snapshot


@given(EVENTS)
def test_an_event_comes_back_as_it_was(event: Event) -> None:
    assert load_event(dump_event(event)) == event


@given(SNAPSHOTS)
def test_what_is_stored_has_no_character_that_a_database_refuses(snapshot: Snapshot) -> None:
    assert "\0" not in dump_snapshot(snapshot)


def test_values_come_back_as_the_types_of_the_domain() -> None:
    snapshot = load_snapshot(dump_snapshot(Snapshot((QUIET,), observed_at=1)))
    assert type(snapshot.steps) is tuple
    assert type(snapshot.steps[0].status) is StepStatus


def test_what_is_not_known_is_not_stored() -> None:
    stored = json.loads(dump_snapshot(Snapshot((QUIET,), observed_at=1)))
    step = {"name": "FULL_TRANSFER", "status": "INIT", "raw_status": "INIT"}
    assert stored == {"steps": [step], "observed_at": 1}


def test_defaults_are_not_stored() -> None:
    event = Event(EventKind.STEP_FAILED, 1, evidence=Evidence(after=Step("A", StepStatus.FAILED, "FAILED")))
    assert json.loads(dump_event(event)).keys() == {"kind", "observed_at", "evidence"}


def test_keys_of_a_later_version_are_ignored() -> None:
    step = {"name": "A", "status": "INIT", "raw_status": "INIT", "later": {"a": [1]}}
    stored = json.dumps({"steps": [step], "observed_at": 1, "later": True})
    assert load_snapshot(stored) == Snapshot((Step("A", StepStatus.INIT, "INIT"),), observed_at=1)


@pytest.mark.parametrize(
    ("stored", "where"),
    [
        pytest.param("", "its start", id="nothing"),
        pytest.param('{"steps": [', "its start", id="cut off"),
        pytest.param('{"steps": []}', "observed_at: missing", id="a field missing"),
        pytest.param('{"steps": [{"name": "secret"}], "observed_at": 1}', "steps.0.status", id="deep inside"),
    ],
)
def test_a_damaged_text_is_refused_with_the_place_and_without_its_content(stored: str, where: str) -> None:
    with pytest.raises(UnreadableRecord) as caught:
        load_snapshot(stored)
    assert where in str(caught.value)
    assert "secret" not in str(caught.value)
