"""What holds of detection for any answers in any order."""

from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from omsbot.db.codec import dump_snapshot, dump_watch, load_snapshot, load_watch
from omsbot.domain.detection.conditions import Condition, ConditionKind
from omsbot.domain.detection.detect import detect
from omsbot.domain.detection.findings import Cleared
from omsbot.domain.detection.judgements import holding
from omsbot.domain.events import Event, EventKind
from omsbot.domain.memory.step_memory import Watch as Memory
from omsbot.domain.project.phase import project_state
from omsbot.domain.project.project import Snapshot, Step
from omsbot.domain.thresholds import Rules
from tests.builders import NOW, SECOND, Watch, snapshot
from tests.unit.domain.strategies import looks, repeatable, strange_conditions, strange_steps

# two events of one step in one look, where both are news
TWO_FACTS = [
    {EventKind.STEP_RECOVERED, EventKind.STEP_WAITING},
    {EventKind.STEP_RESUMED, EventKind.STEP_WAITING},
]


def follow(answers: Sequence[Snapshot], restarts: Sequence[bool] = ()) -> Watch:
    """Look at each answer; after those marked as a restart the watch is made anew from what is stored."""
    watch = Watch()
    for number, answer in enumerate(answers):
        watch.now = answer.observed_at
        watch.look(answer)
        if number < len(restarts) and restarts[number]:
            stored = load_snapshot(dump_snapshot(answer))
            watch = Watch(
                stored,
                {key: watch.live[key] for key in reversed(watch.live)},
                watch.now,
                watch.told,
                memory=load_watch(dump_watch(watch.memory)),
            )
    return watch


@repeatable
@given(looks())
def test_conditions_open_once_end_once_and_are_what_holds(answers: Sequence[Snapshot]) -> None:
    watch = Watch()
    for answer in answers:
        watch.now = answer.observed_at
        watch.look(answer)  # fails where a condition opens twice or ends without being open
        assert {key for key in watch.live if key[0] is not ConditionKind.FLAPPING} == watch.holding()


@repeatable
@given(looks(), st.lists(st.booleans(), max_size=6))
def test_restarts_in_between_change_nothing_that_is_told(
    answers: Sequence[Snapshot], restarts: Sequence[bool]
) -> None:
    assert follow(answers, restarts).told == follow(answers).told


@repeatable
@given(looks())
def test_the_same_answer_again_tells_nothing(answers: Sequence[Snapshot]) -> None:
    watch = follow(answers)
    again = Snapshot(answers[-1].steps, observed_at=watch.now + SECOND)
    assert watch.look(again) == ()


@repeatable
@given(looks())
def test_no_fact_is_told_twice_in_one_look(answers: Sequence[Snapshot]) -> None:
    watch = Watch()
    for answer in answers:
        watch.now = answer.observed_at
        events = watch.look(answer)
        of_step = Counter(event.step for event in events if not event.brief)
        for key in (key for key, count in of_step.items() if count > 1):
            assert {event.kind for event in events if event.step == key and not event.brief} in TWO_FACTS
        brief = Counter(event.step for event in events if event.brief)
        assert all(count == 1 for count in brief.values())


@repeatable
@given(looks())
def test_failures_and_recoveries_alternate_for_every_step(answers: Sequence[Snapshot]) -> None:
    watch, failing = Watch(), set[str | None]()
    for answer in answers:
        watch.now = answer.observed_at
        for event in watch.look(answer):
            if event.kind is EventKind.STEP_RECOVERED and not event.brief:
                assert event.step in failing
        failing = {key for key, step in answer.by_key().items() if step.failed}


@repeatable
@given(looks())
def test_findings_come_in_order_of_time_and_completion_last(answers: Sequence[Snapshot]) -> None:
    for previous, current in zip([None, *answers], answers, strict=False):
        now = current.observed_at
        events = [one.event for one in detect(previous, current, (), now=now) if one.event]
        listed = [event for event in events if event.kind is not EventKind.PROJECT_COMPLETED]
        assert [event.kind for event in events[len(listed) :]] in ([], [EventKind.PROJECT_COMPLETED])
        times = [_time(event, now) for event in listed]
        assert times == sorted(times)


@repeatable
@given(looks())
def test_a_baseline_tells_what_is_wrong_as_already_so_and_nothing_else(answers: Sequence[Snapshot]) -> None:
    first = answers[0]
    events = [one.event for one in detect(None, first, (), now=NOW) if one.event]
    assert {event.step for event in events} == {key for _, key in _holding(first)}
    assert all(event.already and not event.late for event in events)
    assert detect(snapshot(), snapshot(), (), now=NOW) == ()


@repeatable
@given(
    st.none() | st.lists(strange_steps(), max_size=4),
    st.lists(strange_steps(), max_size=4),
    st.lists(strange_conditions(), max_size=3),
    st.integers(),
)
def test_nothing_that_the_types_allow_is_too_strange_to_judge(
    before: list[Step] | None, after: list[Step], live: list[Condition], now: int
) -> None:
    previous = None if before is None else snapshot(*before)
    current = snapshot(*after)
    found = detect(previous, current, live, now=now)
    assert project_state(current).phase
    cleared = [finding.condition.key for finding in found if isinstance(finding, Cleared)]
    assert len(set(cleared)) == len(cleared)
    assert set(cleared) <= {condition.key for condition in live} - _holding(current)


def _holding(one: Snapshot) -> set[tuple[ConditionKind, str]]:
    return set(holding(one, Memory(), (), Rules(), now=one.observed_at))


def _time(event: Event, now: int) -> int:
    return now if event.happened_at is None else min(event.happened_at, now)
