"""What is said of each kind of event, in a few words; `event_details` says the rest."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from omsbot.domain.events import Event, EventKind, Severity
from omsbot.slack.kit.spans import Emoji, Line, Span, bold, line
from omsbot.slack.kit.text import one_line
from omsbot.slack.words.status import NAME_LIMIT, label


class Still(NamedTuple):
    """What a reminder says of what lasts: its headline, and the word where many are only counted."""

    says: str
    counts: str


class Wording(NamedTuple):
    """`says` is the headline, `counts` the word where many are only counted, `still` what a reminder says,
    and `already` the headline for what was so at the first poll (None: `says` does for that too).

    {step} is the step's label, {server} the OMS server's name.
    """

    emoji: str
    says: str
    counts: str
    still: Still | None
    already: str | None = None


NEVER_REMINDED = None  # the explicit `still` of a kind of which no reminder is sent

WORDINGS: Mapping[EventKind, Wording] = {
    EventKind.STEP_FAILED: Wording(
        "red_circle",
        "{step} FAILED",
        "failed",
        Still("{step} is still FAILED", "still failed"),
        already="{step} is already FAILED",
    ),
    EventKind.STEP_RECOVERED: Wording("large_green_circle", "{step} recovered", "recovered", NEVER_REMINDED),
    EventKind.STEP_WAITING: Wording(
        "raised_hand",
        "Action needed in OMS: {step}",
        "waiting for action",
        Still("Action still needed in OMS: {step}", "still waiting for action"),
        already="Action already needed in OMS: {step}",
    ),
    EventKind.STEP_PAUSED: Wording(
        "double_vertical_bar",
        "{step} paused",
        "paused",
        Still("{step} is still paused", "still paused"),
        already="{step} is already paused",
    ),
    EventKind.STEP_RESUMED: Wording("arrow_forward", "{step} resumed", "resumed", NEVER_REMINDED),
    EventKind.STEP_MONITORING: Wording(
        "large_green_circle", "{step} caught up; OMS now monitors it", "caught up", NEVER_REMINDED
    ),
    EventKind.STEP_RERUN: Wording("repeat", "{step} is running again", "running again", NEVER_REMINDED),
    EventKind.STEP_APPEARED: Wording("new", "New step: {step}", "new", NEVER_REMINDED),
    EventKind.STEP_VANISHED: Wording(
        "grey_question", "{step} is no longer part of the project", "removed", NEVER_REMINDED
    ),
    EventKind.STEP_STATUS_UNKNOWN: Wording(
        "grey_question",
        "{step} has a status that omsbot does not know",
        "with an unknown status",
        NEVER_REMINDED,
    ),
    EventKind.STEP_STALLED: Wording(
        "hourglass", "{step} is stalled", "stalled", Still("{step} is still stalled", "still stalled")
    ),
    EventKind.STEP_MOVING: Wording(
        "large_green_circle", "{step} is making progress again", "making progress again", NEVER_REMINDED
    ),
    EventKind.STEP_SLOW: Wording(
        "snail", "{step} is slow", "slow", Still("{step} is still slow", "still slow")
    ),
    EventKind.STEP_UP_TO_SPEED: Wording(
        "large_green_circle", "{step} is up to speed again", "up to speed", NEVER_REMINDED
    ),
    EventKind.STEP_LAGGING: Wording(
        "large_orange_circle",
        "{step} is lagging behind",
        "lagging",
        Still("{step} is still lagging behind", "still lagging"),
        already="{step} is already lagging behind",
    ),
    EventKind.STEP_CAUGHT_UP: Wording(
        "large_green_circle", "{step} has caught up", "caught up", NEVER_REMINDED
    ),
    EventKind.STEP_FROZEN: Wording(
        "ice_cube",
        "{step} is frozen: its checkpoint is not advancing",
        "frozen",
        Still("{step} is still frozen", "still frozen"),
    ),
    EventKind.STEP_ADVANCING: Wording(
        "large_green_circle", "{step} is advancing again", "advancing again", NEVER_REMINDED
    ),
    EventKind.STEP_FLAPPING: Wording(
        "red_circle",
        "{step} keeps failing and recovering",
        "failing repeatedly",
        Still("{step} is still failing and recovering", "still failing repeatedly"),
    ),
    EventKind.STEP_STEADY: Wording(
        "large_green_circle", "{step} is stable again", "stable again", NEVER_REMINDED
    ),
    EventKind.PROJECT_OVERDUE: Wording(
        "alarm_clock",
        "The deadline will be missed",
        "behind schedule",
        Still("The deadline will still be missed", "still behind schedule"),
    ),
    EventKind.PROJECT_IN_TIME: Wording(
        "large_green_circle", "On track for the deadline again", "on track again", NEVER_REMINDED
    ),
    EventKind.STEP_STARTED: Wording("large_blue_circle", "{step} started", "started", NEVER_REMINDED),
    EventKind.STEP_FINISHED: Wording("white_check_mark", "{step} finished", "finished", NEVER_REMINDED),
    EventKind.PROJECT_COMPLETED: Wording("checkered_flag", "Project completed", "completed", NEVER_REMINDED),
    EventKind.PROJECT_GONE: Wording(
        "no_entry",
        "OMS no longer knows this project",
        "gone",
        NEVER_REMINDED,
        already="OMS does not know this project",
    ),
    EventKind.PROJECT_UNREADABLE: Wording(
        "warning",
        "omsbot cannot read this project",
        "unreadable",
        Still("omsbot still cannot read this project", "still unreadable"),
    ),
    EventKind.PROJECT_READABLE: Wording(
        "large_green_circle", "omsbot can read this project again", "readable again", NEVER_REMINDED
    ),
    EventKind.SERVER_UNREACHABLE: Wording(
        "warning", "OMS server {server} is not responding", "OMS not responding", NEVER_REMINDED
    ),
    EventKind.SERVER_REJECTS_LOGIN: Wording(
        "lock", "OMS server {server} rejects the bot's login", "login rejected", NEVER_REMINDED
    ),
    EventKind.SERVER_GARBLED: Wording(
        "warning",
        "OMS server {server} sends answers that omsbot cannot read",
        "OMS not readable",
        NEVER_REMINDED,
    ),
    EventKind.SERVER_BACK: Wording(
        "large_green_circle",
        "OMS server {server} is responding again",
        "OMS responding again",
        NEVER_REMINDED,
    ),
}

# where not the kind alone decides
BRIEF = Wording(
    "large_yellow_circle",
    "{step} failed and recovered between two polls",
    "failed briefly",
    NEVER_REMINDED,
)
AGAIN = Wording("red_circle", "{step} FAILED again", "failed again", NEVER_REMINDED)
PAUSE_RUNS_OUT = Wording(
    "rotating_light",
    "{step} is still paused: the project will be lost",
    "still paused",
    NEVER_REMINDED,
)


def wording(event: Event) -> Wording:
    if event.brief:
        return BRIEF
    words, before = WORDINGS[event.kind], event.evidence.before
    if event.reminder:
        runs_out = event.kind is EventKind.STEP_PAUSED and event.severity is Severity.CRITICAL
        still = words.still or words
        return (
            PAUSE_RUNS_OUT if runs_out else words._replace(says=still.says, counts=still.counts, already=None)
        )
    if event.kind is EventKind.STEP_FAILED and before is not None and before.failed:
        return AGAIN
    return words


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
