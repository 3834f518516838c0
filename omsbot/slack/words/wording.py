"""What is said of each kind of event, in a few words; `event_details` says the rest."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from omsbot.domain.events import Event, EventKind, Severity
from omsbot.slack.kit.spans import Emoji, Line, Span, bold, line
from omsbot.slack.kit.text import one_line
from omsbot.slack.words.status import NAME_LIMIT, label


class Wording(NamedTuple):
    """`says` is the headline, `already` the one for what was so before anybody looked, `counts` the word
    where many are only counted. {step} is the step's label, {server} the OMS server's name."""

    emoji: str
    says: str
    counts: str
    already: str | None = None


WORDINGS: Mapping[EventKind, Wording] = {
    EventKind.STEP_FAILED: Wording("red_circle", "{step} FAILED", "failed", "{step} is FAILED already"),
    EventKind.STEP_RECOVERED: Wording("large_green_circle", "{step} recovered", "recovered"),
    EventKind.STEP_WAITING: Wording(
        "raised_hand", "OMS waits for you: {step}", "waited for you", "OMS waits for you already: {step}"
    ),
    EventKind.STEP_PAUSED: Wording(
        "double_vertical_bar", "{step} paused", "paused", "{step} is paused already"
    ),
    EventKind.STEP_RESUMED: Wording("arrow_forward", "{step} resumed", "resumed"),
    EventKind.STEP_MONITORING: Wording(
        "large_green_circle", "{step} caught up; OMS monitors it now", "caught up"
    ),
    EventKind.STEP_RERUN: Wording("repeat", "{step} is run again", "run again"),
    EventKind.STEP_APPEARED: Wording("new", "New step: {step}", "new"),
    EventKind.STEP_VANISHED: Wording("grey_question", "{step} is no longer part of the project", "vanished"),
    EventKind.STEP_STATUS_UNKNOWN: Wording(
        "grey_question", "{step} has a status that omsbot does not know", "with an unknown status"
    ),
    EventKind.STEP_STALLED: Wording("hourglass", "{step} is stalled", "stalled"),
    EventKind.STEP_MOVING: Wording("large_green_circle", "{step} moves again", "moving again"),
    EventKind.STEP_SLOW: Wording("snail", "{step} is slow", "slow"),
    EventKind.STEP_UP_TO_SPEED: Wording("large_green_circle", "{step} is up to speed again", "up to speed"),
    EventKind.STEP_LAGGING: Wording(
        "large_orange_circle", "{step} lags behind", "lagging", "{step} lags behind already"
    ),
    EventKind.STEP_CAUGHT_UP: Wording("large_green_circle", "{step} has caught up", "caught up"),
    EventKind.STEP_FROZEN: Wording("ice_cube", "{step} is frozen: its checkpoint stands still", "frozen"),
    EventKind.STEP_ADVANCING: Wording("large_green_circle", "{step} advances again", "advancing again"),
    EventKind.STEP_FLAPPING: Wording("red_circle", "{step} fails again and again", "failing again and again"),
    EventKind.STEP_STEADY: Wording("large_green_circle", "{step} is steady again", "steady again"),
    EventKind.PROJECT_OVERDUE: Wording("alarm_clock", "The deadline will be missed", "late for the deadline"),
    EventKind.PROJECT_IN_TIME: Wording("large_green_circle", "In time for the deadline again", "in time"),
    EventKind.STEP_STARTED: Wording("large_blue_circle", "{step} started", "started"),
    EventKind.STEP_FINISHED: Wording("white_check_mark", "{step} finished", "finished"),
    EventKind.PROJECT_COMPLETED: Wording("checkered_flag", "Project completed", "completed"),
    EventKind.PROJECT_GONE: Wording(
        "no_entry", "OMS no longer knows this project", "gone", "OMS does not know this project"
    ),
    EventKind.PROJECT_UNREADABLE: Wording("warning", "omsbot cannot read this project", "unreadable"),
    EventKind.PROJECT_READABLE: Wording(
        "large_green_circle", "omsbot can read this project again", "readable again"
    ),
    EventKind.SERVER_UNREACHABLE: Wording(
        "warning", "OMS server {server} does not answer", "OMS not answering"
    ),
    EventKind.SERVER_REJECTS_LOGIN: Wording(
        "lock", "OMS server {server} rejects the bot's login", "login rejected"
    ),
    EventKind.SERVER_GARBLED: Wording(
        "warning", "OMS server {server} gives answers that cannot be read", "OMS not readable"
    ),
    EventKind.SERVER_BACK: Wording(
        "large_green_circle", "OMS server {server} answers again", "OMS answering again"
    ),
}

BRIEF = Wording("large_yellow_circle", "{step} failed and recovered between two looks", "failed briefly")
AGAIN = Wording("red_circle", "{step} FAILED again", "failed again")
# what a reminder says of what goes on
STILL: Mapping[EventKind, Wording] = {
    EventKind.STEP_FAILED: Wording("red_circle", "{step} is still FAILED", "still failed"),
    EventKind.STEP_PAUSED: Wording("double_vertical_bar", "{step} is still paused", "still paused"),
    EventKind.STEP_WAITING: Wording(
        "raised_hand", "OMS still waits for you: {step}", "still waiting for you"
    ),
    EventKind.STEP_STALLED: Wording("hourglass", "{step} is still stalled", "still stalled"),
    EventKind.STEP_SLOW: Wording("snail", "{step} is still slow", "still slow"),
    EventKind.STEP_LAGGING: Wording("large_orange_circle", "{step} still lags behind", "still lagging"),
    EventKind.STEP_FROZEN: Wording("ice_cube", "{step} is still frozen", "still frozen"),
    EventKind.STEP_FLAPPING: Wording(
        "red_circle", "{step} still fails again and again", "still failing again"
    ),
    EventKind.PROJECT_OVERDUE: Wording("alarm_clock", "The deadline will still be missed", "still late"),
    EventKind.PROJECT_UNREADABLE: Wording(
        "warning", "omsbot still cannot read this project", "still unreadable"
    ),
}
PAUSE_RUNS_OUT = Wording("rotating_light", "{step} is still paused: the project will be lost", "still paused")


def wording(event: Event) -> Wording:
    if event.brief:
        return BRIEF
    if event.reminder:
        runs_out = event.kind is EventKind.STEP_PAUSED and event.severity is Severity.CRITICAL
        return PAUSE_RUNS_OUT if runs_out else STILL[event.kind]
    before = event.evidence.before
    if event.kind is EventKind.STEP_FAILED and before is not None and before.failed:
        return AGAIN
    return WORDINGS[event.kind]


def headline(event: Event, *, server: str, already: bool, about: Line = ()) -> Line:
    """`:red_circle: Full migration FAILED · orders-to-ob (np_x on default)`; `about` is the project."""
    words = wording(event)
    says = words.already if already and words.already else words.says
    step = label(event.step, event.evidence.after or event.evidence.before) if event.step else ""
    told = _filled(says, {"{step}": step, "{server}": one_line(server, NAME_LIMIT)})
    spans: list[Span] = [Emoji(words.emoji), *line(" ", bold(told))]
    return line(spans, line(" · ", about) if about else None)


def tally(events: Iterable[Event]) -> str:
    """`3 started, 2 finished`."""
    counts = Counter(wording(event).counts for event in events)
    return ", ".join(f"{count} {word}" for word, count in counts.most_common())


def _filled(template: str, values: Mapping[str, str]) -> str:
    """Fill in each placeholder once; what a value holds is never read as a placeholder."""
    for placeholder, value in values.items():
        before, found, after = template.partition(placeholder)
        if found:
            return before + value + after
    return template
