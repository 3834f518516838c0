"""Where the parts of a chart stand: which panels there are, how wide in time, how high (in inches)."""

from dataclasses import dataclass

from omsbot.domain.reports.chart import Band, Curve, Measure, Picture

PLOT, ROW, TITLE_ROW, AXIS, GAP = 1.45, 0.22, 0.3, 0.46, 0.14
LEAST_SPAN_MS = 10_000
# progress and rate of one copy stand on one time axis; a lag has its own: it may go on for weeks after
TOGETHER = (Measure.PROGRESS, Measure.RATE)


@dataclass(frozen=True, slots=True)
class Panel:
    """One plot. `dated` says that it writes its times: of two on one time axis the lower one does."""

    measure: Measure
    curves: tuple[Curve, ...]
    bands: tuple[Band, ...]
    begin: int
    end: int
    dated: bool

    @property
    def head(self) -> float:
        """The height of its title and of a row for each curve."""
        return TITLE_ROW + ROW * len(self.curves)

    @property
    def height(self) -> float:
        return self.head + PLOT + (AXIS if self.dated else GAP)


def panels_of(picture: Picture) -> tuple[Panel, ...]:
    """The panels from top to bottom."""
    measures = [measure for measure in Measure if picture.of(measure)]
    panels = []
    for measure in measures:
        group = TOGETHER if measure in TOGETHER else (measure,)
        begin, end = _span(picture.of(*group))
        bands = (band for band in picture.bands if measure in band.measures)
        panels.append(
            Panel(
                measure,
                picture.of(measure),
                tuple(
                    _clipped(band, begin, end) for band in bands if band.since <= end and band.until >= begin
                ),
                begin,
                end,
                dated=measure is [one for one in measures if one in group][-1],
            )
        )
    return tuple(panels)


def _span(curves: tuple[Curve, ...]) -> tuple[int, int]:
    times = [at for curve in curves for at, _ in curve.points]
    return min(times), max(*times, min(times) + LEAST_SPAN_MS)


def _clipped(band: Band, begin: int, end: int) -> Band:
    return Band(band.trouble, max(band.since, begin), min(band.until, end), band.measures)
