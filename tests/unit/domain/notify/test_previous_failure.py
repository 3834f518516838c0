from omsbot.domain.events import EventKind
from omsbot.domain.notify.compose import Pending, compose
from omsbot.domain.notify.previous_failure import failures
from tests.builders import MINUTE, NOW, event


def test_the_failures_shown_in_full_are_dated_by_the_first_of_each_step() -> None:
    pending = [
        Pending(1, event(at=NOW + MINUTE), holds=True),
        Pending(2, event(at=NOW), holds=True),
        Pending(3, event(name="INDEX_TRANSFER", at=NOW), holds=True),
        Pending(4, event(name="INCR_TRANSFER", at=NOW), holds=True),
        Pending(5, event(EventKind.STEP_STARTED, "TRANSFER_PRECHECK")),
    ]
    assert failures(compose(pending)) == {"FULL_TRANSFER": NOW, "INDEX_TRANSFER": NOW}


def test_what_is_no_failure_of_a_step_asks_for_no_past() -> None:
    pending = [Pending(1, event(EventKind.PROJECT_GONE, None)), Pending(2, event(EventKind.STEP_RECOVERED))]
    assert failures(compose(pending)) == {}
