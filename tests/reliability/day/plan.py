"""What really happens to many projects in a day, drawn by lot from a seed: troubles of steps, faults of OMS.

Nothing here knows the bot. Times are ms since the day began.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000
DAY = 24 * HOUR
FULL, INCR = "FULL_TRANSFER", "INCR_TRANSFER"
APART = 45 * MINUTE  # between two troubles of a step
QUIET = 40 * MINUTE  # between a series of short failures and any fault
FLAPS_EVERY = 16 * MINUTE  # failed for the first half


class Trouble(Enum):
    STALL = auto()
    SLOW = auto()
    FAIL = auto()
    FLAP = auto()
    PAUSE = auto()
    LAG = auto()
    FREEZE = auto()


class Fault(Enum):
    UNREACHABLE = auto()
    LOGIN = auto()
    GARBLED = auto()
    UNREADABLE = auto()  # of one project


OF_FULL = (Trouble.STALL, Trouble.SLOW, Trouble.FAIL, Trouble.FLAP, Trouble.PAUSE)
OF_INCR = (Trouble.LAG, Trouble.FREEZE, Trouble.FAIL)  # of two pauses at a time one alone is counted down
LASTS = {
    Trouble.PAUSE: (2 * HOUR, 7 * HOUR + 30 * MINUTE, 13 * HOUR),
    Trouble.FLAP: (3 * FLAPS_EVERY, 7 * FLAPS_EVERY),
}
ANY_LENGTH = (105 * MINUTE, 3 * HOUR, 5 * HOUR)
OUTAGE = 20 * MINUTE


@dataclass(frozen=True, slots=True)
class Spell:
    """A trouble of a step, or a fault, from `begins` until `ends`."""

    what: Trouble | Fault
    begins: int
    ends: int

    def at(self, moment: int) -> bool:
        return self.begins <= moment < self.ends


@dataclass(frozen=True, slots=True)
class Life:
    """One project's day: what happens to each of its two steps, and when its own answers cannot be read."""

    server: str
    oms_id: str
    troubles: dict[str, Sequence[Spell]]
    unreadable: Sequence[Spell]


@dataclass(frozen=True, slots=True)
class Plan:
    seed: int
    faults: dict[str, Sequence[Spell]]  # of a server
    lives: Sequence[Life]


def draw(seed: int, *, projects: int, servers: int) -> Plan:
    chance = random.Random(seed)
    names = [f"oms{number}" for number in range(servers)]
    faults = {name: _faults(chance) for name in names}
    lives = [_life(chance, names[number % servers], number, faults) for number in range(projects)]
    return Plan(seed, faults, lives)


def _faults(chance: random.Random) -> Sequence[Spell]:
    """A few outages of a server, hours apart."""
    found, at = [], 0
    for kind in chance.sample((Fault.UNREACHABLE, Fault.LOGIN, Fault.GARBLED, Fault.UNREACHABLE), 4):
        at += chance.randrange(150, 270) * MINUTE
        found.append(Spell(kind, at, at + OUTAGE))
    return found


def _life(chance: random.Random, server: str, number: int, faults: dict[str, Sequence[Spell]]) -> Life:
    own = []
    if number % 3 == 0:  # one project in three; the other projects of its server answer well then
        at = chance.randrange(60, 22 * 60) * MINUTE
        spell = Spell(Fault.UNREADABLE, at, at + OUTAGE)
        own = [spell] if not _near(spell, faults[server], HOUR) else []
    blind = [*faults[server], *own]
    troubles = {step: _troubles(chance, of, blind) for step, of in ((FULL, OF_FULL), (INCR, OF_INCR))}
    return Life(server, f"np_{number:05}", troubles, own)


def _troubles(chance: random.Random, kinds: Sequence[Trouble], blind: Sequence[Spell]) -> Sequence[Spell]:
    found: list[Spell] = []
    at = 0
    while True:
        at += APART + chance.randrange(0, 4 * 60) * MINUTE + chance.randrange(60) * SECOND
        kind = chance.choice(kinds)
        spell = Spell(kind, at, at + chance.choice(LASTS.get(kind, ANY_LENGTH)))
        if spell.ends > DAY - APART:
            return found
        if kind is Trouble.FLAP and _near(spell, blind, QUIET):
            continue
        found.append(spell)
        at = spell.ends


def _near(spell: Spell, others: Sequence[Spell], distance: int) -> bool:
    return any(spell.begins < one.ends + distance and one.begins - distance < spell.ends for one in others)
