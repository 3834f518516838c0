"""Figures that are kept of a step's way, and how they are thinned with age."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omsbot.domain.project.project import Step, StepInfo
from omsbot.domain.project.samples import DAY_MS, HOUR_MS, KEPT_MS, Sample, samples_of, thinned
from tests.builders import MINUTE, NOW, SECOND, snapshot, step
from tests.unit.domain.strategies import repeatable

COPIED = StepInfo(processed_records=5_000, dst_rps=800.0, src_rps=900.0)
BEHIND = StepInfo(checkpoint_s=1_700_000_000, sampled_s=1_700_000_042)


def with_info(name: str, status: str, info: StepInfo | None, progress: int | None = None) -> Step:
    return replace(step(name, status, progress=progress), info=info)


TAKEN = {
    "a copy that runs": (
        with_info("FULL_TRANSFER", "RUNNING", COPIED, 40),
        Sample("FULL_TRANSFER", NOW, 40, 5_000, 800.0),
    ),
    "a copy that failed": (
        with_info("FULL_TRANSFER", "FAILED", COPIED, 40),
        Sample("FULL_TRANSFER", NOW, 40, 5_000, 800.0),
    ),
    "a schema that runs": (step("STRUCT_TRANSFER", progress=7), Sample("STRUCT_TRANSFER", NOW, 7)),
    "an index that runs": (step("INDEX_TRANSFER", progress=7), Sample("INDEX_TRANSFER", NOW, 7)),
    "a verification by its own count": (
        with_info("FULL_VERIFIER", "RUNNING", StepInfo(validated=9)),
        Sample("FULL_VERIFIER", NOW, records=9),
    ),
    "rows read where none written are said": (
        with_info("FULL_TRANSFER", "RUNNING", StepInfo(src_rps=900.0, dst_rps=float("nan"))),
        Sample("FULL_TRANSFER", NOW, rps=900.0),
    ),
    "a stream that follows": (
        with_info("INCR_TRANSFER", "MONITORING", BEHIND, 100),
        Sample("INCR_TRANSFER", NOW, lag_s=42),
    ),
    "a stream that catches up, back from the target": (
        with_info("REVERSE_INCR_TRANSFER", "RUNNING", BEHIND),
        Sample("REVERSE_INCR_TRANSFER", NOW, lag_s=42),
    ),
}


@pytest.mark.parametrize(("one", "sample"), TAKEN.values(), ids=TAKEN)
def test_a_step_that_moves_or_follows_gives_its_figures(one: Step, sample: Sample) -> None:
    assert samples_of(snapshot(one)) == (sample,)


NOT_TAKEN = {
    "a copy that is done": with_info("FULL_TRANSFER", "FINISHED", COPIED, 100),
    "a copy that rests": with_info("FULL_TRANSFER", "SUSPEND", COPIED, 40),
    "a copy that has not begun": with_info("FULL_TRANSFER", "INIT", COPIED, 0),
    "a copy without a figure": step("FULL_TRANSFER"),
    "a verification that waits for a person": step("FULL_VERIFIER", progress=100, finished_at=NOW),
    "a stream that failed": with_info("INCR_TRANSFER", "FAILED", BEHIND),
    "a stream without a figure": step("INCR_TRANSFER", "MONITORING"),
    "a log pull": with_info("INCR_LOG_PULL", "RUNNING", BEHIND, 10),
    "a precheck": step("PRE_CHECK", progress=50),
}


@pytest.mark.parametrize("one", NOT_TAKEN.values(), ids=NOT_TAKEN)
def test_any_other_step_gives_none(one: Step) -> None:
    assert samples_of(snapshot(one)) == ()


def test_twins_are_told_apart_by_their_keys() -> None:
    found = samples_of(snapshot(step("FULL_TRANSFER", progress=1), step("FULL_TRANSFER", progress=2)))
    assert [(one.step, one.progress) for one in found] == [("FULL_TRANSFER", 1), ("FULL_TRANSFER#2", 2)]


def each(width: int, since: int, until: int = NOW) -> list[Sample]:
    return [Sample("A", at, 1) for at in range(since, until, width)]


KEPT = {
    "every 10 s within the hour": (each(SECOND, NOW - HOUR_MS), 360),
    "every minute within the day": (each(10 * SECOND, NOW - DAY_MS, NOW - HOUR_MS), 23 * 60),
    "every 10 min within 30 days": (each(MINUTE, NOW - KEPT_MS, NOW - DAY_MS), 29 * 24 * 6),
    "nothing after 30 days": (each(MINUTE, NOW - KEPT_MS - DAY_MS, NOW - KEPT_MS), 0),
}


@pytest.mark.parametrize(("samples", "number"), KEPT.values(), ids=KEPT)
def test_samples_are_kept_the_sparser_the_older_they_are(samples: list[Sample], number: int) -> None:
    assert abs(len(thinned(samples, NOW)) - number) <= 1


def test_the_steps_are_thinned_each_by_itself_and_come_out_in_order() -> None:
    samples = [Sample("B", NOW - 1, 1), Sample("A", NOW - 1, 1), Sample("A", NOW - 2, 1)]
    assert thinned(samples, NOW) == (Sample("A", NOW - 2, 1), Sample("B", NOW - 1, 1))


AGES = st.lists(
    st.integers(0, 2 * HOUR_MS) | st.integers(0, 2 * DAY_MS) | st.integers(0, KEPT_MS + DAY_MS), max_size=60
)


@given(ages=AGES, later=st.integers(0, 2 * DAY_MS))
@repeatable
def test_thinning_now_and_again_later_keeps_what_thinning_later_keeps(ages: list[int], later: int) -> None:
    samples = [Sample("A", NOW - age, 1) for age in set(ages)]
    assert thinned(thinned(samples, NOW), NOW) == thinned(samples, NOW)
    assert thinned(thinned(samples, NOW), NOW + later) == thinned(samples, NOW + later)
