"""What a person is shown of a project, in a card, an answer or a terminal."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from omsbot.domain.detection.conditions import Condition
from omsbot.domain.events import Event
from omsbot.domain.forecast.outlook import Outlook
from omsbot.domain.notify.follow_options import FollowOptions
from omsbot.domain.project.project import ProjectRef, Snapshot

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ProjectView:
    """A project as it is known now.

    `problem` is one sentence where what is shown may be out of date or cannot be seen (OMS unreachable,
    login rejected, project gone), with `problem_since_at`; `snapshot` is then the last that was read.
    `conditions` are the live ones; `outlook` is what is expected of its steps, `deadline_at` when it is to
    be done.
    """

    ref: ProjectRef
    name: str | None = None
    snapshot: Snapshot | None = None
    console_link: str | None = None
    problem: str | None = None
    problem_since_at: int | None = None
    conditions: tuple[Condition, ...] = ()
    outlook: Outlook = field(default_factory=Outlook)
    deadline_at: int | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionView:
    """One line of `/oms list`: a project that a channel follows, and how."""

    project: ProjectView
    options: FollowOptions
    muted_until: int | None = None
    paused_reason: str | None = None
    card_link_ts: str | None = None


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One event of a project, and what became of it for the channel that asks (None: nothing to tell)."""

    event: Event
    state: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a longer list; `number` counts from 1."""

    items: tuple[T, ...]
    number: int
    pages: int
    total: int
