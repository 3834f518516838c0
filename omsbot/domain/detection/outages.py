"""When the bot cannot see: what to believe of a failed question to OMS, and how long to wait.

One failed poll proves nothing. A server is believed to be unreachable after a few failures in a row, a
project to be unreadable or gone after more looks; a rejected login is believed at once, because trying
again may lock the account.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from omsbot.domain.detection.conditions import Condition, ConditionKind
from omsbot.domain.detection.findings import Cleared, Continued, Finding, Opened
from omsbot.domain.event_kinds import OPENING
from omsbot.domain.events import Event, EventKind, Evidence
from omsbot.domain.project.oms_error import ErrorScope, OmsError, OmsErrorKind

SHORTEST_PROBE_MS, LONGEST_PROBE_MS = 2_000, 300_000
SHORTEST_LOGIN_PROBE_MS = 10_000  # a login that is tried too often locks the account


# what a proxy, a login page or a cut-off answer looks like: of one project, or of all of a server
UNINTELLIGIBLE = {OmsErrorKind.MALFORMED, OmsErrorKind.TOO_LARGE}


class Belief(NamedTuple):
    """What must be seen before a condition is believed: looks in a row, over at least so long (ms)."""

    looks: int
    over_ms: int


BELIEFS: Mapping[ConditionKind, Belief] = {
    ConditionKind.UNREACHABLE: Belief(3, 5_000),
    ConditionKind.LOGIN_REJECTED: Belief(1, 0),
    ConditionKind.UNREADABLE: Belief(3, 15_000),
    ConditionKind.GARBLED: Belief(3, 15_000),
    ConditionKind.GONE: Belief(2, 60_000),
}


class ServerHealth(StrEnum):
    OK = "ok"
    UNREACHABLE = "unreachable"
    LOGIN_REJECTED = "login_rejected"
    GARBLED = "garbled"


@dataclass(frozen=True, slots=True)
class ServerState:
    """What is known of one OMS server. `failures` are in a row, the first at `since_at`.

    While `health` is not OK only one poll probes the server, at `probe_at`.
    """

    health: ServerHealth = ServerHealth.OK
    since_at: int = 0
    failures: int = 0
    probe_at: int = 0


class ServerVerdict(NamedTuple):
    state: ServerState
    event: Event | None = None


def server_failed(state: ServerState, error: OmsError, *, now: int) -> ServerVerdict:
    """Judge a server after a poll that says something about the whole server failed.

    A login that is rejected after other failures is trouble of its own. The other way round nothing is told:
    a server whose login is rejected is as dark as before, and one lost answer would tell both anew.
    """
    kind = _server_condition(error)
    health = ServerHealth(kind.value)
    failures = state.failures + 1
    told = state.health in {health, ServerHealth.LOGIN_REJECTED}
    begins = not state.failures or (health is ServerHealth.LOGIN_REJECTED and not told)
    since = now if begins else state.since_at
    probe = probe_at(since, error, now)
    if told or not believed(kind, failures, now - since):
        return ServerVerdict(ServerState(state.health, since, failures, probe))
    evidence = _evidence(error, since)
    return ServerVerdict(
        ServerState(health, since, failures, probe),
        Event(OPENING[kind], now, happened_at=since, evidence=evidence),
    )


def server_answered(state: ServerState, *, now: int) -> ServerVerdict:
    """Judge a server after it answered, in whatever words."""
    if state.health is ServerHealth.OK:
        return ServerVerdict(ServerState(since_at=now) if state.failures else state)
    evidence = Evidence(since_at=state.since_at, error_kind=state.health)
    return ServerVerdict(ServerState(since_at=now), Event(EventKind.SERVER_BACK, now, evidence=evidence))


class Sight(NamedTuple):
    """What is seen of a server's followed projects: the last good answer, and how many answered badly
    last.
    """

    seen_at: int | None
    troubled: int


def server_garbled(
    state: ServerState, suspicion: Condition | None, sight: Sight, error: OmsError, *, now: int
) -> ServerVerdict | None:
    """Judge a server after an answer that cannot be read; None where that says something of one project only.

    It is the server's fault where several projects answer so and none has answered well since this one began
    to. One project's `suspicion` must be as old as it takes to believe it.
    """
    if error.kind not in UNINTELLIGIBLE:
        return None
    if state.health is ServerHealth.GARBLED:
        return ServerVerdict(
            replace(state, failures=state.failures + 1, probe_at=probe_at(state.since_at, error, now))
        )
    if state.health is not ServerHealth.OK or suspicion is None or suspicion.opened_at is not None:
        return None
    since = suspicion.pending_at
    alone = sight.troubled < 2 or (sight.seen_at is not None and sight.seen_at >= since)
    if alone or not believed(ConditionKind.GARBLED, suspicion.count + 1, now - since):
        return None
    evidence = _evidence(error, since)
    return ServerVerdict(
        ServerState(ServerHealth.GARBLED, since, suspicion.count + 1, probe_at(since, error, now)),
        Event(EventKind.SERVER_GARBLED, now, happened_at=since, evidence=evidence),
    )


def project_failed(
    live: Mapping[ConditionKind, Condition], error: OmsError, *, now: int
) -> tuple[Finding, ...]:
    """Judge one project after its poll failed, given its live conditions by kind.

    A finding whose condition has no `opened_at` is a suspicion: kept, not told. Of the two kinds one at most
    is open: what is believed now takes the place of what was believed before.
    """
    kind = ConditionKind.GONE if error.kind is OmsErrorKind.GONE else ConditionKind.UNREADABLE
    other = live.get(ConditionKind.UNREADABLE if kind is ConditionKind.GONE else ConditionKind.GONE)
    known = live.get(kind)
    if known is None:
        first = Opened(Condition(kind, "", pending_at=now, seen_at=now, since_at=now))
        return (Cleared(other), first) if other and other.opened_at is None else (first,)
    seen = replace(known, seen_at=now, count=known.count + 1)
    opens = known.opened_at is None and believed(kind, seen.count, now - seen.pending_at)
    over = [Cleared(other)] if other and (opens or other.opened_at is None) else []
    if not opens:
        return (*over, Continued(seen))
    evidence = _evidence(error, seen.since_at)
    event = Event(OPENING[kind], now, happened_at=seen.since_at, evidence=evidence)
    return (*over, Continued(replace(seen, opened_at=now), event))


def project_answered(live: Mapping[ConditionKind, Condition], *, now: int) -> tuple[Finding, ...]:
    """Judge one project after its steps could be read again: told trouble ends aloud, suspicion silently."""
    return tuple(
        Cleared(
            known,
            Event(EventKind.PROJECT_READABLE, now, evidence=Evidence(since_at=known.since_at))
            if known.opened_at is not None
            else None,
        )
        for kind, known in live.items()
        if kind in {ConditionKind.GONE, ConditionKind.UNREADABLE}
    )


def believed(kind: ConditionKind, looks: int, over_ms: int) -> bool:
    needed = BELIEFS[kind]
    return looks >= needed.looks and over_ms >= needed.over_ms


def concerns_server(error: OmsError) -> bool:
    return error.facts.scope is ErrorScope.SERVER


def _server_condition(error: OmsError) -> ConditionKind:
    if error.kind is OmsErrorKind.UNAUTHORIZED:
        return ConditionKind.LOGIN_REJECTED
    return ConditionKind.UNREACHABLE


def probe_at(since: int, error: OmsError, now: int) -> int:
    """When to ask a failing server again: after half of the time that it was away, from 2 s to 5 min.

    Time counts, not failures: of a hundred projects a hundred polls fail at once. A rejected login waits 10 s
    at least, and any server as long as it asks for.
    """
    shortest = SHORTEST_LOGIN_PROBE_MS if error.kind is OmsErrorKind.UNAUTHORIZED else SHORTEST_PROBE_MS
    wait = min(LONGEST_PROBE_MS, max(shortest, (now - since) // 2))
    return now + max(wait, int((error.retry_after_s or 0) * 1000))


def _evidence(error: OmsError, since: int) -> Evidence:
    return Evidence(since_at=since, error_kind=error.kind, error_text=str(error), server=error.server)
