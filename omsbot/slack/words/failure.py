"""What is known of a failed step: in an alert the first 300 characters of each text, on request all of it."""

import json
from collections.abc import Iterator

from omsbot.domain.advice import Found, advise
from omsbot.domain.notify.previous_failure import PastFailure
from omsbot.domain.project.project import ErrorDetail, Step, StepError
from omsbot.domain.views import ProjectView
from omsbot.slack.kit.blocks import Message, preformatted, rich
from omsbot.slack.kit.spans import Date, Line, bold, code, joined, line, prose
from omsbot.slack.kit.text import longest_that_fits, one_line, plain
from omsbot.slack.kit.units import duration
from omsbot.slack.words.status import label, title
from omsbot.slack.words.step_details import CODE_LIMIT

TEXT_LIMIT = 300
PART_LIMIT = 10_000  # JSON of the error text in one message
PARTS_LIMIT = 5
UPSTREAM_DEPTH = 10
OURS = "omsbot's advice"


def failure_facts(step: Step) -> Iterator[Line]:
    """Code, level, message, reason, OMS's proposal, and our advice where there is none or ours adds to it."""
    error = step.error or StepError()
    chief = error.chief
    level = one_line(chief.level, CODE_LIMIT) if chief.level else None
    if chief.code or level:
        shown = line("Code ", code(one_line(chief.code, CODE_LIMIT))) if chief.code else None
        yield joined((shown, f"level {level}" if level else None))
    yield from _told("Message", chief.message)
    yield from _told("Reason", chief.reason)
    proposal = _proposal(error)
    yield from _told("OMS proposes", proposal)
    found = advise(step.error, step.kind)
    if found and (found.special or not proposal):
        yield from _advice(found)
    if len(error.details) > 1:
        yield line(f"OMS lists {len(error.details)} errors for this step: press Full error to see them all.")


def full_error(view: ProjectView, step_key: str) -> tuple[Message, ...]:
    """The whole error of a step, in as many messages as it takes (up to 5, the last says what is missing)."""
    step = view.snapshot.by_key().get(step_key) if view.snapshot else None
    about = line(bold(label(step_key, step)), " · ", title(view.ref, view.name))
    if step is None or step.error is None:
        nothing = line("OMS no longer reports an error for ", about, ".")
        return (Message.of([nothing], rich([nothing])),)
    parts, missing = _parts(plain("\n".join(_all_of(step.error))))
    return tuple(_part(about, parts, number, missing) for number in range(1, len(parts) + 1))


def _part(about: Line, parts: list[str], number: int, missing: int) -> Message:
    last = number == len(parts)
    of = f", part {number} of {len(parts)}" if len(parts) > 1 else ""
    head = line(f"Full error{of}: ", about)
    more = f"… and {missing:,} more characters; the OMS console shows them." if missing and last else None
    tail = [line(more)] if more else []
    part = parts[number - 1]
    return Message.of([head, line(part), *tail], [*rich([head]), preformatted(part), *rich(tail)])


def past_failure(past: PastFailure) -> Line:
    """`Failed here before, ..., recovered after 14 min.`"""
    after = past.recovered_after_ms
    recovered = f", recovered after {duration(after)}" if after is not None else None
    return line("Failed here before, ", Date(past.at), recovered, ".")


def _advice(found: Found) -> Iterator[Line]:
    component = f" ({found.component})" if found.component else ""
    yield line(bold(f"{OURS}{component}: "), prose(found.advice.cause))
    yield line(bold("Check first: "), prose(found.advice.look))


def _told(name: str, text: str | None) -> Iterator[Line]:
    told = one_line(text, TEXT_LIMIT) if text else ""
    if told:
        yield line(bold(f"{name}: "), told)


def _proposal(error: StepError) -> str | None:
    """OMS's first proposal, of whichever of its errors has one."""
    for detail in error.details:
        for one in _chain(detail):
            if one.proposal and one.proposal.strip():
                return one.proposal
    return None


def _chain(detail: ErrorDetail) -> Iterator[ErrorDetail]:
    one: ErrorDetail | None = detail
    for _ in range(UPSTREAM_DEPTH):
        if one is None:
            return
        yield one
        one = one.upstream


def _all_of(error: StepError) -> Iterator[str]:
    details = (error.chief, *error.details[1:])
    for number, detail in enumerate(details, 1):
        if len(details) > 1:
            yield f"--- error {number} of {len(details)} ---"
        for depth, one in enumerate(_chain(detail)):
            if depth:
                yield "caused by:"
            yield from _fields(one)
    if error.code and error.code != error.chief.code:
        yield f"Step error code: {error.code}"
    if error.message and error.message != error.chief.message:
        yield f"Step error message: {error.message}"
    yield from (f"{name} = {value}" for name, value in error.params.items())


def _fields(detail: ErrorDetail) -> Iterator[str]:
    named = (
        ("Code", detail.code),
        ("Level", detail.level),
        ("Message", detail.message or detail.message_key),
        ("Reason", detail.reason or detail.reason_key),
        ("Proposal", detail.proposal or detail.proposal_key),
    )
    yield from (f"{name}: {value}" for name, value in named if value)
    yield from (f"{name} = {value}" for name, value in detail.extra_context.items())


def _parts(text: str) -> tuple[list[str], int]:
    """(the text in pieces that fit, cut at line ends where one is near; how many characters are left out)."""
    parts: list[str] = []
    rest = text if text.strip() else "OMS gave no error text."
    while rest and len(parts) < PARTS_LIMIT:
        cut = longest_that_fits(rest, lambda piece: len(json.dumps(piece)) <= PART_LIMIT)
        line_end = rest.rfind("\n", cut // 2, cut) + 1
        at = line_end if line_end and cut < len(rest) else cut
        parts.append(rest[:at])
        rest = rest[at:]
    return [part for part in parts if part.strip()], len(rest)
