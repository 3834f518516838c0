"""What the database knows of a project or a subscription, put together for a person to see."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from omsbot.db.engine.connection import Connection
from omsbot.db.stores import channels, events, projects, servers, silences, subscriptions
from omsbot.db.stores.projects import StoredProject
from omsbot.db.stores.subscriptions import StoredSubscription
from omsbot.domain.events import EventKind
from omsbot.domain.forecast.outlook import outlook
from omsbot.domain.notify.routing import silent_until
from omsbot.domain.project.project import ProjectRef
from omsbot.domain.project.subject import Project
from omsbot.domain.views import ProjectView, SubscriptionView

TROUBLE = {EventKind.PROJECT_GONE, EventKind.PROJECT_UNREADABLE}


@dataclass(frozen=True, slots=True)
class Views:
    """Builds views. `console_links` maps a server to the address of its console; it may hold `{id}`."""

    console_links: Mapping[str, str]

    def console_link(self, ref: ProjectRef) -> str | None:
        template = self.console_links.get(ref.server)
        return template.replace("{id}", ref.oms_id) if template else None

    def unseen(self, ref: ProjectRef) -> ProjectView:
        return ProjectView(ref=ref, console_link=self.console_link(ref))

    async def project(self, conn: Connection, project: StoredProject) -> ProjectView:
        """A project as it was last seen, with what keeps the bot from seeing it now."""
        trouble = await servers.problem(conn, project.ref.server) or await _trouble(conn, project)
        problem, since = trouble or (None, None)
        live = await events.live(conn, project.subject)
        return replace(
            self.unseen(project.ref),
            name=project.name,
            snapshot=project.latest,
            problem=problem,
            problem_since_at=since,
            conditions=tuple(entry.condition for entry in live),
            outlook=outlook(project.latest, project.watch),
            deadline_at=project.deadline_at,
        )

    async def subscription(
        self, conn: Connection, subscription: StoredSubscription, *, now: int
    ) -> SubscriptionView:
        """One subscription to a project, as its card shows it."""
        if not isinstance(subscription.subject, Project):
            raise ValueError(f"{subscription.subject} is not a project")
        holding = await silences.current(conn, [subscription.channel_id], now=now)
        cards = await subscriptions.card_ts(conn, [subscription.id])
        return SubscriptionView(
            project=await self.project(conn, await projects.get(conn, subscription.subject.id)),
            options=subscription.options,
            muted_until=silent_until(subscription.channel_id, subscription.subject, holding, now),
            paused_reason=await channels.paused_reason(conn, subscription.channel_id),
            card_link_ts=cards.get(subscription.id),
        )


async def _trouble(conn: Connection, project: StoredProject) -> tuple[str, int] | None:
    """Why one project cannot be read although its server answers, and since when."""
    if not project.troubled:
        return None
    for _, event in reversed(await events.openings(conn, project.subject)):
        if event.kind in TROUBLE:
            return event.evidence.error_text or "", event.evidence.since_at or event.observed_at
    return None
