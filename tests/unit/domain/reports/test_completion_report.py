from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omsbot.domain.events import Event, EventKind, Evidence
from omsbot.domain.project.completion import Report, Verified
from omsbot.domain.project.project import Step, StepInfo
from omsbot.domain.project.samples import Sample
from omsbot.domain.reports.completion_report import report
from tests.builders import HOUR, MINUTE, NOW, SECOND, Watch, snapshot, step
from tests.unit.domain.strategies import looks, repeatable

FULL, INDEX = "FULL_TRANSFER", "INDEX_TRANSFER"


def finished(name: str, began: int, ended: int, info: StepInfo | None = None) -> Step:
    done = step(name, "FINISHED", progress=100, started_at=NOW + began, finished_at=NOW + ended)
    return replace(done, info=info)


COPIED = finished(FULL, MINUTE, 2 * HOUR + MINUTE, StepInfo(processed_records=7_200_000, capacity=7_200_000))
DONE = snapshot(
    finished("TRANSFER_PRECHECK", 0, MINUTE),
    COPIED,
    finished("FULL_VERIFIER", 2 * HOUR, 3 * HOUR, StepInfo(processed_records=7_200_000, inconsistencies=0)),
    step("REVERSE_INCR_TRANSFER", "INIT"),
    at=NOW + 4 * HOUR,
)


def happened(kind: EventKind, after: int, name: str = FULL, *, since: int | None = None) -> Event:
    began = NOW + (after if since is None else since)
    return Event(kind, NOW + after, name, evidence=Evidence(after=step(name, code="CM-1"), since_at=began))


def told(*events: Event, samples: Sequence[Sample] = ()) -> Report:
    return report(DONE, events, samples)


def lasted(*events: Event) -> list[tuple[int, int | None]]:
    """(when each failure began, how long it lasted), after NOW."""
    return [(one.at - NOW, one.lasted_ms) for one in told(*events).failures]


def test_each_step_that_began_has_its_time_and_the_whole_has_the_sum() -> None:
    found = told()
    assert [(one.key, one.took_ms) for one in found.steps] == [
        ("TRANSFER_PRECHECK", MINUTE),
        (FULL, 2 * HOUR),
        ("FULL_VERIFIER", HOUR),
    ]
    assert (found.began_at, found.ended_at, found.total_ms) == (NOW, NOW + 3 * HOUR, 3 * HOUR)
    assert (found.failures, found.paused_ms) == ((), 0)
    assert found.verified == Verified(inconsistencies=0, rows=7_200_000, finished=True)


def test_a_copy_has_its_rates() -> None:
    samples = [Sample(FULL, NOW + n * MINUTE, rps=rps) for n, rps in enumerate((900.0, 1_400.0, 800.0))]
    copy = told(samples=[*samples, Sample(INDEX, NOW, rps=9_999.0)]).steps[1]
    assert (copy.rows, copy.mean_rps, copy.peak_rps) == (7_200_000, 1_000, 1_400)


def test_where_oms_says_no_rate_it_is_counted() -> None:
    counts = (0, 1_000, 1_100, 5_000)
    samples = [Sample(FULL, NOW + n * 10 * SECOND, records=count) for n, count in enumerate(counts)]
    assert told(samples=samples).steps[1].peak_rps == pytest.approx(390)


def test_without_rows_or_samples_no_rate_is_told() -> None:
    bare = report(snapshot(finished(FULL, 0, HOUR)), [], [])
    assert (bare.steps[0].mean_rps, bare.steps[0].peak_rps, bare.verified) == (None, None, None)


FAILED, RECOVERED = EventKind.STEP_FAILED, EventKind.STEP_RECOVERED
PAUSED, RESUMED = EventKind.STEP_PAUSED, EventKind.STEP_RESUMED

FAILURES = {
    "one": ([happened(FAILED, MINUTE), happened(RECOVERED, 3 * MINUTE)], [(MINUTE, 2 * MINUTE)]),
    "since OMS says": (
        [happened(FAILED, MINUTE, since=30 * SECOND), happened(RECOVERED, 3 * MINUTE)],
        [(30 * SECOND, 150 * SECOND)],
    ),
    "failed again before it recovered": (
        [happened(FAILED, MINUTE), happened(FAILED, 2 * MINUTE), happened(RECOVERED, 5 * MINUTE)],
        [(MINUTE, MINUTE), (2 * MINUTE, 3 * MINUTE)],
    ),
    "told once more": (
        [
            happened(FAILED, MINUTE),
            happened(FAILED, 2 * MINUTE, since=MINUTE),
            happened(RECOVERED, 3 * MINUTE),
        ],
        [(MINUTE, 2 * MINUTE)],
    ),
    "two steps at once": (
        [
            happened(FAILED, MINUTE),
            happened(FAILED, 2 * MINUTE, INDEX),
            happened(RECOVERED, 3 * MINUTE, INDEX),
            happened(RECOVERED, 5 * MINUTE),
        ],
        [(MINUTE, 4 * MINUTE), (2 * MINUTE, MINUTE)],
    ),
    "ended by a new run": (
        [happened(FAILED, MINUTE), happened(EventKind.STEP_RERUN, 2 * MINUTE)],
        [(MINUTE, MINUTE)],
    ),
    "never ended": ([happened(FAILED, HOUR)], [(HOUR, 3 * HOUR)]),
    "between two looks": ([replace(happened(RECOVERED, MINUTE), brief=True)], [(MINUTE, None)]),
}


@pytest.mark.parametrize("case", FAILURES)
def test_a_failure_lasts_until_it_is_over(case: str) -> None:
    events, spans = FAILURES[case]
    assert lasted(*events) == spans
    assert {one.code for one in told(*events).failures} == {"CM-1"}


def test_time_in_which_several_steps_are_paused_counts_once() -> None:
    found = told(
        happened(PAUSED, MINUTE),
        happened(PAUSED, 2 * MINUTE, INDEX),
        happened(RESUMED, 3 * MINUTE),
        happened(RESUMED, 5 * MINUTE, INDEX),
        happened(PAUSED, 10 * MINUTE),
        happened(RESUMED, 11 * MINUTE),
    )
    assert found.paused_ms == 5 * MINUTE
    assert found.failures == ()


def test_what_is_told_of_a_project_as_it_goes_makes_its_report() -> None:
    watch = Watch()
    for status in ("RUNNING", "FAILED", "FAILED", "RUNNING", "SUSPEND", "RUNNING", "FINISHED"):
        watch.see(step(FULL, status), after=MINUTE)
    assert watch.previous is not None
    found = report(watch.previous, watch.told, [])
    assert [one.lasted_ms for one in found.failures] == [2 * MINUTE]
    assert found.paused_ms == MINUTE


@repeatable
@given(looks(), st.booleans())
def test_any_course_has_a_report(answers: Sequence, dated: bool) -> None:  # type: ignore[type-arg]
    watch = Watch()
    for answer in answers:
        watch.now = answer.observed_at
        watch.look(answer)
    last = answers[-1]
    found = report(last, watch.told, [Sample(FULL, NOW, 1, 2, 3.0)] if dated else [])
    failed = sum(one.kind is FAILED or one.brief for one in watch.told)
    assert len(found.failures) <= failed
    assert all((one.lasted_ms or 0) >= 0 for one in found.failures)
    assert found.paused_ms >= 0
    assert (found.total_ms or 0) >= 0
