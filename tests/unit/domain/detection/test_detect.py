"""What each change of a step tells: every pair of statuses, and what may not be told twice."""

import pytest

from omsbot.domain.events import EventKind
from omsbot.domain.project.project import Step
from tests.builders import MINUTE, NOW, SECOND, Watch, kinds, snapshot, step

APPEARED = EventKind.STEP_APPEARED
VANISHED = EventKind.STEP_VANISHED
STARTED = EventKind.STEP_STARTED
FINISHED = EventKind.STEP_FINISHED
FAILED = EventKind.STEP_FAILED
RECOVERED = EventKind.STEP_RECOVERED
PAUSED = EventKind.STEP_PAUSED
RESUMED = EventKind.STEP_RESUMED
SYNCED = EventKind.STEP_MONITORING
RERUN = EventKind.STEP_RERUN
STRANGE = EventKind.STEP_STATUS_UNKNOWN
WAITING = EventKind.STEP_WAITING

STATUSES = ("absent", "INIT", "RUNNING", "FAILED", "FINISHED", "SUSPEND", "MONITORING", "STOPPING")

# status before -> what is told for each status after, in the order of STATUSES
PAIRS = {
    "absent": (None, APPEARED, APPEARED, FAILED, APPEARED, PAUSED, APPEARED, APPEARED),
    "INIT": (VANISHED, None, STARTED, FAILED, FINISHED, PAUSED, SYNCED, STRANGE),
    "RUNNING": (VANISHED, RERUN, None, FAILED, FINISHED, PAUSED, SYNCED, STRANGE),
    "FAILED": (VANISHED, RERUN, RECOVERED, None, RECOVERED, PAUSED, RECOVERED, STRANGE),
    "FINISHED": (VANISHED, RERUN, RERUN, FAILED, None, PAUSED, SYNCED, STRANGE),
    "SUSPEND": (VANISHED, RERUN, RESUMED, FAILED, FINISHED, None, RESUMED, STRANGE),
    "MONITORING": (VANISHED, RERUN, RERUN, FAILED, FINISHED, PAUSED, None, STRANGE),
    "STOPPING": (VANISHED, RERUN, STARTED, FAILED, FINISHED, PAUSED, SYNCED, None),
}

OTHER = step("PRE_CHECK", "INIT")  # keeps the project from being complete

VERIFIED = step("FULL_VERIFIER", progress=100, finished_at=NOW)
RESTING = step("TRANSFER_APP_SWITCH", progress=0, started_at=NOW)

# status before -> what is told when the step comes to wait for a person
COMES_TO_WAIT = {
    "absent": [WAITING],
    "INIT": [WAITING],
    "RUNNING": [WAITING],
    "FAILED": [RECOVERED, WAITING],
    "FINISHED": [WAITING],
    "SUSPEND": [RESUMED, WAITING],
    "MONITORING": [WAITING],
    "STOPPING": [WAITING],
}
# status after -> what is told when the step waited for a person before
WAITED = {
    "absent": [VANISHED],
    "INIT": [RERUN],
    "FAILED": [FAILED],
    "FINISHED": [FINISHED],
    "SUSPEND": [PAUSED],
    "MONITORING": [SYNCED],
    "STOPPING": [STRANGE],
}


def of(name: str, status: str) -> list[Step]:
    return [] if status == "absent" else [step(name, status, progress=10)]


def watching(*steps: Step) -> Watch:
    watch = Watch()
    watch.see(*steps)
    return watch


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        pytest.param(before, after, told, id=f"{before} to {after}")
        for before, row in PAIRS.items()
        for after, told in zip(STATUSES, row, strict=True)
    ],
)
def test_each_change_of_status_is_told_once(before: str, after: str, told: EventKind | None) -> None:
    watch = watching(OTHER, *of("FULL_TRANSFER", before))
    assert kinds(watch.see(OTHER, *of("FULL_TRANSFER", after))) == [kind for kind in [told] if kind]
    assert watch.see(OTHER, *of("FULL_TRANSFER", after)) == ()


@pytest.mark.parametrize("waiting", [VERIFIED, RESTING], ids=["verification", "switchover"])
@pytest.mark.parametrize(("before", "told"), COMES_TO_WAIT.items(), ids=COMES_TO_WAIT)
def test_a_step_that_comes_to_wait_is_told_once(before: str, told: list[EventKind], waiting: Step) -> None:
    watch = watching(OTHER, *of(waiting.name, before))
    assert sorted(kinds(watch.see(OTHER, waiting))) == sorted(told)
    assert watch.see(OTHER, waiting) == ()


@pytest.mark.parametrize("waiting", [VERIFIED, RESTING], ids=["verification", "switchover"])
@pytest.mark.parametrize(("after", "told"), WAITED.items(), ids=WAITED)
def test_a_step_that_waits_no_more_is_told_once(after: str, told: list[EventKind], waiting: Step) -> None:
    watch = watching(OTHER, waiting)
    assert kinds(watch.see(OTHER, *of(waiting.name, after))) == told
    assert watch.see(OTHER, *of(waiting.name, after)) == ()


def test_a_switchover_that_a_person_begins_is_told_as_started_now() -> None:
    watch = watching(RESTING)
    (told,) = watch.see(step("TRANSFER_APP_SWITCH", progress=5, started_at=NOW))
    assert (told.kind, told.happened_at, told.evidence.since_at) == (STARTED, None, NOW)


def test_a_verification_that_is_run_anew_is_told_and_waits_anew() -> None:
    watch = watching(VERIFIED)
    assert kinds(watch.see(step("FULL_VERIFIER", progress=3))) == [RERUN]
    assert kinds(watch.see(VERIFIED)) == [WAITING]


def test_a_resting_switchover_is_told_once_however_long_it_rests() -> None:
    watch = watching(step("TRANSFER_APP_SWITCH", "INIT"))
    for progress in (0, None, 0, 0):
        watch.see(step("TRANSFER_APP_SWITCH", progress=progress, started_at=NOW), after=60 * MINUTE)
    assert kinds(watch.told) == [WAITING]


@pytest.mark.parametrize(
    "resting",
    [
        pytest.param(step("FULL_VERIFIER", progress=100), id="verified, without a finish time"),
        pytest.param(step("FULL_VERIFIER", progress=99, finished_at=NOW), id="verifying anew"),
        pytest.param(step("FULL_VERIFIER", progress=None, finished_at=NOW), id="progress not known"),
        pytest.param(step("FULL_TRANSFER", progress=100, finished_at=NOW), id="another kind of step"),
    ],
)
def test_a_step_that_does_not_wait_is_not_told_as_waiting(resting: Step) -> None:
    assert WAITING not in kinds(watching(step(resting.name, "INIT")).see(resting))


def test_a_word_for_a_status_in_another_case_is_no_change() -> None:
    watch = watching(step("FULL_TRANSFER", "RUNNING"), step("INCR_TRANSFER", "FAILED"))
    assert watch.see(step("FULL_TRANSFER", "running"), step("INCR_TRANSFER", "Failed")) == ()


def test_each_unknown_status_is_told() -> None:
    watch = watching(OTHER, step("FULL_TRANSFER"))
    told = [watch.see(OTHER, step("FULL_TRANSFER", status)) for status in ("STOPPING", "STOPPED", "STOPPED")]
    assert [kinds(events) for events in told] == [[STRANGE], [STRANGE], []]


def test_counters_progress_and_texts_tell_nothing() -> None:
    watch = watching(OTHER, step("FULL_TRANSFER", order=2, progress=1))
    assert watch.see(OTHER, step("FULL_TRANSFER", order=3, progress=2, message="an old warning")) == ()


def test_twins_are_told_apart_by_their_order() -> None:
    watch = watching(OTHER, step("NEW", "RUNNING", order=2), step("NEW", "INIT", order=5))
    told = watch.see(OTHER, step("NEW", "FINISHED", order=2), step("NEW", "RUNNING", order=5))
    assert [(one.kind, one.step) for one in told] == [(FINISHED, "NEW"), (STARTED, "NEW#2")]


def test_a_step_named_like_the_key_of_a_twin_is_not_mistaken_for_it() -> None:
    names = ("NEW", "NEW", "NEW#2")
    watch = watching(OTHER, *(step(name) for name in names))
    told = watch.see(OTHER, *(step(name, "FAILED") for name in names))
    assert len({one.step for one in told}) == 3


def test_a_step_that_is_put_in_between_shifts_nothing() -> None:
    watch = watching(step("PRE_CHECK", "FINISHED", order=1), step("FULL_TRANSFER", "INIT", order=2))
    told = watch.see(
        step("PRE_CHECK", "FINISHED", order=1),
        step("STRUCT_TRANSFER", "INIT", order=2),
        step("FULL_TRANSFER", "INIT", order=3),
    )
    assert [(one.kind, one.step) for one in told] == [(APPEARED, "STRUCT_TRANSFER")]


def test_an_event_shows_the_step_before_and_after() -> None:
    before, after = step("FULL_TRANSFER", progress=40), step("FULL_TRANSFER", "FAILED", progress=43)
    (told,) = watching(before).see(after)
    assert (told.evidence.before, told.evidence.after, told.observed_at) == (before, after, NOW + 20 * SECOND)


@pytest.mark.parametrize(
    ("status", "at"),
    [
        pytest.param("RUNNING", NOW, id="started"),
        pytest.param("FINISHED", NOW + SECOND, id="finished"),
        pytest.param("MONITORING", NOW + SECOND, id="caught up"),
        pytest.param("SUSPEND", None, id="paused"),
        pytest.param("STOPPING", None, id="unknown status"),
    ],
)
def test_an_event_happened_when_oms_says_if_it_says(status: str, at: int | None) -> None:
    watch = watching(OTHER, step("INCR_TRANSFER", "INIT"))
    (told,) = watch.see(
        OTHER, step("INCR_TRANSFER", status, started_at=NOW, finished_at=NOW + SECOND, failed_at=NOW - MINUTE)
    )
    assert told.happened_at == at


def test_empty_answers_tell_only_what_vanished_and_came() -> None:
    watch = Watch()
    assert watch.see() == ()
    assert watch.see() == ()
    assert kinds(watch.see(step("FULL_TRANSFER"))) == [APPEARED]
    assert kinds(watch.see()) == [VANISHED]
    assert watch.live == {}


def test_a_failed_step_that_vanishes_leaves_no_condition() -> None:
    watch = watching(OTHER, step("FULL_TRANSFER", "FAILED"))
    assert kinds(watch.see(OTHER)) == [VANISHED]
    assert watch.live == {}


def test_a_server_time_in_the_answer_changes_nothing_that_is_told() -> None:
    watch = watching(step("FULL_TRANSFER"))
    assert watch.look(snapshot(step("FULL_TRANSFER"), at=watch.now, server_at=NOW - 60 * MINUTE)) == ()
