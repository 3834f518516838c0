"""Hard cases of what lasts: answers with gaps, failures faster than the looks, ends that are none."""

import pytest

from omsbot.domain.detection.conditions import ConditionKind
from omsbot.domain.events import EventKind
from omsbot.domain.project.project import Step, StepInfo
from omsbot.domain.thresholds import Rules
from tests.builders import HOUR, MINUTE, NOW, SECOND, Watch, kinds, step
from tests.unit.domain.detection.test_lasting import copying, syncing, told, watching

FULL, INCR = "FULL_TRANSFER", "INCR_TRANSFER"
SWITCHED = step("TRANSFER_APP_SWITCH", "FINISHED", progress=100)


def failed(failed_at: int, code: str = "CM-1", name: str = FULL) -> Step:
    return step(name, "FAILED", progress=10, code=code, failed_at=failed_at)


def well(failed_at: int, code: str = "CM-1") -> Step:
    return step(FULL, progress=10, code=code, failed_at=failed_at)


class TestAnswersWithGaps:
    @pytest.mark.parametrize(
        "gap",
        [
            pytest.param(step(FULL, progress=10), id="no info"),
            pytest.param(step(FULL, info=StepInfo(processed_records=1)), id="no progress"),
            pytest.param(step(FULL), id="no figure at all"),
        ],
    )
    def test_an_answer_without_figures_neither_ends_a_stall_nor_hides_one(self, gap: Step) -> None:
        watch = watching()
        watch.see(copying(1))
        watch.see(gap, after=5 * MINUTE)
        watch.see(copying(1), after=5 * MINUTE)
        watch.see(gap, after=MINUTE)
        watch.see(copying(1), after=MINUTE)
        assert told(watch) == [EventKind.STEP_STALLED]
        watch.see(copying(2), after=MINUTE)
        assert told(watch) == [EventKind.STEP_STALLED, EventKind.STEP_MOVING]

    def test_figures_that_are_seen_in_every_second_answer_still_move(self) -> None:
        watch = watching()
        for number in range(60):
            watch.see(
                step(FULL, info=StepInfo(processed_records=number) if number % 2 else None), after=MINUTE
            )
        assert told(watch) == []

    def test_an_answer_without_a_rate_neither_ends_slowness_nor_hides_it(self) -> None:
        watch = watching()
        for minute in range(30):
            watch.see(copying(minute, rps=100) if minute % 4 else step(FULL), after=MINUTE)
        assert told(watch) == [EventKind.STEP_SLOW]

    def test_a_start_time_that_comes_late_or_is_left_out_begins_nothing_anew(self) -> None:
        watch = watching()
        for number in range(12):
            watch.see(step(FULL, progress=10, started_at=NOW if number % 2 else None), after=MINUTE)
        assert told(watch) == [EventKind.STEP_STALLED]


class TestEndsThatAreNone:
    def test_a_lag_that_the_switchover_leaves_behind_was_not_caught_up(self) -> None:
        watch = watching()
        watch.see(step("TRANSFER_APP_SWITCH", progress=50), syncing(9, sampled_s=1_000))
        watch.see(step("TRANSFER_APP_SWITCH", progress=50), syncing(400, sampled_s=1_010))
        watch.see(SWITCHED, syncing(500, sampled_s=1_020))
        assert EventKind.STEP_LAGGING in told(watch)
        assert EventKind.STEP_CAUGHT_UP not in told(watch)
        assert watch.live == {}

    def test_a_checkpoint_that_the_switchover_leaves_behind_did_not_advance(self) -> None:
        watch = watching(lag_seconds=0)
        for _ in range(2):
            watch.see(step("TRANSFER_APP_SWITCH", progress=50), syncing(9, sampled_s=1_000), after=5 * MINUTE)
        watch.see(SWITCHED, syncing(9, sampled_s=1_000))
        assert EventKind.STEP_FROZEN in told(watch)
        assert EventKind.STEP_ADVANCING not in told(watch)

    @pytest.mark.parametrize(
        ("off", "still"),
        [
            ("stall_seconds", copying(1)),
            ("slow_ratio", copying(1, rps=10)),
            ("lag_seconds", syncing(400, sampled_s=1_000)),
            ("frozen_seconds", syncing(1, sampled_s=1_000)),
        ],
    )
    def test_a_rule_that_was_switched_off_ends_its_conditions_in_silence(self, off: str, still: Step) -> None:
        watch = watching()
        watch.see(still)
        watch.see(still, after=HOUR)
        opened = told(watch)
        assert opened
        watch.rules = Rules(
            **{field: getattr(watch.rules, field) for field in Rules.__slots__ if field != off}, **{off: 0}
        )
        watch.see(still, after=SECOND)
        assert told(watch) == opened


class TestFasterThanTheLooks:
    def test_failures_that_only_their_time_tells_apart_are_one_alert_with_a_count(self) -> None:
        watch = Watch()
        watch.see(well(0))
        for _ in range(30):
            watch.see(failed(watch.now + 5 * SECOND))
        assert told(watch) == [EventKind.STEP_FAILED, EventKind.STEP_FLAPPING]
        last = watch.now
        watch.see(well(last))
        watch.see(well(last), after=2 * MINUTE)
        assert told(watch)[2:] == [EventKind.STEP_RECOVERED, EventKind.STEP_STEADY]
        assert watch.told[-1].evidence.count == 30

    def test_a_failure_anew_after_a_long_time_is_told_and_so_is_one_of_another_error(self) -> None:
        watch = Watch()
        watch.see(failed(NOW))
        watch.see(failed(NOW + HOUR), after=HOUR)
        watch.see(failed(NOW + HOUR + 9 * SECOND, code="CM-2"))
        assert told(watch) == [EventKind.STEP_FAILED] * 3

    def test_failures_that_no_look_saw_are_one_alert_with_a_count(self) -> None:
        watch = Watch()
        watch.see(well(0))
        for _ in range(30):
            watch.see(well(watch.now + 5 * SECOND))
        assert told(watch) == [EventKind.STEP_RECOVERED, EventKind.STEP_FLAPPING]
        last = watch.now - 5 * SECOND
        watch.see(well(last), after=2 * MINUTE)
        assert told(watch)[2:] == [EventKind.STEP_STEADY]
        assert watch.told[-1].evidence.count == 30

    def test_a_reminder_waits_its_time_after_a_failure_that_was_told_anew(self) -> None:
        watch = watching(remind_seconds=3_600)
        watch.see(failed(NOW))
        watch.see(failed(NOW + 50 * MINUTE), after=50 * MINUTE)
        assert watch.see(failed(NOW + 50 * MINUTE), after=59 * MINUTE) == ()
        (reminder,) = watch.see(failed(NOW + 50 * MINUTE), after=MINUTE)
        assert reminder.reminder

    def test_a_lag_is_told_once_however_often_the_step_fails_meanwhile(self) -> None:
        watch = watching(flap_seconds=120)
        watch.see(syncing(1, sampled_s=1_000))
        for number in range(6):
            watch.see(syncing(400, sampled_s=2_000 + number))
            watch.see(failed(0, name=INCR))
        assert kinds([one for one in watch.told if one.kind is EventKind.STEP_LAGGING]) == [
            EventKind.STEP_LAGGING
        ]
        assert (ConditionKind.LAGGING, INCR) in watch.live
        watch.see(syncing(1, sampled_s=3_000))
        assert EventKind.STEP_CAUGHT_UP in told(watch)
