"""What is said with a chart: its title, one sentence for those who do not see it, and who asked for it."""

from collections.abc import Iterable, Iterator

from omsbot.domain.masking import shorten
from omsbot.domain.project.project import ProjectRef
from omsbot.domain.reports.chart import Curve, Measure, Picture, Trouble, mean
from omsbot.slack.kit.spans import line, mentions, to_mrkdwn
from omsbot.slack.kit.text import one_line
from omsbot.slack.kit.units import counted, duration, number, percent, utc
from omsbot.slack.words.status import title as project_title

ALT_LIMIT = 1_000  # characters that Slack takes for the description of a file
TITLE_LIMIT = 100


def chart_title(ref: ProjectRef) -> str:
    return one_line(f"Chart of {ref}", TITLE_LIMIT)


def chart_comment(ref: ProjectRef, name: str | None, actor: str | None) -> str:
    """The message above a chart, as mrkdwn: of which project it is, and who asked for it."""
    asked = line(" for ", mentions(f"<@{actor}>")) if actor else None
    return to_mrkdwn(line("Chart of ", project_title(ref, name), asked, "."))


def alt_text(picture: Picture) -> str:
    """One sentence with the numbers that the chart shows."""
    times = [at for curve in picture.curves for at, _ in curve.points]
    said = "; ".join([*map(_of_step, _by_step(picture)), *_troubles(picture)])
    span = f"from {utc(min(times)) or '?'} to {utc(max(times)) or '?'}"
    return shorten(f"{picture.title}, {span}: {said}.", ALT_LIMIT)


def _by_step(picture: Picture) -> Iterable[list[Curve]]:
    steps: dict[str, list[Curve]] = {}
    for curve in picture.curves:
        steps.setdefault(curve.label, []).append(curve)
    return steps.values()


def _of_step(curves: list[Curve]) -> str:
    return f"{curves[0].label} {', '.join(map(_figures, curves))}"


def _figures(curve: Curve) -> str:
    values = [value for _, value in curve.points if value is not None]
    match curve.measure:
        case Measure.PROGRESS:
            took = duration(curve.points[-1][0] - curve.points[0][0])
            return f"went from {percent(int(values[0]))} to {percent(int(values[-1]))} in {took}"
        case Measure.RATE:
            return f"{number(mean(curve))} rows/s on average and {number(max(values))} at most"
        case Measure.LAG:
            return f"is {_lag(values[-1])} behind and was {_lag(max(values))} behind at most"


def _lag(seconds: float) -> str:
    return duration(int(seconds) * 1000)


def _troubles(picture: Picture) -> Iterator[str]:
    for trouble in Trouble:
        spans = [band.until - band.since for band in picture.bands if band.trouble is trouble]
        if spans:
            yield f"{trouble} {counted(len(spans), 'time')} for {duration(sum(spans))} in all"
