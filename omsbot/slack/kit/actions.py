"""What buttons do, and what they carry: `server:np_x|STEP|page|search`, parts at the end left out.

A button may be pressed long after it was posted, by a version that wrote another value.
"""

from dataclasses import dataclass
from enum import StrEnum

from omsbot.domain.project.project import DEFAULT_SERVER, ProjectRef

VALUE_LIMIT = 2_000
SEARCH_LIMIT = 200
STALE = "This button is out of date; run the command again."

_ESCAPES = {"%": "%25", "|": "%7C", ":": "%3A"}


class Action(StrEnum):
    """The action_id of each button."""

    SHOW_STEPS = "show_steps"
    REFRESH_STEPS = "refresh_steps"
    POST_STEPS = "post_steps"
    SUBSCRIBE = "subscribe"
    FULL_ERROR = "full_error"
    MUTE_HOUR = "mute_hour"
    UNMUTE = "unmute"
    LIST_PREVIOUS = "list_previous"
    LIST_NEXT = "list_next"
    PROJECTS_PREVIOUS = "projects_previous"
    PROJECTS_NEXT = "projects_next"
    HISTORY_PREVIOUS = "history_previous"
    HISTORY_NEXT = "history_next"
    REFRESH_READY = "refresh_ready"
    POST_READY = "post_ready"


@dataclass(frozen=True, slots=True)
class Target:
    """What a button is about; a part that its action does not need is None."""

    server: str = DEFAULT_SERVER
    oms_id: str | None = None
    step: str | None = None
    page: int | None = None
    search: str | None = None

    @property
    def ref(self) -> ProjectRef:
        """The project; ValueError where the button names none."""
        if not self.oms_id:
            raise ValueError(STALE)
        return ProjectRef(self.server, self.oms_id)


def encode(target: Target) -> str:
    """The value of a button; an empty one, and so no button, where the target is too long for Slack."""
    subject = f"{_escape(target.server)}:{_escape(target.oms_id or '')}"
    search = (target.search or "")[:SEARCH_LIMIT]
    parts = [subject, _escape(target.step or ""), str(target.page or ""), _escape(search)]
    value = "|".join(parts).rstrip("|")
    return value if len(value) <= VALUE_LIMIT else ""


def decode(value: str) -> Target:
    """Read a value that `encode` wrote; ValueError with a sentence for people where it cannot be read."""
    subject, step, page, search = (*value.split("|"), "", "", "")[:4]
    server, colon, oms_id = subject.partition(":")
    if not colon:
        server, oms_id = DEFAULT_SERVER, server
    if not value or not server or (page and not _is_page(page)):
        raise ValueError(STALE)
    return Target(
        server=_unescape(server),
        oms_id=_unescape(oms_id) or None,
        step=_unescape(step) or None,
        page=int(page) if page else None,
        search=_unescape(search) or None,
    )


def _is_page(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0


def _escape(text: str) -> str:
    for char, escaped in _ESCAPES.items():
        text = text.replace(char, escaped)
    return text


def _unescape(text: str) -> str:
    for char, escaped in reversed(_ESCAPES.items()):
        text = text.replace(escaped, char)
    return text
