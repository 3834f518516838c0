"""What would be posted now: the card of a subscription, its news, or an overview of many subscriptions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from omsbot.db.engine.connection import Connection
from omsbot.db.stores import outbox, previous_failures, projects, subscriptions
from omsbot.db.stores.outbox import STATE_DIRT, StoredPost
from omsbot.db.stores.subscriptions import StoredSubscription
from omsbot.domain.notify.compose import Composition, Shown, compose
from omsbot.domain.notify.delivery import PostKind, PostState, Reason
from omsbot.domain.notify.previous_failure import failures
from omsbot.domain.project.project import ProjectRef
from omsbot.domain.project.subject import Project, Server, Subject
from omsbot.domain.views import ProjectView
from omsbot.services.views import Views
from omsbot.slack.kit.blocks import Message
from omsbot.slack.kit.links import message_url
from omsbot.slack.messages.card import card
from omsbot.slack.messages.news import NewsContext, news
from omsbot.slack.messages.overview import Told, fitting, overview

AGAIN = "Sent again: Slack did not confirm the first copy."


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that is about to become a post; `carries` maps each stream's id to what is told of it.

    `again` says that some of it may have been told already; then the message says so.
    """

    kind: PostKind
    message: Message
    thread_ts: str | None = None
    broadcast: bool = False
    carries: Mapping[int, Composition] = field(default_factory=dict)
    again: bool = False

    @classmethod
    def of_news(cls, message: Message, carries: Mapping[int, Composition], **how: Any) -> "Draft":
        again = any(composition.again for composition in carries.values())
        said = message.with_footer(AGAIN) if again else message
        return cls(message=said, carries=carries, again=again, **how)


@dataclass(frozen=True, slots=True)
class Drafts:
    views: Views

    async def of_one(self, conn: Connection, stream: StoredSubscription, *, now: int) -> Draft | None:
        """The card where there is none yet, else all that waits to be told, as one message."""
        parent = await outbox.get_post(conn, stream.card_post_id) if stream.card_post_id else None
        if isinstance(stream.subject, Project) and (parent is None or _to_be_tried_anew(parent)):
            view = await self.views.subscription(conn, stream, now=now)
            return Draft(PostKind.CARD, card(view, now=now))
        pending = await outbox.pending(conn, stream.id, now=now)
        if not pending:
            return None
        composition = compose(pending)
        thread_ts = parent.ts if parent and parent.state is PostState.SENT else None
        about = await self._about(conn, stream, composition, in_thread=thread_ts is not None)
        return Draft.of_news(
            news(composition, about, now=now),
            {stream.id: composition},
            kind=PostKind.NEWS,
            thread_ts=thread_ts,
            broadcast=composition.broadcast and thread_ts is not None,
        )

    async def of_many(
        self, conn: Connection, streams: Sequence[StoredSubscription], *, waiting: int, now: int
    ) -> Draft | None:
        """One message for as many of these as fit, in their order; `waiting` counts all that wait."""
        told: list[tuple[int, Told]] = []
        ids = [stream.id for stream in streams]
        pending = await outbox.pending_of(conn, ids, now=now)
        cards = await subscriptions.card_ts(conn, ids)
        subjects = [stream.subject for stream in streams]
        known_as = await projects.named(conn, [one.id for one in subjects if isinstance(one, Project)])
        for stream in streams:
            composition = compose(pending[stream.id])
            if composition.visible:
                server, ref, name = _called(stream.subject, known_as)
                link = message_url(stream.channel_id, cards[stream.id]) if stream.id in cards else None
                told.append((stream.id, Told(composition, server, ref, name, link)))
        fit = told[: fitting([one for _, one in told])]
        if not fit:
            return None
        return Draft.of_news(
            overview([one for _, one in fit], waiting=max(0, waiting - len(fit))),
            {stream_id: _folded(one.composition) for stream_id, one in fit},
            kind=PostKind.OVERVIEW,
        )

    async def _about(
        self, conn: Connection, stream: StoredSubscription, composition: Composition, *, in_thread: bool
    ) -> NewsContext:
        match stream.subject:
            case Project(number):
                project = await projects.get(conn, number)
                view: ProjectView | None = await self.views.project(conn, project)
                server = project.ref.server
            case Server(server):
                view = None
            case _:
                assert_never(stream.subject)
        return NewsContext(
            view=view,
            server=server,
            mention=stream.options.mention if composition.mention else None,
            thread=in_thread,
            past=await previous_failures.before(conn, stream.subject, failures(composition)),
        )


def _called(
    subject: Subject, known_as: Mapping[int, tuple[ProjectRef, str | None]]
) -> tuple[str, ProjectRef | None, str | None]:
    """The server of a subject, and what a project is called."""
    match subject:
        case Project(number):
            ref, name = known_as[number]
            return ref.server, ref, name
        case Server(server):
            return server, None, None
        case _:
            assert_never(subject)


def _to_be_tried_anew(card: StoredPost) -> bool:
    """Whether Slack refused what a card said, and it would say something else now."""
    return card.state is PostState.FAILED and card.dirty >= STATE_DIRT


def _folded(composition: Composition) -> Composition:
    """The same, with what an overview tells in a line marked so."""
    items = tuple(
        item if item.shown is Shown.COUNTED else replace(item, reason=Reason.FOLDED)
        for item in composition.items
    )
    return replace(composition, items=items)
