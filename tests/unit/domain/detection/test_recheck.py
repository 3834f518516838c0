"""An answer that stays the same needs to be judged again only when time alone may tell something."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from omsbot.domain.detection.recheck import recheck_at
from omsbot.domain.project.project import Step, StepInfo
from omsbot.domain.thresholds import Rules
from tests.builders import HOUR, MINUTE, NOW, SECOND, Watch, snapshot, step
from tests.unit.domain.strategies import repeatable

RULES = Rules(stall_seconds=60, frozen_seconds=45, lag_seconds=30, flap_seconds=40, remind_seconds=300)


def steps() -> st.SearchStrategy[Step]:
    info = st.builds(
        StepInfo,
        processed_records=st.sampled_from((None, 1, 2)),
        dst_rps=st.sampled_from((None, 0.0, 10.0, 100.0)),
        dst_rps_ref=st.just(100.0),
        checkpoint_s=st.sampled_from((None, 1_000, 1_010)),
        sampled_s=st.sampled_from((None, 1_020, 1_050)),
    )
    return st.builds(
        step,
        st.sampled_from(("FULL_TRANSFER", "INCR_TRANSFER", "TRANSFER_APP_SWITCH")),
        st.sampled_from(("RUNNING", "FAILED", "SUSPEND", "MONITORING", "FINISHED")),
        progress=st.sampled_from((None, 0, 40)),
        info=st.none() | info,
    )


@repeatable
@given(st.lists(st.tuples(st.lists(steps(), max_size=3), st.integers(1, 90)), min_size=1, max_size=5))
def test_judging_only_at_those_moments_tells_the_same_as_judging_every_5_seconds(
    answers: Sequence[tuple[list[Step], int]],
) -> None:
    patient, eager = Watch(rules=RULES), Watch(rules=RULES)
    now = NOW
    for answer, looks in answers:
        due: int | None = now
        for _ in range(looks):
            now += 5 * SECOND
            current = snapshot(*answer, at=now)
            eager.now = patient.now = now
            eager.look(current)
            if due is not None and due <= now:
                patient.look(current)
                live = list(patient.live.values())
                due = recheck_at(current, patient.memory, live, RULES, now=now)
            assert patient.previous
            patient.previous = snapshot(*patient.previous.steps, at=now)
    assert [(one.kind, one.step, one.observed_at) for one in patient.told] == [
        (one.kind, one.step, one.observed_at) for one in eager.told
    ]


def test_where_nothing_can_come_of_waiting_there_is_no_such_moment() -> None:
    done = snapshot(step("FULL_TRANSFER", "FINISHED", progress=100))
    assert recheck_at(done, Watch().memory, (), RULES, now=NOW) is None


def test_a_stall_is_looked_for_when_it_is_due() -> None:
    watch = Watch(rules=RULES)
    watch.see(step("FULL_TRANSFER", progress=3))
    assert watch.previous
    at = recheck_at(watch.previous, watch.memory, (), RULES, now=watch.now)
    assert at == watch.now + MINUTE < NOW + HOUR
