"""The look of a chart: light, a panel for each measure, one under the other, to be read on a phone."""

from io import BytesIO

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from omsbot.chart.layout import PLOT as PLOT_HEIGHT
from omsbot.chart.layout import ROW, TITLE_ROW, Panel, panels_of
from omsbot.chart.scales import scale_of, summary
from omsbot.chart.times import period, ticks
from omsbot.domain.reports.chart import Band, Curve, Measure, Picture, Trouble

DPI = 200  # twice what a screen shows: 5.4 inches are 1,080 pixels
WIDTH, LEFT, RIGHT, HEAD, FOOT, MARGIN = 5.4, 0.84, 0.36, 0.48, 0.38, 0.1  # inches
TITLE, TEXT, SMALL = 13, 10.5, 10  # points; a phone shows the picture at a third of its size
INK, FAINT, GRID = "#1d1c1d", "#5a595a", "#e3e3e3"
# distinguishable also by people to whom red and green look alike
COLOURS = ("#0072b2", "#009e73", "#b5528f", "#a05a00", "#3aa5dd", "#555555")
LOOKS = {
    Trouble.FAILED: ("#d1242f", ""),
    Trouble.PAUSED: ("#777777", "////"),
    Trouble.WAITING: ("#e0a800", ".."),
}
NAMES = {Measure.PROGRESS: "Progress", Measure.RATE: "Rows a second", Measure.LAG: "Lag behind the source"}
DAY_MS = 86_400_000


def draw(picture: Picture) -> bytes:
    """Return the PNG; equal pictures give equal bytes."""
    pin_fonts()
    panels = panels_of(picture)
    labels = dict.fromkeys(curve.label for curve in picture.curves)
    colours = {label: COLOURS[number % len(COLOURS)] for number, label in enumerate(labels)}
    seen = {band.trouble for panel in panels for band in panel.bands}
    height = HEAD + sum(panel.height for panel in panels) + (FOOT if seen else MARGIN)
    figure = Figure(figsize=(WIDTH, height), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    _write(figure, picture.title, 0.12, height - 0.26, size=TITLE, weight="bold")
    top = height - HEAD
    for panel in panels:
        _head(figure, panel, colours, top)
        bottom = top - panel.head - PLOT_HEIGHT
        box = (LEFT / WIDTH, bottom / height, (WIDTH - LEFT - RIGHT) / WIDTH, PLOT_HEIGHT / height)
        _plot(figure.add_axes(box), panel, colours)
        top -= panel.height
    _foot(figure, [trouble for trouble in Trouble if trouble in seen])
    png = BytesIO()
    figure.savefig(png, format="png", metadata={"Software": None})
    return png.getvalue()


def pin_fonts() -> None:
    """Use the fonts that come with the library: a chart looks the same on every machine."""
    own = mpl.get_data_path()
    fonts = font_manager.fontManager
    fonts.ttflist = [font for font in fonts.ttflist if font.fname.startswith(own)]
    mpl.rcParams.update(
        {
            "font.family": ["DejaVu Sans"],
            "text.parse_math": False,  # a dollar in a name is a dollar
            "text.color": INK,
            "hatch.linewidth": 0.6,
        }
    )


def _write(figure: Figure, text: str, x: float, y: float, **look: object) -> None:
    """Write at a place in inches from the lower left corner."""
    width, height = figure.get_size_inches()
    figure.text(x / width, y / height, text, va="center", **look)  # type: ignore[arg-type]


def _head(figure: Figure, panel: Panel, colours: dict[str, str], top: float) -> None:
    """The measure, and under it a row for each curve: its colour, its step, what it came to."""
    _write(figure, NAMES[panel.measure], 0.12, top - TITLE_ROW / 2, size=TEXT, weight="bold")
    width, height = figure.get_size_inches()
    for number, curve in enumerate(panel.curves):
        y = top - TITLE_ROW - ROW * (number + 0.4)
        line = Line2D([0.14 / width, 0.38 / width], [y / height] * 2, color=colours[curve.label], linewidth=2)
        figure.add_artist(line)
        _write(figure, f"{curve.label}: {summary(curve)}", 0.46, y, size=SMALL)


def _plot(axes: Axes, panel: Panel, colours: dict[str, str]) -> None:
    scale = scale_of(panel.measure, panel.curves)
    for band in panel.bands:
        _band(axes, band)
    for curve in panel.curves:
        _curve(axes, curve, colours[curve.label])
    axes.set_xlim(_day(panel.begin), _day(panel.end))
    axes.set_ylim(-0.02 * scale.top, scale.top)  # a line at 0 is seen in its whole width
    axes.set_yticks([value for value, _ in scale.ticks], [label for _, label in scale.ticks])
    times = ticks(panel.begin, panel.end)
    axes.set_xticks([_day(at) for at, _ in times], [label for _, label in times])
    axes.tick_params(labelsize=SMALL, colors=FAINT, length=2, labelbottom=panel.dated)
    if panel.dated:
        axes.set_xlabel(period(panel.begin, panel.end), size=SMALL, color=FAINT, loc="left", labelpad=2)
    axes.grid(color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    for name, spine in axes.spines.items():
        spine.set_visible(name in {"left", "bottom"})
        spine.set_color("#b0b0b0")


def _curve(axes: Axes, curve: Curve, colour: str) -> None:
    days = [_day(at) for at, _ in curve.points]
    values = [float("nan") if value is None else value for _, value in curve.points]
    if curve.measure is Measure.RATE:
        axes.fill_between(days, values, step="pre", color=colour, alpha=0.15, linewidth=0)
        axes.plot(days, values, drawstyle="steps-pre", color=colour, linewidth=1.3)
    else:
        axes.plot(days, values, color=colour, linewidth=1.8)
    if len(days) < 10:  # so few that a person should see which there are
        axes.plot(days, values, "o", color=colour, markersize=3)
    axes.plot(days[-1:], values[-1:], "o", color=colour, markersize=4, clip_on=False, zorder=4)


def _band(axes: Axes, band: Band) -> None:
    colour, hatch = LOOKS[band.trouble]
    # the edge keeps a band that is narrower than a pixel in sight
    axes.axvspan(
        _day(band.since),
        _day(band.until),
        facecolor=(colour, 0.16),
        edgecolor=(colour, 0.55),
        hatch=hatch,
        linewidth=0.8,
    )


def _foot(figure: Figure, troubles: list[Trouble]) -> None:
    patches = [
        Patch(facecolor=(colour, 0.16), edgecolor=(colour, 0.55), hatch=hatch, label=trouble)
        for trouble in troubles
        for colour, hatch in (LOOKS[trouble],)
    ]
    if patches:
        figure.legend(
            handles=patches,
            loc="lower right",
            ncols=len(patches),
            fontsize=SMALL,
            frameon=False,
            borderaxespad=0.4,
        )


def _day(at: int) -> float:
    """Days since 1970: the library's numbers lose no milliseconds at this size."""
    return at / DAY_MS
