import pytest

from omsbot.domain.event_kinds import KIND_FACTS
from omsbot.domain.events import Event, EventKind, Evidence, Level, Severity
from tests.builders import NOW, event, step


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_of_event_has_its_facts(kind: EventKind) -> None:
    one, facts = event(kind), KIND_FACTS[kind]
    assert (one.severity, one.level, one.broadcast) == (facts.severity, facts.level, facts.broadcast)


def test_what_is_critical_is_heard_at_every_level_and_in_the_channel() -> None:
    critical = [facts for facts in KIND_FACTS.values() if facts.severity is Severity.CRITICAL]
    assert critical
    assert all(facts.level is Level.FAILURES and facts.broadcast for facts in critical)


@pytest.mark.parametrize(
    ("end", "beginnings"),
    [
        pytest.param(EventKind.STEP_RECOVERED, [EventKind.STEP_FAILED], id="failure"),
        pytest.param(EventKind.STEP_RESUMED, [EventKind.STEP_PAUSED], id="pause"),
        pytest.param(EventKind.STEP_MOVING, [EventKind.STEP_STALLED], id="stall"),
        pytest.param(EventKind.STEP_UP_TO_SPEED, [EventKind.STEP_SLOW], id="slow copy"),
        pytest.param(EventKind.STEP_CAUGHT_UP, [EventKind.STEP_LAGGING], id="lag"),
        pytest.param(EventKind.STEP_ADVANCING, [EventKind.STEP_FROZEN], id="frozen checkpoint"),
        pytest.param(EventKind.STEP_STEADY, [EventKind.STEP_FLAPPING], id="flapping"),
        pytest.param(EventKind.PROJECT_IN_TIME, [EventKind.PROJECT_OVERDUE], id="deadline"),
        pytest.param(
            EventKind.SERVER_BACK,
            [EventKind.SERVER_UNREACHABLE, EventKind.SERVER_REJECTS_LOGIN, EventKind.SERVER_GARBLED],
            id="server",
        ),
        pytest.param(
            EventKind.PROJECT_READABLE, [EventKind.PROJECT_GONE, EventKind.PROJECT_UNREADABLE], id="project"
        ),
    ],
)
def test_whoever_hears_of_a_trouble_hears_of_its_end(end: EventKind, beginnings: list[EventKind]) -> None:
    assert {KIND_FACTS[kind].level for kind in beginnings} == {KIND_FACTS[end].level}
    assert {KIND_FACTS[kind].broadcast for kind in beginnings} == {KIND_FACTS[end].broadcast}


def test_what_merely_happens_to_a_step_stays_in_the_thread() -> None:
    in_thread = {kind for kind, facts in KIND_FACTS.items() if not facts.broadcast}
    assert in_thread == {
        EventKind.STEP_PAUSED,
        EventKind.STEP_RESUMED,
        EventKind.STEP_SLOW,
        EventKind.STEP_UP_TO_SPEED,
        EventKind.STEP_STATUS_UNKNOWN,
        EventKind.STEP_VANISHED,
        EventKind.STEP_APPEARED,
        EventKind.STEP_RERUN,
        EventKind.STEP_MONITORING,
        EventKind.STEP_FINISHED,
        EventKind.STEP_STARTED,
    }


def test_a_level_reads_as_its_word_and_includes_those_below() -> None:
    assert [str(level) for level in sorted(Level)] == ["failures", "important", "all"]


@pytest.mark.parametrize(
    "kind", [EventKind.STEP_PAUSED, EventKind.STEP_RERUN, EventKind.STEP_VANISHED], ids=str
)
def test_whoever_hears_of_failures_hears_how_a_failure_ends(kind: EventKind) -> None:
    failed, running = step("FULL_TRANSFER", "FAILED"), step("FULL_TRANSFER", "RUNNING")
    assert Event(kind, NOW, evidence=Evidence(before=failed)).level is Level.FAILURES
    assert Event(kind, NOW, evidence=Evidence(before=running)).level is Level.IMPORTANT
