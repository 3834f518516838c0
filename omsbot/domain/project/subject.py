"""What a condition, an event, a subscription or a silence is about."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Project:
    """A project, by the number of its row."""

    id: int


@dataclass(frozen=True, slots=True)
class Server:
    """The health of an OMS server, by its name in the settings."""

    name: str


Subject = Project | Server
