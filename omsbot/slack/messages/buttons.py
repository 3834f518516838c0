"""The buttons under what is shown of one project."""

from omsbot.domain.project.project import ProjectRef
from omsbot.slack.kit.actions import Action, Target, encode
from omsbot.slack.kit.blocks import Block, button
from omsbot.slack.kit.text import one_line
from omsbot.slack.words.status import NAME_LIMIT


def _about(ref: ProjectRef, step: str | None = None) -> str:
    return encode(Target(ref.server, ref.oms_id, step))


def show_steps(ref: ProjectRef) -> Block | None:
    return button("Show steps", Action.SHOW_STEPS, _about(ref))


def full_error(ref: ProjectRef, step: str) -> Block | None:
    return button("Full error", Action.FULL_ERROR, _about(ref, step))


def mute_hour(ref: ProjectRef) -> Block | None:
    question = (
        f"omsbot posts nothing about {one_line(ref.oms_id, NAME_LIMIT)} here for an hour. "
        "Then one message shows what is still open and counts what has passed."
    )
    return button("Mute 1 h", Action.MUTE_HOUR, _about(ref), confirm=(question, "Mute for an hour"))


def unmute(ref: ProjectRef) -> Block | None:
    return button("Unmute", Action.UNMUTE, _about(ref))


def refresh(ref: ProjectRef) -> Block | None:
    return button("Refresh", Action.REFRESH_STEPS, _about(ref))


def subscribe(ref: ProjectRef, *, primary: bool = True) -> Block | None:
    return button("Subscribe", Action.SUBSCRIBE, _about(ref), primary=primary)


def refresh_ready(ref: ProjectRef) -> Block | None:
    return button("Refresh", Action.REFRESH_READY, _about(ref))


def post_ready(ref: ProjectRef) -> Block | None:
    return button("Post to channel", Action.POST_READY, _about(ref))


def post_to_channel(ref: ProjectRef) -> Block | None:
    return button("Post to channel", Action.POST_STEPS, _about(ref))
