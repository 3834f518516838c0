"""What no status shows: each condition opens once, lasts in silence, and ends once."""

import pytest

from omsbot.domain.events import Event, EventKind
from omsbot.domain.project.project import Step, StepInfo
from omsbot.domain.thresholds import Rules
from tests.builders import HOUR, MINUTE, NOW, SECOND, Watch, kinds, step

RULES = Rules(stall_seconds=600, slow_ratio=0.2, lag_seconds=300, frozen_seconds=300, remind_seconds=0)
STALLED, MOVING = EventKind.STEP_STALLED, EventKind.STEP_MOVING
SLOW, UP_TO_SPEED = EventKind.STEP_SLOW, EventKind.STEP_UP_TO_SPEED
LAGGING, CAUGHT_UP = EventKind.STEP_LAGGING, EventKind.STEP_CAUGHT_UP
FROZEN, ADVANCING = EventKind.STEP_FROZEN, EventKind.STEP_ADVANCING


def copying(
    records: int, *, name: str = "FULL_TRANSFER", rps: float = 1_000, status: str = "RUNNING"
) -> Step:
    info = StepInfo(processed_records=records, capacity=10**9, dst_rps=rps, dst_rps_ref=1_000)
    return step(name, status, progress=10, info=info)


def syncing(lag_s: int, *, sampled_s: int, status: str = "MONITORING", name: str = "INCR_TRANSFER") -> Step:
    return step(name, status, info=StepInfo(checkpoint_s=sampled_s - lag_s, sampled_s=sampled_s))


def watching(**rules: float) -> Watch:
    return Watch(rules=Rules(**{**{field: getattr(RULES, field) for field in RULES.__slots__}, **rules}))


def told(watch: Watch) -> list[EventKind]:
    return kinds(watch.told)


class TestStalled:
    def test_a_copy_that_stands_still_is_told_once_and_so_is_its_end(self) -> None:
        watch = watching()
        watch.see(copying(1))
        began = watch.now
        for _ in range(60):
            watch.see(copying(1), after=MINUTE)
        watch.see(copying(2), after=MINUTE)
        watch.see(copying(3), after=MINUTE)
        assert told(watch) == [STALLED, MOVING]
        assert watch.told[0].evidence.since_at == began
        assert watch.told[0].observed_at == began + 10 * MINUTE

    @pytest.mark.parametrize(
        "still",
        [
            pytest.param(step("TRANSFER_APP_SWITCH", progress=0), id="a switchover that waits for a person"),
            pytest.param(
                step("FULL_VERIFIER", progress=100, finished_at=NOW),
                id="a verification that waits for a person",
            ),
            pytest.param(
                step("INCR_LOG_PULL", progress=100), id="a log pull, which has no figure that moves"
            ),
            pytest.param(step("FULL_TRANSFER"), id="a step without any figure"),
            pytest.param(step("FULL_TRANSFER", "INIT", progress=0), id="a step that has not begun"),
            pytest.param(step("FULL_TRANSFER", "FINISHED", progress=100), id="a step that is done"),
        ],
    )
    def test_what_rests_is_never_stalled(self, still: Step) -> None:
        watch = watching()
        for _ in range(5):
            watch.see(still, after=HOUR)
        assert STALLED not in told(watch)

    @pytest.mark.parametrize(
        ("name", "minutes"),
        [("FULL_TRANSFER", 10), ("FULL_VERIFIER", 10), ("STRUCT_TRANSFER", 20), ("INDEX_TRANSFER", 60)],
    )
    def test_how_long_a_step_may_stand_still_depends_on_its_kind(self, name: str, minutes: int) -> None:
        watch = watching()
        watch.see(step(name, progress=5))
        watch.see(step(name, progress=5), after=minutes * MINUTE - SECOND)
        assert told(watch) == []
        watch.see(step(name, progress=5), after=SECOND)
        assert told(watch) == [STALLED]

    def test_a_stall_that_ends_with_the_step_is_told_by_the_step(self) -> None:
        watch = watching()
        watch.see(copying(1))
        watch.see(copying(1), after=HOUR)
        watch.see(copying(9, status="FINISHED"))
        assert told(watch)[:2] == [STALLED, EventKind.STEP_FINISHED]
        assert MOVING not in told(watch)

    def test_a_failure_speaks_for_the_stall_before_it(self) -> None:
        watch = watching()
        watch.see(copying(1))
        watch.see(copying(1), after=HOUR)
        watch.see(copying(1, status="FAILED"))
        assert told(watch) == [STALLED, EventKind.STEP_FAILED]
        assert {key[0].value for key in watch.live} == {"failing"}

    def test_a_rule_of_0_is_off(self) -> None:
        watch = watching(stall_seconds=0)
        watch.see(copying(1))
        watch.see(copying(1), after=HOUR)
        assert told(watch) == []


class TestSlow:
    def test_a_rate_far_under_its_reference_is_told_once_and_so_is_its_end(self) -> None:
        watch = watching()
        for minute in range(30):
            watch.see(copying(minute, rps=100), after=MINUTE)
        watch.see(copying(99, rps=900), after=MINUTE)
        assert told(watch) == [SLOW, UP_TO_SPEED]
        assert watch.told[0].level.name == "IMPORTANT"

    def test_a_rate_that_dances_around_the_ratio_is_told_once(self) -> None:
        watch = watching()
        for minute in range(60):
            watch.see(copying(minute, rps=250 if minute % 2 else 150), after=MINUTE)
        assert told(watch) == [SLOW]

    def test_a_short_dip_is_not_told(self) -> None:
        watch = watching()
        for minute in range(60):
            watch.see(copying(minute, rps=100 if minute % 9 else 1_000), after=MINUTE)
        assert told(watch) == []

    def test_without_a_reference_nothing_is_slow(self) -> None:
        watch = watching()
        for minute in range(60):
            info = StepInfo(processed_records=minute, dst_rps=0.1, dst_rps_ref=0)
            watch.see(step("FULL_TRANSFER", info=info), after=MINUTE)
        assert told(watch) == []


class TestLagging:
    def test_a_lag_over_the_threshold_is_told_once_and_so_is_its_end(self) -> None:
        watch = watching()
        for second, lag in enumerate([1, 299, 300, 400, 290, 310, 151, 149, 3]):
            watch.see(syncing(lag, sampled_s=1_000 + 10 * second))
        assert told(watch) == [LAGGING, CAUGHT_UP]
        assert watch.told[0].evidence.threshold_s == 300

    def test_a_lag_that_is_there_at_first_sight_is_told_as_already_so(self) -> None:
        watch = watching()
        (first,) = watch.see(syncing(4_000, sampled_s=9_000))
        assert (first.kind, first.already) == (LAGGING, True)

    def test_while_it_catches_up_its_lag_is_no_trouble(self) -> None:
        watch = watching()
        for minute in range(60):
            watch.see(syncing(7_200 - 100 * minute, sampled_s=60 * minute, status="RUNNING"), after=MINUTE)
        assert told(watch) == []

    def test_a_step_that_does_not_catch_up_any_more_lags(self) -> None:
        watch = watching()
        for minute in range(10):
            watch.see(syncing(7_200 + 30 * minute, sampled_s=60 * minute, status="RUNNING"), after=MINUTE)
        assert told(watch) == [LAGGING]

    def test_an_answer_without_figures_neither_opens_nor_ends_it(self) -> None:
        watch = watching()
        watch.see(syncing(1, sampled_s=1_000))
        watch.see(syncing(400, sampled_s=1_010))
        watch.see(step("INCR_TRANSFER", "MONITORING", info=StepInfo()))
        watch.see(syncing(400, sampled_s=1_030))
        assert told(watch) == [LAGGING]

    def test_after_the_switchover_the_old_direction_may_lag(self) -> None:
        watch = watching()
        done = step("TRANSFER_APP_SWITCH", "FINISHED", progress=100)
        for second in range(3):
            watch.see(
                done,
                syncing(9_999, sampled_s=10_000 + second),
                syncing(1, sampled_s=10_000 + second, name="REVERSE_INCR_TRANSFER"),
            )
        watch.see(
            done,
            syncing(9_999, sampled_s=11_000),
            syncing(999, sampled_s=11_000, name="REVERSE_INCR_TRANSFER"),
        )
        assert [(one.kind, one.step) for one in watch.told] == [(LAGGING, "REVERSE_INCR_TRANSFER")]


class TestFrozen:
    def test_a_checkpoint_that_stands_while_samples_go_on_is_told_once(self) -> None:
        watch = watching(lag_seconds=0)
        for second in range(100):
            info = StepInfo(checkpoint_s=1_000, sampled_s=1_000 + 10 * second)
            watch.see(step("INCR_TRANSFER", "MONITORING", info=info))
        watch.see(syncing(2, sampled_s=2_000))
        watch.see(syncing(2, sampled_s=2_010))
        assert told(watch) == [FROZEN, ADVANCING]

    def test_a_sample_that_stands_is_told_too(self) -> None:
        watch = watching()
        for _ in range(100):
            watch.see(syncing(2, sampled_s=1_000))
        assert told(watch) == [FROZEN]
        assert watch.told[0].observed_at - (watch.told[0].evidence.since_at or 0) == 300 * SECOND

    def test_a_checkpoint_that_stood_during_a_failure_gets_its_time_again(self) -> None:
        watch = watching()
        watch.see(syncing(2, sampled_s=1_000))
        for _ in range(100):
            watch.see(syncing(2, sampled_s=1_000, status="FAILED"))
        watch.see(syncing(2, sampled_s=1_000, status="RUNNING"))
        assert FROZEN not in told(watch)

    def test_reaching_monitoring_does_not_excuse_it(self) -> None:
        watch = watching()
        watch.see(syncing(2, sampled_s=1_000, status="RUNNING"))
        watch.see(syncing(2, sampled_s=1_000), after=200 * SECOND)
        watch.see(syncing(2, sampled_s=1_000), after=100 * SECOND)
        assert told(watch) == [EventKind.STEP_MONITORING, FROZEN]


class TestReminders:
    def test_what_goes_on_is_told_again_at_the_chosen_interval(self) -> None:
        watch = watching(remind_seconds=3_600)
        watch.see(copying(1))
        for _ in range(20):
            watch.see(copying(1), after=10 * MINUTE)
        assert told(watch) == [STALLED] * 4
        assert [event.reminder for event in watch.told] == [False, True, True, True]
        assert {event.evidence.since_at for event in watch.told} == {NOW + 10 * SECOND}

    def test_a_pause_is_counted_down_to_the_hour_at_which_it_is_lost(self) -> None:
        watch = watching(remind_seconds=3_600)
        paused = step("FULL_TRANSFER", "SUSPEND", progress=40)
        watch.see(step("FULL_TRANSFER", progress=40))
        watch.see(paused)
        began = watch.now
        for _ in range(13 * 60):
            watch.see(paused, after=MINUTE)
        watch.see(step("FULL_TRANSFER", progress=40), after=MINUTE)
        at = [(event.observed_at - began) // MINUTE for event in watch.told if event.reminder]
        assert at == [60, 360, 600, 660, 705]
        assert told(watch) == [EventKind.STEP_PAUSED] * 6 + [EventKind.STEP_RESUMED]

    def test_of_several_paused_steps_one_counts_down(self) -> None:
        watch = watching()
        watch.see(step("A", "SUSPEND"), step("B", "SUSPEND"))
        for _ in range(11):
            watch.see(step("A", "SUSPEND"), step("B", "SUSPEND"), after=HOUR)
        assert {event.step for event in watch.told if event.reminder} == {"A"}

    def test_after_a_long_absence_one_reminder_stands_for_those_missed(self) -> None:
        watch = watching()
        watch.see(step("A", "SUSPEND"))
        watch.see(step("A", "SUSPEND"), after=10 * HOUR + MINUTE)
        watch.see(step("A", "SUSPEND"), after=MINUTE)
        assert len([event for event in watch.told if event.reminder]) == 1

    def test_a_switchover_may_wait_as_long_as_it_likes(self) -> None:
        watch = watching(remind_seconds=60)
        ready = step("TRANSFER_APP_SWITCH", progress=0)
        for _ in range(10):
            watch.see(ready, after=HOUR)
        assert told(watch) == [EventKind.STEP_WAITING]


class TestFlapping:
    @staticmethod
    def failed(code: str = "CM-1") -> Step:
        return step("FULL_TRANSFER", "FAILED", progress=10, code=code)

    @staticmethod
    def well() -> Step:
        return step("FULL_TRANSFER", progress=10, code="CM-1")

    def flap(self, watch: Watch, times: int) -> list[Event]:
        watch.see(self.well())
        for _ in range(times):
            watch.see(self.failed(), after=20 * SECOND)
            watch.see(self.well(), after=20 * SECOND)
        return watch.told

    def test_the_first_failure_and_its_end_are_told_at_once(self) -> None:
        assert kinds(self.flap(watching(), 1)) == [EventKind.STEP_FAILED, EventKind.STEP_RECOVERED]

    def test_a_series_of_failures_is_one_alert_with_a_count(self) -> None:
        watch = watching(flap_seconds=120, stall_seconds=0)
        self.flap(watch, 7)
        watch.see(self.well(), after=119 * SECOND)
        assert kinds(watch.told) == [EventKind.STEP_FAILED, EventKind.STEP_RECOVERED, EventKind.STEP_FLAPPING]
        watch.see(self.well(), after=SECOND)
        assert watch.told[-1].kind is EventKind.STEP_STEADY
        assert watch.told[-1].evidence.count == 7
        assert watch.live == {}

    def test_one_more_failure_is_told_when_it_has_been_well_for_the_whole_watch(self) -> None:
        watch = watching(flap_seconds=120, stall_seconds=0)
        self.flap(watch, 2)
        watch.see(self.well(), after=120 * SECOND)
        assert kinds(watch.told[2:]) == [EventKind.STEP_STEADY]
        assert watch.told[-1].evidence.count == 2

    def test_a_single_failure_is_forgotten_in_silence(self) -> None:
        watch = watching(flap_seconds=120, stall_seconds=0)
        self.flap(watch, 1)
        watch.see(self.well(), after=HOUR)
        assert len(watch.told) == 2
        assert watch.live == {}

    def test_a_failure_that_lasts_is_told_after_all(self) -> None:
        watch = watching(flap_seconds=120)
        self.flap(watch, 1)
        watch.see(self.failed(), after=20 * SECOND)
        since = watch.now
        watch.see(self.failed(), after=119 * SECOND)
        assert len(watch.told) == 2
        (told_now,) = watch.see(self.failed(), after=SECOND)
        assert (told_now.kind, told_now.evidence.since_at) == (EventKind.STEP_FAILED, since)
        assert kinds(watch.see(self.well())) == [EventKind.STEP_RECOVERED]

    def test_a_flapping_step_that_stays_failed_is_told_too(self) -> None:
        watch = watching(flap_seconds=120)
        self.flap(watch, 3)
        assert EventKind.STEP_FLAPPING in told(watch)
        watch.see(self.failed(), after=20 * SECOND)
        watch.see(self.failed(), after=120 * SECOND)
        assert told(watch)[-1] is EventKind.STEP_FAILED

    def test_another_error_is_news(self) -> None:
        watch = watching(flap_seconds=120)
        self.flap(watch, 1)
        assert kinds(watch.see(self.failed("CM-2"))) == [EventKind.STEP_FAILED]

    def test_a_counted_failure_that_ends_in_success_leaves_that_to_be_told(self) -> None:
        watch = watching(flap_seconds=120)
        self.flap(watch, 1)
        watch.see(self.failed())
        told_now = kinds(watch.see(step("FULL_TRANSFER", "FINISHED", progress=100)))
        assert told_now == [EventKind.STEP_FINISHED, EventKind.PROJECT_COMPLETED]

    def test_with_the_rule_off_each_failure_is_told(self) -> None:
        both = [EventKind.STEP_FAILED, EventKind.STEP_RECOVERED]
        assert kinds(self.flap(watching(flap_seconds=0), 3)) == both * 3
