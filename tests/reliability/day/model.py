"""What has to be told of a day, derived from its plan alone: each fact with the span of time it is due in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tests.reliability.day.plan import FLAPS_EVERY, HOUR, MINUTE, SECOND, Fault, Plan, Spell, Trouble

INTERVAL = 2 * MINUTE
POLLS = 3 * INTERVAL  # one look, as late as the pace in incremental sync and a lost answer make it
RETURN = 10 * MINUTE  # a server that was away for 20 min is asked every 5 min at most, its projects in turn
STALLED_AFTER = SLOW_AFTER = 30 * MINUTE
FROZEN_AFTER = 20 * MINUTE
SAMPLED_EVERY = 10 * SECOND
LAGS_AFTER, CAUGHT_UP_AFTER = 596_000, 283_000  # 300 s at half a second a second; below 150 s at 3 a second
WATCHED = 20 * MINUTE  # a step that fails again within this time flaps
REMINDED = 4 * HOUR
COUNTDOWN = (HOUR, 6 * HOUR, 10 * HOUR, 11 * HOUR, 11 * HOUR + 45 * MINUTE)


class Span(NamedTuple):
    first: int
    last: int

    def later(self, by: int) -> "Span":
        return Span(self.first + by, self.last + by)


class Fact(NamedTuple):
    """`what` is the kind's name, with `again` for a reminder and a count where one belongs to it."""

    subject: str
    what: str
    step: str
    due: Span


@dataclass(frozen=True, slots=True)
class Eyes:
    """When one project can be seen."""

    blind: Sequence[Spell]

    def see(self, span: Span) -> Span:
        """When something is seen that happens within a span."""
        return Span(self._open(span.first), self._missed(span.last) + POLLS)

    def at(self, moment: int) -> Span:
        return self.see(Span(moment, moment))

    def _open(self, moment: int) -> int:
        return next((one.ends for one in self.blind if one.at(moment)), moment)

    def _missed(self, moment: int) -> int:
        """The same at the latest: the next look may come too late, and meet the fault."""
        faults = (one for one in self.blind if one.begins < moment + POLLS and moment < one.ends)
        return next((one.ends + RETURN for one in faults), moment)


def expected(plan: Plan) -> list[Fact]:
    facts: list[Fact] = []
    for server, faults in plan.faults.items():
        for fault in faults:
            facts += _of_server(server, fault)
    for life in plan.lives:
        for spell in life.unreadable:
            facts += [
                Fact(life.oms_id, "project_unreadable", "", Span(spell.begins, spell.begins + POLLS)),
                Fact(life.oms_id, "project_readable", "", Span(spell.ends, spell.ends + POLLS)),
            ]
        eyes = Eyes([*plan.faults[life.server], *life.unreadable])
        for step, spells in life.troubles.items():
            for spell in spells:
                facts += (Fact(life.oms_id, what, step, due) for what, due in _of_step(spell, eyes))
    return facts


def _of_server(server: str, fault: Spell) -> Iterator[Fact]:
    what = {
        Fault.UNREACHABLE: "server_unreachable",
        Fault.LOGIN: "server_rejects_login",
        Fault.GARBLED: "server_garbled",
    }
    if isinstance(fault.what, Fault):
        yield Fact(server, what[fault.what], "", Span(fault.begins, fault.begins + POLLS))
    yield Fact(server, "server_back", "", Span(fault.ends, fault.ends + RETURN))


def _of_step(spell: Spell, eyes: Eyes) -> Iterator[tuple[str, Span]]:
    began, ended = eyes.at(spell.begins), eyes.at(spell.ends)
    match spell.what:
        case Trouble.FAIL:
            yield from _lasts("step_failed", began, "step_recovered", ended, eyes)
        case Trouble.FLAP:
            yield from _flaps(spell, eyes)
        case Trouble.PAUSE:
            yield "step_paused", began
            for mark in COUNTDOWN:
                if began.first + mark < ended.first:
                    yield "step_paused again", eyes.see(began.later(mark))
            yield "step_resumed", ended
        case Trouble.STALL:
            yield from _lasts("step_stalled", _after(began, STALLED_AFTER, eyes), "step_moving", ended, eyes)
        case Trouble.SLOW:
            yield from _lasts("step_slow", _after(began, SLOW_AFTER, eyes), "step_up_to_speed", ended, eyes)
        case Trouble.FREEZE:
            began = Span(eyes.at(spell.begins - SAMPLED_EVERY).first, began.last)
            yield from _lasts("step_frozen", _after(began, FROZEN_AFTER, eyes), "step_advancing", ended, eyes)
        case Trouble.LAG:
            opens, ends = eyes.at(spell.begins + LAGS_AFTER), eyes.at(spell.ends + CAUGHT_UP_AFTER)
            yield from _lasts("step_lagging", opens, "step_caught_up", ends, eyes)


def _after(began: Span, delay: int, eyes: Eyes) -> Span:
    return eyes.see(began.later(delay))


def _lasts(opening: str, opens: Span, ending: str, ends: Span, eyes: Eyes) -> Iterator[tuple[str, Span]]:
    yield opening, opens
    again = eyes.see(opens.later(REMINDED))
    while again.first < ends.first:
        yield f"{opening} again", again
        again = eyes.see(again.later(REMINDED))
    yield ending, ends


def _flaps(spell: Spell, eyes: Eyes) -> Iterator[tuple[str, Span]]:
    times = (spell.ends - spell.begins) // FLAPS_EVERY
    last_well = spell.begins + (times - 1) * FLAPS_EVERY + FLAPS_EVERY // 2
    yield "step_failed", eyes.at(spell.begins)
    yield "step_recovered", eyes.at(spell.begins + FLAPS_EVERY // 2)
    yield "step_flapping 3", eyes.at(spell.begins + 2 * FLAPS_EVERY)
    yield f"step_steady {times}", _after(eyes.at(last_well), WATCHED, eyes)
