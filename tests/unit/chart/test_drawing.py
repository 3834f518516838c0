"""The picture itself: its size, its fonts, and that equal figures give equal pictures."""

import struct
import sys
from collections.abc import Callable

import matplotlib as mpl
import pytest
from matplotlib import font_manager

from omsbot.chart.drawing import draw, pin_fonts
from omsbot.domain.reports.chart import Band, Curve, Measure, Picture, Trouble
from tests.builders import MINUTE, NOW, SECOND

PNG = b"\x89PNG\r\n\x1a\n"


def curve(
    measure: Measure, value: Callable[[int], float | None], number: int = 60, label: str = "Full migration"
) -> Curve:
    return Curve(label, measure, tuple((NOW + n * 10 * SECOND, value(n)) for n in range(number)))


COPY = Picture(
    "np_a1b2",
    (
        curve(Measure.PROGRESS, lambda n: n),
        curve(Measure.RATE, lambda n: None if n == 30 else 8_000 + n),
        curve(Measure.LAG, lambda n: abs(n - 30) * 20, label="Incremental synchronization"),
    ),
    tuple(
        Band(trouble, NOW + n * MINUTE, NOW + (n + 1) * MINUTE, tuple(Measure))
        for n, trouble in enumerate(Trouble)
    ),
)
PICTURES = {
    "all that there is": COPY,
    "three looks": Picture("np_a1b2", (curve(Measure.PROGRESS, lambda n: n, 3),)),
    "two looks at a lag of nothing": Picture("np_a1b2", (curve(Measure.LAG, lambda n: 0, 2),)),
    "a name that looks like a formula": Picture("$np_{x}^2$", (curve(Measure.LAG, lambda n: 0),)),
    "more steps than colours": Picture(
        "np_a1b2", tuple(curve(Measure.PROGRESS, lambda n: n, label=f"Step {k}") for k in range(8))
    ),
}


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(PNG)
    width, height = struct.unpack(">II", png[16:24])
    return width, height


@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
def test_a_picture_is_as_wide_as_a_phone_at_twice_its_resolution(picture: Picture) -> None:
    width, height = size_of(draw(picture))
    assert width == 1_080
    assert 400 < height < 2_000


def test_equal_figures_give_equal_pictures() -> None:
    assert draw(COPY) == draw(Picture.from_json(COPY.as_json()))


def test_the_fonts_are_those_of_the_library_on_every_machine() -> None:
    pin_fonts()
    for weight in ("normal", "bold"):
        font = font_manager.FontProperties(family=mpl.rcParams["font.family"], weight=weight)
        assert font_manager.findfont(font).startswith(mpl.get_data_path())


def test_no_window_system_is_loaded() -> None:
    draw(COPY)
    assert "matplotlib.pyplot" not in sys.modules
