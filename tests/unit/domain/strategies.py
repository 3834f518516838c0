"""Any values of the domain, for property tests; runs repeat exactly."""

from collections.abc import Sequence

from hypothesis import settings
from hypothesis import strategies as st

from omsbot.domain.detection.conditions import Condition, ConditionKind
from omsbot.domain.events import Event, EventKind
from omsbot.domain.notify.compose import Pending
from omsbot.domain.notify.delivery import Reason
from omsbot.domain.project.project import Snapshot, Step, StepError, StepStatus
from tests.builders import HOUR, NOW, SECOND, snapshot, step

repeatable = settings(derandomize=True, deadline=None, max_examples=150, database=None)

NAMES = ("FULL_TRANSFER", "FULL_VERIFIER", "INCR_TRANSFER", "TRANSFER_APP_SWITCH", "NEW_STEP", "NEW_STEP#2")
STATUSES = ("INIT", "RUNNING", "FAILED", "FINISHED", "SUSPEND", "MONITORING", "STOPPING", "running", "")

# few values, so that two looks often agree; far ones, so that nothing relies on sane clocks
TIMES = st.none() | st.sampled_from((0, NOW - HOUR, NOW, NOW + 10 * SECOND, NOW + 25 * SECOND, NOW + HOUR))


def steps() -> st.SearchStrategy[Step]:
    return st.builds(
        step,
        st.sampled_from(NAMES),
        st.sampled_from(STATUSES),
        order=st.none() | st.integers(-1, 9),
        progress=st.sampled_from((None, 0, 40, 100)),
        started_at=TIMES,
        finished_at=TIMES,
        failed_at=TIMES,
        code=st.sampled_from((None, "CM-1", "CM-2")),
    )


def strange_steps() -> st.SearchStrategy[Step]:
    """Whatever the types allow, also what no reader of an answer would make."""
    number, text = st.none() | st.integers(), st.text(max_size=3)
    error = st.builds(StepError, code=st.none() | text, failed_at=number)
    return st.builds(
        Step,
        name=st.sampled_from(NAMES) | text,
        status=st.sampled_from(StepStatus),
        raw_status=text,
        order=number,
        progress=number,
        started_at=number,
        finished_at=number,
        error=st.none() | error,
    )


def strange_conditions() -> st.SearchStrategy[Condition]:
    """Conditions that may contradict any snapshot."""
    number = st.integers()
    return st.builds(
        Condition,
        st.sampled_from(ConditionKind),
        st.sampled_from(NAMES),
        number,
        number,
        number,
        opened_at=st.none() | number,
    )


def step_lists(most: int = 5) -> st.SearchStrategy[Sequence[Step]]:
    """The steps of one answer; names may stand twice, and there may be none at all."""
    return st.lists(steps(), max_size=most)


def looks() -> st.SearchStrategy[Sequence[Snapshot]]:
    """Successive answers about one project, some after a long time."""
    one = st.tuples(step_lists(), st.sampled_from((SECOND, 10 * SECOND, HOUR)), st.booleans())
    return st.lists(one, min_size=1, max_size=6).map(_in_time)


def _in_time(answers: Sequence[tuple[Sequence[Step], int, bool]]) -> Sequence[Snapshot]:
    at, found = NOW, []
    for listed, after, dated in answers:
        at += after
        found.append(snapshot(*listed, at=at, server_at=at - 500 if dated else None))
    return found


def pendings() -> st.SearchStrategy[Sequence[Pending]]:
    """What waits for one subscription; ids are unique."""
    one = st.tuples(
        st.sampled_from(EventKind),
        st.sampled_from((None, True, False)),
        st.sampled_from((Reason.NEWS, Reason.MUTED, Reason.LATE, Reason.OPEN_WHEN_SUBSCRIBED)),
        st.sampled_from((None, 1, 2)),
    )
    return st.lists(one, max_size=40).map(
        lambda drawn: [
            Pending(number, Event(kind, NOW + number, "FULL_TRANSFER"), holds, reason, condition)
            for number, (kind, holds, reason, condition) in enumerate(drawn)
        ]
    )
