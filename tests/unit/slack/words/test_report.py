from dataclasses import replace

import pytest

from omsbot.domain.events import EventKind
from omsbot.domain.project.completion import Failure, Report, Verified
from omsbot.slack.kit.spans import to_mrkdwn
from omsbot.slack.words.report import report_lines
from tests.unit.slack.samples import FULL, HOUR, INDEX, MINUTE, NOW, REPORT, checked, completed, event


def told(**other: object) -> list[str]:
    found: Report = replace(REPORT, **other)  # type: ignore[arg-type]
    return [to_mrkdwn(line) for line in report_lines(found)]


def test_a_report_tells_time_rates_verification_failures_and_pauses() -> None:
    lines = told()
    assert lines[0].startswith("Took 5 h · from <!date^")
    assert lines[1:6] == [
        "• Precheck: 1 min",
        "• Full migration: 3 h · 86,400,000 rows · mean 8,000, peak 11,300 rows/s",
        "• Incremental synchronization: 1 h",
        "• Full verification: 30 min · 86,400,000 rows · mean 48,000 rows/s",
        "Verification: no row differs · 86,400,000 rows compared",
    ]
    assert lines[6] == "Failures: 2, 14 min in all"
    assert lines[7].endswith("for 14 min · CONNECTOR-FULL0007")
    assert lines[8].endswith("briefly")
    assert lines[9:] == ["Paused: 40 min"]


def test_a_report_without_trouble_says_so() -> None:
    lines = told(failures=(), paused_ms=0)
    assert lines[-2:] == ["Failures: none", "Paused: never"]


@pytest.mark.parametrize(
    ("verified", "says"),
    [
        (None, "none; the data has not been compared"),
        (Verified(3, None, finished=True), "3 rows differ"),
        (Verified(1, 7, finished=False), "1 row differs · 7 rows compared"),
        (Verified(0, None, finished=False), "not finished"),
        (Verified(None, None, finished=True), "OMS's steps do not report the result"),
    ],
)
def test_a_report_says_what_verification_found(verified: Verified | None, says: str) -> None:
    assert f"Verification: {says}" in told(verified=verified)


def test_a_long_report_fits_and_counts_what_it_leaves_out() -> None:
    steps = tuple(replace(REPORT.steps[0], key=f"STEP_{n}", took_ms=None) for n in range(200))
    failures = tuple(Failure("FULL_TRANSFER", FULL, NOW - n * MINUTE, HOUR) for n in range(300))
    text = checked(completed(replace(REPORT, steps=steps, failures=failures))).text
    assert "… and 180 more steps" in text
    assert "… and 295 more failures" in text
    assert "duration unknown" in text


def test_a_report_without_times_has_no_total() -> None:
    assert not any(line.startswith("Took") for line in told(began_at=None))


def test_the_report_stands_first_however_much_ended_with_the_migration() -> None:
    others = [event(EventKind.STEP_FINISHED, INDEX)] * 4
    lines = checked(completed(REPORT, *others)).text.split("\n")
    assert "Project completed" in lines[0]
    assert "Took 5 h" in lines[1]
    assert sum("Index migration finished" in one for one in lines) == 4
