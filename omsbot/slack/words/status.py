"""How a status looks and reads: an emoji and a word for each, never a colour alone."""

from collections.abc import Mapping
from typing import NamedTuple

from omsbot.domain.project.figures import LAGGING_S
from omsbot.domain.project.phase import ProjectPhase, ProjectState, project_state, waits_for_person
from omsbot.domain.project.project import STEP_NAMES, ProjectRef, Snapshot, Step, StepStatus
from omsbot.domain.views import ProjectView
from omsbot.slack.kit.spans import Date, Emoji, Line, Text, bold, code, joined, line
from omsbot.slack.kit.text import one_line
from omsbot.slack.kit.units import duration, percent

NAME_LIMIT = 80


class Look(NamedTuple):
    emoji: str
    word: str


STATUS_LOOKS: Mapping[StepStatus, Look] = {
    StepStatus.INIT: Look("white_circle", "not started"),
    StepStatus.RUNNING: Look("large_blue_circle", "running"),
    StepStatus.FAILED: Look("red_circle", "FAILED"),
    StepStatus.FINISHED: Look("white_check_mark", "finished"),
    StepStatus.SUSPEND: Look("double_vertical_bar", "paused"),
    StepStatus.MONITORING: Look("large_green_circle", "monitoring"),
    StepStatus.UNKNOWN: Look("grey_question", "unknown status"),
}
WAITS = Look("raised_hand", "needs action")
LAGS = Look("large_orange_circle", "monitoring")
PROBLEM_EMOJI = "warning"

# what the headline says of a phase; {step} is the label of the step that it is about
PHASE_LOOKS: Mapping[ProjectPhase, Look] = {
    ProjectPhase.FAILED: Look("red_circle", "{step} FAILED"),
    ProjectPhase.WAITING: Look("raised_hand", "Action needed in OMS: {step}"),
    ProjectPhase.PAUSED: Look("double_vertical_bar", "{step} paused"),
    ProjectPhase.UNKNOWN: Look("grey_question", "{step} has a status that omsbot does not know"),
    ProjectPhase.COMPLETED: Look("checkered_flag", "Completed"),
    ProjectPhase.RUNNING: Look("large_blue_circle", "{step} running"),
    ProjectPhase.IN_SYNC: Look("large_green_circle", "{step} monitoring"),
    ProjectPhase.NOT_STARTED: Look("white_circle", "Not started"),
    ProjectPhase.IDLE: Look("white_circle", "No step is running"),
    ProjectPhase.UNSEEN: Look("hourglass_flowing_sand", "Not read from OMS yet"),
}


def title(ref: ProjectRef, name: str | None) -> Line:
    """`orders-to-ob (np_x on default)`, the name in bold; without a name `np_x on default`."""
    oms_id, server = one_line(ref.oms_id, NAME_LIMIT), one_line(ref.server, NAME_LIMIT)
    if not name:
        return line(bold(oms_id), f" on {server}")
    return line(bold(one_line(name, NAME_LIMIT)), f" ({oms_id} on {server})")


def label(key: str, step: Step | None) -> str:
    """The label of a step; of twins the second is called `Full migration (2)`."""
    name, _, twin = key.partition("#")
    known = step.label if step else STEP_NAMES[name][0] if name in STEP_NAMES else name
    return one_line(f"{known} ({twin})" if twin.isdigit() else known, NAME_LIMIT)


def look(step: Step) -> Look:
    """The emoji and the word of a step as it is now."""
    if waits_for_person(step):
        return WAITS
    if step.status is StepStatus.MONITORING and (step.lag_s or 0) >= LAGGING_S:
        return LAGS
    if step.status is StepStatus.UNKNOWN:
        word = one_line(step.raw_status, NAME_LIMIT)
        return Look(STATUS_LOOKS[step.status].emoji, word or STATUS_LOOKS[step.status].word)
    return STATUS_LOOKS[step.status]


def headline(view: ProjectView) -> Line:
    """The one fact of a project: `:red_circle: Full migration FAILED 43 % since ... · orders-to-ob (...)`."""
    return joined((phase_line(view.snapshot), title(view.ref, view.name)))


def phase_line(snapshot: Snapshot | None) -> Line:
    """The most urgent thing that holds: `:red_circle: Full migration FAILED 43 % since ...`."""
    state = project_state(snapshot)
    shown = PHASE_LOOKS[state.phase]
    key = next((k for k, s in snapshot.keyed() if s is state.step), "") if snapshot else ""
    emoji = LAGS.emoji if state.step and look(state.step) is LAGS else shown.emoji
    says = shown.word.replace("{step}", label(key, state.step) if state.step else "")
    return line(Emoji(emoji), " ", bold(says), _figures(state), _since(state))


def problem_line(view: ProjectView) -> Line:
    """What keeps the bot from seeing the project, and since when; empty where nothing does."""
    if view.problem is None:
        return ()
    since = line(" since ", Date(view.problem_since_at)) if view.problem_since_at is not None else None
    return line(Emoji(PROBLEM_EMOJI), " ", bold(one_line(view.problem, 300).rstrip(".")), since)


def _figures(state: ProjectState) -> Line:
    step = state.step
    if step is None:
        return ()
    if state.phase is ProjectPhase.UNKNOWN:
        return line(": ", code(one_line(step.raw_status, NAME_LIMIT) or "?"))
    if state.phase is ProjectPhase.IN_SYNC:
        return line(", ", lag(step))
    if state.phase in {ProjectPhase.FAILED, ProjectPhase.RUNNING} and step.progress is not None:
        return line(f" {percent(step.progress)}")
    return ()


def _since(state: ProjectState) -> Line:
    step = state.step
    since = None
    if step and state.phase is ProjectPhase.FAILED:
        since = step.failed_at
    elif step and state.phase is ProjectPhase.WAITING:
        since = step.finished_at or step.started_at
    return line(" since ", Date(since)) if since is not None else ()


def lag(step: Step) -> Text:
    """`lag 3 s`, in bold where it is long."""
    if step.lag_s is None:
        return Text("lag unknown")
    return Text(f"lag {duration(step.lag_s * 1000)}", bold=step.lag_s >= LAGGING_S)
