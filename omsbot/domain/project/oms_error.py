"""Every way in which a question to OMS can fail, each of a kind that a person can act on."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from omsbot.domain.project.project import DEFAULT_SERVER, ErrorDetail
from omsbot.domain.project.setting_names import setting_name


class OmsErrorKind(StrEnum):
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    GONE = "gone"
    UNSUPPORTED = "unsupported"
    REJECTED = "rejected"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"


class ErrorScope(StrEnum):
    """What a failure says something about: the whole server, or the one project that was asked for."""

    SERVER = "server"
    PROJECT = "project"


class KindFacts(NamedTuple):
    scope: ErrorScope
    title: str
    advice: str  # {user} and {password} stand for the names of these settings

    def what_to_do(self, server: str) -> str:
        """Say how to fix it; settings are named as those of this server."""
        return self.advice.format(
            user=setting_name(server, "user"), password=setting_name(server, "password")
        )


KIND_FACTS: Mapping[OmsErrorKind, KindFacts] = {
    OmsErrorKind.UNREACHABLE: KindFacts(
        ErrorScope.SERVER,
        "OMS cannot be reached",
        "Check that the OMS console is up and that this machine can connect to its address and port.",
    ),
    OmsErrorKind.TIMEOUT: KindFacts(
        ErrorScope.SERVER,
        "OMS does not answer in time",
        "Check the load of the OMS console and the network path to it; the bot keeps polling.",
    ),
    OmsErrorKind.UNAUTHORIZED: KindFacts(
        ErrorScope.SERVER,
        "OMS rejects the bot's credential",
        "Log in to the OMS console as the bot's user. Passwords expire after 90 days by default: "
        "set a new one and give it to the bot ({user}, {password}).",
    ),
    OmsErrorKind.FORBIDDEN: KindFacts(
        ErrorScope.PROJECT,
        "The bot's OMS user may not see this project",
        "Give the bot's OMS user access to the project, or the read-only role ADMIN-VIEWER.",
    ),
    OmsErrorKind.GONE: KindFacts(
        ErrorScope.PROJECT,
        "OMS does not know this project",
        "Check the id in the OMS console (`/oms projects` lists what the bot can see); "
        "a released project is gone for good.",
    ),
    OmsErrorKind.UNSUPPORTED: KindFacts(
        ErrorScope.SERVER,
        "This OMS version lacks the API",
        "DescribeProjectSteps needs OMS Community Edition V4.1.1 or later: upgrade OMS.",
    ),
    OmsErrorKind.REJECTED: KindFacts(
        ErrorScope.PROJECT,
        "OMS answered with an error",
        "Read OMS's own message; if it names an OMS component, check that component's health first.",
    ),
    OmsErrorKind.MALFORMED: KindFacts(
        ErrorScope.PROJECT,
        "OMS's answer cannot be read",
        "Check that the address is the OMS console itself and not a proxy or a login page.",
    ),
    OmsErrorKind.TOO_LARGE: KindFacts(
        ErrorScope.PROJECT,
        "OMS's answer is larger than the bot reads",
        "Check that the address is the OMS console itself; an answer may have 8 MiB at most.",
    ),
}


class OmsError(Exception):
    """A question to OMS that failed.

    `text` is one cleaned and masked sentence; `detail` is OMS's own error where it gave one.
    `retry_after_s` is set where the server asked for a pause.
    """

    def __init__(
        self,
        kind: OmsErrorKind,
        text: str,
        *,
        detail: ErrorDetail | None = None,
        request_id: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text
        self.detail = detail
        self.request_id = request_id
        self.retry_after_s = retry_after_s
        self.server = DEFAULT_SERVER  # the client names its own

    def __str__(self) -> str:
        return f"{self.facts.title}: {self.text}"

    @property
    def facts(self) -> KindFacts:
        return KIND_FACTS[self.kind]
