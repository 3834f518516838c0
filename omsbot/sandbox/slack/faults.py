"""Ways in which the stand-in fails on demand, so that tests meet what a bad day at Slack looks like."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class FaultKind(StrEnum):
    """What goes wrong. "before" fails without doing the work, "after" does it and loses the answer."""

    RATELIMITED = "429"
    STATUS_BEFORE = "500_before"
    STATUS_AFTER = "500_after"
    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    HTML = "html"
    BAD_JSON = "bad_json"
    ERROR = "error"
    LATE_COMMIT = "late_commit"


COMMITS = frozenset({FaultKind.STATUS_AFTER, FaultKind.TIMEOUT_AFTER, FaultKind.RESET_AFTER})


UNANSWERED = frozenset(
    {
        FaultKind.LATE_COMMIT,
        FaultKind.TIMEOUT_BEFORE,
        FaultKind.TIMEOUT_AFTER,
        FaultKind.RESET_BEFORE,
        FaultKind.RESET_AFTER,
    }
)


@dataclass(slots=True)
class Fault:
    """The next `count` calls of `method` (in `channel`, if one is given) fail; "upload" is the POST of bytes.

    Details: `retry_after` (429: seconds), `status` (500_*, html), `error` (error), `hang` (timeout_*: how
    many seconds), `seconds` (late_commit: until the message appears), `answer` (late_commit: "reset" or
    "timeout"), `commit` (html, bad_json, error: do the work first).
    """

    method: str
    kind: FaultKind
    channel: str = ""
    count: int = 1
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def commits(self) -> bool:
        """Is the work done although the caller cannot know?"""
        return self.kind in COMMITS or bool(self.details.get("commit"))

    @property
    def hangs(self) -> bool:
        """Does the caller wait in vain (as opposed to losing the connection at once)?"""
        timeouts = (FaultKind.TIMEOUT_BEFORE, FaultKind.TIMEOUT_AFTER)
        return self.kind in timeouts or self.details.get("answer") == "timeout"

    def to_json(self) -> dict[str, Any]:
        """For the control API."""
        return {
            "method": self.method,
            "kind": self.kind,
            "channel": self.channel,
            "count": self.count,
            **self.details,
        }


class Faults:
    """The faults that wait for their call; the oldest matching one is used first."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Arm a fault."""
        self.waiting.append(fault)

    def take(self, method: str, channel: str) -> Fault | None:
        """The fault for this call, if any; `*` as method matches every method."""
        for fault in self.waiting:
            if fault.method in (method, "*") and fault.channel in (channel, ""):
                fault.count -= 1
                if fault.count <= 0:
                    self.waiting.remove(fault)
                return fault
        return None
