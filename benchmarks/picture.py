"""Curves on logarithmic axes, side by side in one PNG."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Curve:
    title: str
    unit: str
    values: list[float]

    def slope(self, sizes: Sequence[int]) -> float:
        """The exponent of growth: least squares on logarithms."""
        xs, ys = [math.log(size) for size in sizes], [math.log(value) for value in self.values]
        x, y = sum(xs) / len(xs), sum(ys) / len(ys)
        return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum((a - x) ** 2 for a in xs)


def draw(file: Path, sizes: Sequence[int], curves: Sequence[Curve]) -> None:
    """Draw each curve over the number of projects."""
    import matplotlib as mpl  # takes a second, which only this picture needs

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, len(curves), figsize=(4 * len(curves), 3.2), layout="constrained")
    for axis, curve in zip(axes, curves, strict=True):
        exponent = curve.slope(sizes)
        axis.loglog(sizes, curve.values, marker="o", color="#1264a3")
        for size, value in zip(sizes, curve.values, strict=True):
            label = f"{value:,.0f}" if value >= 10 else f"{value:.2g}"
            axis.annotate(label, (size, value), textcoords="offset points", xytext=(0, 8), ha="center")
        axis.set_title(f"{curve.title}: slope {exponent:.2f}", fontsize=11)
        axis.set_xlabel("projects")
        axis.set_ylabel(curve.unit)
        axis.set_xlim(sizes[0] / 2.5, sizes[-1] * 2.5)
        axis.set_ylim(min(curve.values) / 5, max(curve.values) * 5)
        axis.minorticks_off()
        axis.grid(visible=True, which="major", alpha=0.3)
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=110)
    plt.close(figure)
