"""What people ask the bot to do: follow, unfollow, mute, and what Slack says of its channels."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.engine import Database, transact
from omsbot.db.stores import audit, channels, events, outbox, projects, servers, silences, subscriptions
from omsbot.db.stores.projects import Following, StoredProject
from omsbot.db.stores.subscriptions import StoredSubscription, SubscriptionState
from omsbot.domain.notify.delivery import Reason
from omsbot.domain.notify.follow_options import FollowChange, FollowOptions
from omsbot.domain.notify.quiet_hours import QuietHours
from omsbot.domain.notify.routing import route, silent_until
from omsbot.domain.project.oms_error import OmsError
from omsbot.domain.project.project import ProjectRef, Snapshot
from omsbot.domain.project.subject import Project, Server, Subject
from omsbot.domain.thresholds import RuleBook
from omsbot.domain.views import SubscriptionView
from omsbot.services.access import Access, refused_by_oms
from omsbot.services.polling.observations import store_snapshot
from omsbot.services.refusal import Refusal
from omsbot.services.requests.ports import AskedOms
from omsbot.services.views import Views

DEFAULTS = FollowOptions()
NAME_PATIENCE_S = 2.0
UNTIL_PROBE_MS = 3_600_000  # Slack tells of an invitation once; a probe finds what was missed


@dataclass(frozen=True, slots=True)
class Subscribed:
    """`created` is False where the channel followed the project before and was at most changed."""

    view: SubscriptionView
    created: bool


@dataclass(frozen=True, slots=True)
class _Request:
    channel_id: str
    change: FollowChange
    actor: str


class Control:
    def __init__(
        self,
        database: Database,
        clients: Mapping[str, AskedOms],
        access: Access,
        views: Views,
        *,
        rules: RuleBook,
        wake: Callable[[], None],
    ) -> None:
        self._rules = rules
        self._database = database
        self._clients = clients
        self._access = access
        self._views = views
        self._wake = wake

    async def subscribe(
        self,
        *,
        channel_id: str,
        team_id: str,
        ref: ProjectRef,
        change: FollowChange,
        actor: str,
        now: int,
    ) -> Subscribed:
        """Follow a project in a channel, or change how; OMS is asked first, so that a wrong id is refused."""
        self._access.check(channel_id, ref.server)
        try:
            snapshot = await self._clients[ref.server].steps(ref.oms_id)
        except OmsError as error:
            raise refused_by_oms(ref, error) from error
        name = await self._name_of(ref)

        async def work(conn: Connection) -> Subscribed:
            await channels.ensure(conn, channel_id, team_id)
            await servers.ensure(conn, ref.server, now=now)
            project = await self._followed(conn, ref, snapshot, now)
            if name:
                await projects.rename(conn, ref, name)
            known = await subscriptions.find(conn, channel_id, project.subject)
            created = known is None or known.state is SubscriptionState.ENDED
            if known is None or created:
                request = _Request(channel_id, change, actor)
                await _start(conn, project, request, now)
            else:
                await _change(conn, known, change)
            await audit.note(
                conn,
                actor=actor,
                action="subscribe",
                channel_id=channel_id,
                scope=project.subject,
                detail=str(change.level or DEFAULTS.level),
                now=now,
            )
            stream = await subscriptions.find(conn, channel_id, project.subject)
            if stream is None:
                raise LookupError("the subscription that was just written")
            return Subscribed(await self._views.subscription(conn, stream, now=now), created)

        done = await transact(self._database, work)
        self._wake()
        return done

    async def _name_of(self, ref: ProjectRef) -> str | None:
        """What OMS calls a project; None where it does not say so at once: a name is not needed."""
        try:
            async with asyncio.timeout(NAME_PATIENCE_S):
                found = await self._clients[ref.server].projects(search=ref.oms_id)
        except (OmsError, TimeoutError):
            return None
        return next((one.name for one in found.projects if one.ref.oms_id == ref.oms_id), None)

    async def _followed(
        self, conn: Connection, ref: ProjectRef, snapshot: Snapshot, now: int
    ) -> StoredProject:
        """The project's row, locked and followed; one that nobody followed starts from a new baseline."""
        project = await projects.ensure(conn, ref, now=now)
        if project.state is Following.FOLLOWED:
            return project
        for entry in await events.live(conn, project.subject):
            await events.clear_condition(conn, entry.id, now=now)
        await projects.follow(conn, project.id, Following.FOLLOWED, now=now)
        await store_snapshot(conn, project, snapshot, now=now, baseline=True, rules=self._rules.of(ref))
        return await projects.get(conn, project.id)

    async def unsubscribe(self, *, channel_id: str, ref: ProjectRef, actor: str, now: int) -> None:
        async def work(conn: Connection) -> None:
            # locked, so that who begins to follow it at this moment is counted, or comes after
            known = await self._known(conn, channel_id, ref, lock=True)
            await _end(conn, known)
            followers = await subscriptions.count_followers(conn, known.subject)
            if isinstance(known.subject, Project) and not followers:
                await projects.follow(conn, known.subject.id, Following.UNFOLLOWED, now=now)
            await _end_idle_server(conn, channel_id, ref.server)
            await silences.end(conn, channel_id, known.subject)
            await audit.note(
                conn,
                actor=actor,
                action="unsubscribe",
                channel_id=channel_id,
                scope=known.subject,
                now=now,
            )

        await transact(self._database, work)

    async def mute(self, *, channel_id: str, ref: ProjectRef | None, until: int, actor: str, now: int) -> int:
        """Postpone what a channel is told, of one project or of all, until then (ms)."""

        async def work(conn: Connection) -> None:
            scope, streams = await self._scope(conn, channel_id, ref)
            await silences.start(conn, channel_id, scope, until=until, actor=actor, now=now)
            await _reschedule(conn, channel_id, streams, now)
            await audit.note(
                conn,
                actor=actor,
                action="mute",
                channel_id=channel_id,
                scope=scope,
                detail=str(until),
                now=now,
            )

        await transact(self._database, work)
        return until

    async def unmute(self, *, channel_id: str, ref: ProjectRef | None, actor: str, now: int) -> None:
        async def work(conn: Connection) -> None:
            scope, streams = await self._scope(conn, channel_id, ref)
            if not await silences.end(conn, channel_id, scope):
                what = f"`{ref}`" if ref else "This channel"
                raise Refusal(f"{what} is not muted here.", "`/oms list` shows what is muted.")
            await _reschedule(conn, channel_id, streams, now)
            await audit.note(conn, actor=actor, action="unmute", channel_id=channel_id, scope=scope, now=now)

        await transact(self._database, work)
        self._wake()

    async def quiet(
        self, *, channel_id: str, team_id: str, hours: QuietHours | None, actor: str, now: int
    ) -> None:
        """Set the part of each day in which a channel is told nothing, or (None) end that."""

        async def work(conn: Connection) -> None:
            await channels.ensure(conn, channel_id, team_id)
            await channels.set_quiet_hours(conn, channel_id, hours)
            streams = list(await subscriptions.in_channel(conn, channel_id))
            await _reschedule(conn, channel_id, streams, now)
            await audit.note(
                conn,
                actor=actor,
                action="quiet",
                channel_id=channel_id,
                scope=None,
                detail=f"{hours} {hours.zone}" if hours else "off",
                now=now,
            )

        await transact(self._database, work)
        self._wake()

    async def invited(self, *, channel_id: str, team_id: str) -> None:
        """The bot was invited: what waited for the channel may go out."""

        async def work(conn: Connection) -> None:
            await channels.ensure(conn, channel_id, team_id)
            await channels.resume(conn, channel_id)

        await transact(self._database, work)
        self._wake()

    async def removed(self, *, channel_id: str, reason: str, now: int) -> None:
        """The bot was removed from a channel or the channel was archived: keep what is to be told."""
        await transact(
            self._database,
            lambda conn: channels.pause(conn, channel_id, reason, probe_at=now + UNTIL_PROBE_MS),
        )

    async def renamed(self, *, channel_id: str, name: str) -> None:
        await transact(self._database, lambda conn: channels.rename(conn, channel_id, name))

    async def _scope(
        self, conn: Connection, channel_id: str, ref: ProjectRef | None
    ) -> tuple[Subject | None, list[StoredSubscription]]:
        """What a silence is over (None is everything), and the streams that it concerns."""
        if ref is not None:
            known = await self._known(conn, channel_id, ref)
            return known.subject, [known]
        streams = list(await subscriptions.in_channel(conn, channel_id))
        if not streams:
            raise Refusal("This channel follows nothing.", "Follow a project: `/oms subscribe np_xxx`.")
        return None, streams

    async def _known(
        self, conn: Connection, channel_id: str, ref: ProjectRef, *, lock: bool = False
    ) -> StoredSubscription:
        project = await projects.find(conn, ref, lock=lock)
        known = await subscriptions.find(conn, channel_id, project.subject) if project else None
        if known is None or known.state is SubscriptionState.ENDED:
            raise Refusal(
                f"This channel does not follow `{ref}`.",
                f"`/oms list` shows what it follows; `/oms subscribe {ref}` follows it.",
            )
        return known


async def _start(conn: Connection, project: StoredProject, request: _Request, now: int) -> None:
    """Write the subscription, and that of its server's health; both hear what is wrong already."""
    options = request.change.applied_to(DEFAULTS)
    for subject in (Server(project.ref.server), project.subject):
        known = await subscriptions.find(conn, request.channel_id, subject, lock=True)
        if known and known.state is SubscriptionState.ACTIVE:
            continue
        await subscriptions.start(
            conn,
            channel_id=request.channel_id,
            subject=subject,
            options=options if isinstance(subject, Project) else replace(options, mention=None),
            actor=request.actor,
            now=now,
        )
        await _tell_what_is_open(conn, request.channel_id, subject, now)


async def _change(conn: Connection, known: StoredSubscription, change: FollowChange) -> None:
    await subscriptions.change(conn, known.id, change.applied_to(known.options))
    await outbox.mark_cards_dirty(conn, [known.subject], outbox.STATE_DIRT)


async def _tell_what_is_open(conn: Connection, channel_id: str, subject: Subject, now: int) -> None:
    """A new subscription hears of all that lasts at this moment, also of what it heard before."""
    followers = [one for one in await subscriptions.followers(conn, subject) if one.channel_id == channel_id]
    holding = await silences.current(conn, [channel_id], now=now)
    openings = await events.openings(conn, subject)
    for follower in followers:
        await subscriptions.forget(conn, follower.id, [event_id for event_id, _ in openings])
    for event_id, event in openings:
        routed = route(event, followers, holding, now=now, reason=Reason.OPEN_WHEN_SUBSCRIBED)
        await outbox.add_deliveries(conn, event_id, routed)


async def _reschedule(
    conn: Connection, channel_id: str, streams: Sequence[StoredSubscription], now: int
) -> None:
    """Let what waits wait for the last silence over it: there may be others than the changed one."""
    holding = await silences.current(conn, [channel_id], now=now)
    waiting: dict[int | None, list[int]] = defaultdict(list)
    for stream in streams:
        waiting[silent_until(channel_id, stream.subject, holding, now)].append(stream.id)
    for until, ids in waiting.items():
        if until is None:
            await outbox.resume_pending(conn, ids, now=now)
        else:
            await outbox.postpone_pending(conn, ids, until=until)
    await outbox.mark_streams_dirty(conn, [stream.id for stream in streams])


async def _end(conn: Connection, known: StoredSubscription) -> None:
    if known.card_post_id is not None:
        await outbox.mark_post_dirty(conn, known.card_post_id)
    await outbox.withhold_pending(conn, known.id, Reason.UNSUBSCRIBED)
    await subscriptions.end(conn, known.id)


async def _end_idle_server(conn: Connection, channel_id: str, server: str) -> None:
    """A channel that follows no project of a server any more need not hear of its health."""
    subjects = [stream.subject for stream in await subscriptions.in_channel(conn, channel_id)]
    known_as = await projects.named(conn, [one.id for one in subjects if isinstance(one, Project)])
    if any(ref.server == server for ref, _ in known_as.values()):
        return
    known = await subscriptions.find(conn, channel_id, Server(server))
    if known and known.state is SubscriptionState.ACTIVE:
        await _end(conn, known)
