"""What is said under the headline of each kind of event; the first line also works alone."""

from collections.abc import Callable, Iterator, Mapping

from omsbot.domain.events import PAUSE_LIMIT_MS, Event, EventKind
from omsbot.domain.notify.previous_failure import PastFailure
from omsbot.domain.project.oms_error import KIND_FACTS, OmsErrorKind
from omsbot.domain.project.project import DEFAULT_SERVER, Step, StepKind
from omsbot.slack.kit.spans import Date, Line, code, joined, line, prose
from omsbot.slack.kit.text import one_line
from omsbot.slack.kit.units import MINUTE_S, SECOND_MS, duration, percent
from omsbot.slack.words.failure import failure_facts, past_failure
from omsbot.slack.words.report import report_lines
from omsbot.slack.words.status import NAME_LIMIT, lag, look
from omsbot.slack.words.step_details import counts, pace, progress

ERROR_LIMIT = 300

WHAT_TO_DO: Mapping[StepKind, str] = {
    StepKind.VERIFICATION: (
        "Verification is done. Check its result in the OMS console, then choose Go To Next Stage there; "
        "OMS waits until you do."
    ),
    StepKind.SWITCHOVER: (
        "Switch over in the OMS console when you are ready; the migration keeps synchronizing until then."
    ),
}


def details(event: Event, *, now: int, whole: bool = True, past: PastFailure | None = None) -> list[Line]:
    """The lines under an event's headline; `whole` adds all that is known of a failure, the one before, and
    that it is late."""
    lines = [part for part in DETAILS[event.kind](event, now) if part]
    if whole and event.kind is EventKind.STEP_FAILED and event.evidence.after:
        lines += failure_facts(event.evidence.after)
        lines += [past_failure(past)] if past else []
    return lines + [late for late in (_late(event),) if late and whole]


def _late(event: Event) -> Line:
    if not event.late:
        return ()
    at = line(" at ", Date(event.happened_at), ",") if event.happened_at is not None else None
    return line("Reported late: it happened", at, " while omsbot was not watching.")


def _failed(event: Event, now: int) -> Iterator[Line]:
    step = event.evidence.after
    since = _since(event)
    if event.brief:
        yield joined((line("Failed ", Date(since)), _now(step)))
        return
    span = now - since
    lasted = f", for {duration(span)} when this was posted" if span >= MINUTE_S * SECOND_MS else None
    yield joined((line("Failing since ", Date(since), lasted), *_how_far(step)))


def _how_far(step: Step | None) -> Iterator[str]:
    if step is None:
        return
    if step.order is not None:
        yield f"step {step.order}"
    if step.progress is not None:
        yield f"{percent(step.progress)} done when it failed"


def _recovered(event: Event, now: int) -> Iterator[Line]:
    since = event.evidence.since_at
    if event.brief:
        failed = line("It failed ", Date(since)) if since is not None else None
        yield joined((failed, _now(event.evidence.after)))
    else:
        yield joined((_after(event, "after failing for"), _now(event.evidence.after)))


def _waiting(event: Event, now: int) -> Iterator[Line]:
    step = event.evidence.after
    yield joined((line("Waiting since ", Date(_since(event))), counts(step) if step else None))
    yield line(WHAT_TO_DO.get(step.kind if step else StepKind.OTHER, "Continue in the OMS console."))


def _paused(event: Event, now: int) -> Iterator[Line]:
    since = _since(event)
    until = since + PAUSE_LIMIT_MS
    if event.reminder:
        left = until - now
        rest = f"{duration(left)} left" if left > 0 else "the 12 hours have passed"
        yield joined((line("First seen paused ", Date(since)), f"for {duration(now - since)}", rest))
    else:
        yield line("First seen paused ", Date(since))
    unless = " (earlier if it was paused before that)" if event.already else ""
    yield line(
        "A project paused for more than 12 hours cannot be recovered: resume it before ",
        Date(until),
        f"{unless}.",
    )


def _resumed(event: Event, now: int) -> Iterator[Line]:
    yield joined((_after(event, "after a pause of"), _now(event.evidence.after)))


def _monitoring(event: Event, now: int) -> Iterator[Line]:
    step = event.evidence.after
    yield joined((line(lag(step)) if step else None, _at(event)))


def _rerun(event: Event, now: int) -> Iterator[Line]:
    step = event.evidence.after
    began = line("started ", Date(step.started_at)) if step and step.started_at is not None else None
    yield joined((_now(step), began))


def _appeared(event: Event, now: int) -> Iterator[Line]:
    yield line(_now(event.evidence.after))


def _vanished(event: Event, now: int) -> Iterator[Line]:
    yield line("The project was probably reconfigured in OMS.")


def _status_unknown(event: Event, now: int) -> Iterator[Line]:
    step = event.evidence.after
    said = one_line(step.raw_status, NAME_LIMIT) if step else ""
    yield line("OMS says ", code(said or "nothing"), ": check the step in the OMS console.")


def _started(event: Event, now: int) -> Iterator[Line]:
    yield _at(event)


def _finished(event: Event, now: int) -> Iterator[Line]:
    step = event.evidence.after
    began, ended = (step.started_at, step.finished_at) if step else (None, None)
    took = f"took {duration(ended - began)}" if began is not None and ended is not None else None
    yield joined((took, _at(event)))


def _completed(event: Event, now: int) -> Iterator[Line]:
    yield joined((_after(event, "after", "in all"), _at(event)))
    done = "All steps are done."
    if event.evidence.report:
        yield from report_lines(event.evidence.report)
        done = "Failures and pauses are limited to what omsbot saw."
    yield line(f"{done} Only verification can confirm that the data is correct.")


def _unseen(event: Event, now: int) -> Iterator[Line]:
    kind = event.evidence.error_kind
    facts = KIND_FACTS[OmsErrorKind(kind)] if kind in set(OmsErrorKind) else None
    said = one_line(event.evidence.error_text or (facts.title if facts else ""), ERROR_LIMIT)
    yield joined((line("Since ", Date(_since(event))), said or None))
    if event.kind in {EventKind.SERVER_UNREACHABLE, EventKind.SERVER_REJECTS_LOGIN, EventKind.SERVER_GARBLED}:
        yield line("Until this is fixed, omsbot cannot see the projects on this server.")
    if facts:
        yield line("What to do: ", prose(facts.what_to_do(event.evidence.server or DEFAULT_SERVER)))


def _stalled(event: Event, now: int) -> Iterator[Line]:
    step = event.evidence.after
    yield joined((line("No progress since ", Date(_since(event))), _lasted(event, now), _position(step)))
    yield line("OMS still reports RUNNING. Check the component's log, and locks and load on both databases.")


def _slow(event: Event, now: int) -> Iterator[Line]:
    step = event.evidence.after
    yield joined((line(pace(step)) if step else None, line("since ", Date(_since(event)))))
    yield line("Check the load on both databases and the OMS host, and the step's concurrency.")


def _lagging(event: Event, now: int) -> Iterator[Line]:
    step, limit = event.evidence.after, event.evidence.threshold_s
    over = f"the threshold is {duration(int(limit * SECOND_MS))}" if limit else None
    yield joined((line(lag(step)) if step else None, over, _now(step)))
    yield line(
        "Check the load on the target and look for long transactions on the source. If nothing is written to "
        "the source and it has no heartbeat table, this lag may be false."
    )


def _frozen(event: Event, now: int) -> Iterator[Line]:
    step = event.evidence.after
    yield joined(
        (
            line("Not advancing since ", Date(_since(event))),
            _lasted(event, now),
            line(lag(step)) if step else None,
        )
    )
    yield line(
        "OMS reports no failure. Check the Store and Incr-Sync components in the console. If nothing is "
        "written to the source and it has no heartbeat table, this may be normal."
    )


def _flapping(event: Event, now: int) -> Iterator[Line]:
    times = event.evidence.count
    said = f"{times} failures" if times else None
    yield joined((line(said, " since ", Date(_since(event))), _now(event.evidence.after)))
    yield line("From now on omsbot only counts its failures, and posts once the step is stable again.")


def _steady(event: Event, now: int) -> Iterator[Line]:
    times = event.evidence.count
    said = f"{times} failures in all" if times else None
    yield joined((line(said, ", the first ", Date(_since(event))), _now(event.evidence.after)))


def _moving(event: Event, now: int) -> Iterator[Line]:
    yield joined((_after(event, "after"), _now(event.evidence.after), _position(event.evidence.after)))


def _caught_up(event: Event, now: int) -> Iterator[Line]:
    step = event.evidence.after
    yield joined((_after(event, "after"), line(lag(step)) if step else None))


def _overdue(event: Event, now: int) -> Iterator[Line]:
    deadline, eta = event.evidence.deadline_at, event.evidence.eta_at
    yield joined(
        (
            line("Deadline ", Date(deadline)) if deadline is not None else None,
            line("estimated end ", Date(eta)) if eta is not None else "it has passed",
        )
    )


def _lasted(event: Event, now: int) -> str | None:
    span = now - _since(event)
    return f"for {duration(span)}" if span >= MINUTE_S * SECOND_MS else None


def _position(step: Step | None) -> Line:
    if step is None:
        return ()
    done = percent(step.progress) if step.progress is not None else None
    return joined((done, counts(step)))


def _seen_again(event: Event, now: int) -> Iterator[Line]:
    yield line(_after(event, "not seen for"))


def _since(event: Event) -> int:
    for at in (event.evidence.since_at, event.happened_at):
        if at is not None:
            return at
    return event.observed_at


def _at(event: Event) -> Line:
    return line(Date(event.happened_at)) if event.happened_at is not None else ()


def _after(event: Event, words: str, more: str = "") -> str | None:
    since = event.evidence.since_at
    if since is None:
        return None
    ended = event.happened_at if event.happened_at is not None else event.observed_at
    return f"{words} {duration(ended - since)} {more}".strip()


def _now(step: Step | None) -> str | None:
    return f"now {look(step).word}{progress(step)}" if step else None


DETAILS: Mapping[EventKind, Callable[[Event, int], Iterator[Line]]] = {
    EventKind.STEP_FAILED: _failed,
    EventKind.STEP_RECOVERED: _recovered,
    EventKind.STEP_WAITING: _waiting,
    EventKind.STEP_PAUSED: _paused,
    EventKind.STEP_RESUMED: _resumed,
    EventKind.STEP_MONITORING: _monitoring,
    EventKind.STEP_RERUN: _rerun,
    EventKind.STEP_APPEARED: _appeared,
    EventKind.STEP_VANISHED: _vanished,
    EventKind.STEP_STATUS_UNKNOWN: _status_unknown,
    EventKind.STEP_STALLED: _stalled,
    EventKind.STEP_MOVING: _moving,
    EventKind.STEP_SLOW: _slow,
    EventKind.STEP_UP_TO_SPEED: _moving,
    EventKind.STEP_LAGGING: _lagging,
    EventKind.STEP_CAUGHT_UP: _caught_up,
    EventKind.STEP_FROZEN: _frozen,
    EventKind.STEP_ADVANCING: _caught_up,
    EventKind.STEP_FLAPPING: _flapping,
    EventKind.STEP_STEADY: _steady,
    EventKind.PROJECT_OVERDUE: _overdue,
    EventKind.PROJECT_IN_TIME: _overdue,
    EventKind.STEP_STARTED: _started,
    EventKind.STEP_FINISHED: _finished,
    EventKind.PROJECT_COMPLETED: _completed,
    EventKind.PROJECT_GONE: _unseen,
    EventKind.PROJECT_UNREADABLE: _unseen,
    EventKind.PROJECT_READABLE: _seen_again,
    EventKind.SERVER_UNREACHABLE: _unseen,
    EventKind.SERVER_REJECTS_LOGIN: _unseen,
    EventKind.SERVER_GARBLED: _unseen,
    EventKind.SERVER_BACK: _seen_again,
}
