"""Plan: the commands around a switchover, and how they are read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from omsbot.bot.grammar.arguments import Asked, Wrong, one_of, single_ref, take_refs
from omsbot.bot.grammar.refs import lacks_prefix
from omsbot.bot.grammar.words import OFF
from omsbot.domain.forecast.deadline import Wanted, read_deadline
from omsbot.domain.project.project import ProjectRef
from omsbot.domain.zones import UnknownZone

_TIME_WORD = re.compile(r"[0-9][0-9:.tz-]*|today|tomorrow", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ShowReady:
    ref: ProjectRef


@dataclass(frozen=True, slots=True)
class ShowDeadline:
    ref: ProjectRef


@dataclass(frozen=True, slots=True)
class SetDeadline:
    """No `wanted` means that the project has no deadline any more."""

    ref: ProjectRef
    wanted: Wanted | None


def read_ready(asked: Asked) -> ShowReady:
    return ShowReady(single_ref(asked, asked.args))


def read_deadline_command(asked: Asked) -> ShowDeadline | SetDeadline:
    refs, rest = take_refs(asked)
    for word in () if refs else rest:
        if lacks_prefix(word):
            asked.ref(word)  # explains what is missing
    ref = single_ref(asked, [word for word in asked.args if word not in rest])
    if not rest:
        return ShowDeadline(ref)
    if len(rest) == 1 and rest[0].lower() in OFF:
        return SetDeadline(ref, None)
    try:
        return SetDeadline(ref, read_deadline(" ".join(rest)))
    except UnknownZone as wrong:
        raise Wrong(str(wrong), _in_other_zones(ref, rest, wrong) or _hint(asked, ref)) from wrong
    except ValueError as wrong:
        raise Wrong(str(wrong), _hint(asked, ref)) from wrong


def _in_other_zones(ref: ProjectRef, rest: Sequence[str], wrong: UnknownZone) -> str | None:
    when = " ".join(word for word in rest if _TIME_WORD.fullmatch(word))
    return one_of(f"/oms deadline {ref} {when} {zone}" for zone in wrong.meant)


def _hint(asked: Asked, ref: ProjectRef) -> str:
    return f"For example `{asked.example((ref,))}`."
