"""The report of a whole migration, a line for each fact, so that it reads on a phone too."""

from collections.abc import Iterator

from omsbot.domain.project.completion import Failure, Report, StepReport, Verified
from omsbot.slack.kit.spans import Date, Line, bold, code, joined, line
from omsbot.slack.kit.text import one_line
from omsbot.slack.kit.units import counted, duration, number
from omsbot.slack.words.status import label
from omsbot.slack.words.step_details import CODE_LIMIT

STEPS_SHOWN = 20
FAILURES_SHOWN = 5


def report_lines(found: Report) -> list[Line]:
    """The report as lines, to go under another message's headline."""
    return [
        *_span(found),
        *map(_step, found.steps[:STEPS_SHOWN]),
        *_more(len(found.steps) - STEPS_SHOWN, "step"),
        *_verified(found.verified),
        *_failures(found.failures),
        line(bold("Paused: "), duration(found.paused_ms) if found.paused_ms else "never"),
    ]


def _span(found: Report) -> Iterator[Line]:
    if found.total_ms is None or found.began_at is None or found.ended_at is None:
        return
    took = line(bold(f"Took {duration(found.total_ms)}"))
    yield joined((took, line("from ", Date(found.began_at), " to ", Date(found.ended_at))))


def _step(one: StepReport) -> Line:
    took = "duration unknown" if one.took_ms is None else duration(one.took_ms)
    return line("• ", joined((f"{label(one.key, one.step)}: {took}", *_pace(one))))


def _pace(one: StepReport) -> Iterator[str]:
    if one.rows is not None:
        yield counted(one.rows, "row")
    rates = (("mean", one.mean_rps), ("peak", one.peak_rps))
    told = [f"{name} {number(rps)}" for name, rps in rates if rps is not None]
    if told:
        yield f"{', '.join(told)} rows/s"


def _verified(found: Verified | None) -> Iterator[Line]:
    head = bold("Verification: ")
    if found is None:
        yield line(head, "none; the data has not been compared")
        return
    compared = f"{counted(found.rows, 'row')} compared" if found.rows is not None else None
    yield line(head, joined((_result(found), compared)))


def _result(found: Verified) -> Line:
    differ = found.inconsistencies
    if differ:
        return line(bold(counted(differ, "row") + (" differs" if differ == 1 else " differ")))
    if not found.finished:
        return line("not finished")
    return line("OMS's steps do not report the result" if differ is None else "no row differs")


def _failures(failures: tuple[Failure, ...]) -> Iterator[Line]:
    if not failures:
        yield line(bold("Failures: "), "none")
        return
    lasted = sum(one.lasted_ms or 0 for one in failures)
    yield line(bold("Failures: "), f"{number(len(failures))}, {duration(lasted)} in all")
    for one in failures[:FAILURES_SHOWN]:
        span = "briefly" if one.lasted_ms is None else f"for {duration(one.lasted_ms)}"
        said = code(one_line(one.code, CODE_LIMIT)) if one.code else None
        yield line("• ", joined((line(label(one.key, one.step), " ", Date(one.at)), span, said)))
    yield from _more(len(failures) - FAILURES_SHOWN, "failure")


def _more(hidden: int, noun: str) -> Iterator[Line]:
    if hidden > 0:
        yield line(f"… and {counted(hidden, f'more {noun}')}")
