"""The words for estimates, catching up and deadlines."""

from omsbot.domain.forecast.deadline import Moment
from omsbot.domain.forecast.estimate import CatchUp, Estimate
from omsbot.domain.project.project import ProjectRef
from omsbot.slack.kit.spans import Date, Line, code, joined, line, mentions
from omsbot.slack.kit.text import one_line
from omsbot.slack.kit.units import SECOND_MS, duration

ZONE_LIMIT = 64
ONE_FIGURE = 1.1  # a range whose ends are as close as that is shown as one figure


def time_left(estimate: Estimate, *, now: int) -> str | None:
    """`2 h 50 min to 3 h 40 min left`; None where it is not known. `now` is on the estimate's clock."""
    if estimate.earliest is None or estimate.latest is None:
        return None
    soonest, longest = max(0, estimate.earliest - now), max(0, estimate.latest - now)
    least, most = duration(soonest), duration(longest)
    if least == most or longest <= soonest * ONE_FIGURE:
        return f"about {most} left"
    return f"{least} to {most} left" if soonest >= SECOND_MS else f"up to {most} left"


def estimate_line(estimate: Estimate, *, now: int) -> Line:
    """`2 h 50 min to 3 h 40 min left, done around DATE`, or why that is not known."""
    left = time_left(estimate, now=now)
    if left is None or estimate.likely is None:
        return line(f"time left unknown: {estimate.reason}" if estimate.reason else None)
    return line(f"{left}, done around ", Date(estimate.likely))


def catch_up_words(found: CatchUp) -> str:
    """`caught up in about 12 min`, `lag is growing`; empty where the lag is caught up."""
    if found.seconds is None:
        return {"steady": "lag is neither growing nor shrinking"}.get(found.reason or "", found.reason or "")
    return f"caught up in about {duration(found.seconds * SECOND_MS)}" if found.seconds else ""


def deadline_set(ref: ProjectRef, found: Moment, actor: str) -> Line:
    """Who set a deadline, for when, and by which clock it was understood."""
    return line(
        _who(actor),
        " set the deadline of ",
        code(str(ref)),
        ": ",
        Date(found.at),
        _by_clock(found),
        ". This channel is notified when the estimate passes it.",
    )


def _by_clock(found: Moment) -> str | None:
    if found.zone is None:
        return None
    zone = one_line(found.zone, ZONE_LIMIT)
    return f" ({zone} time; no time zone was given)" if found.assumed else f" ({zone} time)"


def deadline_off(ref: ProjectRef, actor: str) -> Line:
    return line(_who(actor), " removed the deadline of ", code(str(ref)), ".")


def deadline_shown(ref: ProjectRef, at: int, by: str | None, *, now: int) -> Line:
    """`The deadline of np_x is DATE, in 3 h, set by @ana.`"""
    away = f"in {duration(at - now)}" if at > now else f"{duration(now - at)} ago"
    setter = line("set by ", _who(by)) if by else None
    return line(joined((line("The deadline of ", code(str(ref)), " is ", Date(at)), away, setter), ", "), ".")


def _who(actor: str) -> Line:
    return mentions(f"<@{actor}>") or line("Someone")
