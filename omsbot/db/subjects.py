"""Subjects as the tables hold them: `p:ID` is a project, `s:NAME` a server; a silence over "" is over all."""

from typing import Any, assert_never

from sqlalchemy import Column, ColumnElement

from omsbot.db.codec import UnreadableRecord
from omsbot.domain.project.subject import Project, Server, Subject

EVERYTHING = ""


def key_of(subject: Subject) -> str:
    match subject:
        case Project(number):
            return f"p:{number}"
        case Server(name):
            return f"s:{name}"
        case _:
            assert_never(subject)


def subject_of(key: str) -> Subject:
    """Raises UnreadableRecord."""
    kind, _, rest = key.partition(":")
    if kind == "p" and rest.isdecimal():
        return Project(int(rest))
    if kind == "s" and rest:
        return Server(rest)
    raise UnreadableRecord("a stored subject is unreadable: it is neither p:ID nor s:NAME")


def scope_key(scope: Subject | None) -> str:
    """The key of what a silence is over; None is everything in its channel."""
    return EVERYTHING if scope is None else key_of(scope)


def scope_of(key: str) -> Subject | None:
    """Raises UnreadableRecord."""
    return None if key == EVERYTHING else subject_of(key)


def is_project(column: Column[Any]) -> ColumnElement[bool]:
    """Whether the subject in a column is a project, for a WHERE clause."""
    return column.like("p:%")
