"""How a copy flows, as OMS measures it: how fast, how long a row takes, how many bytes, on either side."""

from omsbot.domain.project.project import StepInfo
from omsbot.slack.kit.spans import Line, line
from omsbot.slack.kit.units import amount, number


def flow(info: StepInfo) -> list[Line]:
    """`source 140 rows/s, 7 ms a row, 40.9 kB/s (reference 8,000 rows/s)`, and the same of the target."""
    source = _side("source", (info.src_rps, info.src_rt_ms, info.src_iops), _source_reference(info))
    target = _side("target", (info.dst_rps, info.dst_rt_ms, info.dst_iops), _target_reference(info))
    return [line(side) for side in (source, target) if side]


Figures = tuple[float | None, float | None, float | None]  # rows a second, ms a row, bytes a second


def _source_reference(info: StepInfo) -> Figures:
    return info.src_rps_ref, info.src_rt_ref_ms, info.src_iops_ref


def _target_reference(info: StepInfo) -> Figures:
    return info.dst_rps_ref, info.dst_rt_ref_ms, None


def _side(name: str, measured: Figures, reference: Figures) -> str | None:
    told = _figures(measured)
    if not told:
        return None
    beside = _figures(reference)
    return f"{name} {told}" + (f" (reference {beside})" if beside else "")


def _figures(figures: Figures) -> str:
    rps, rt_ms, bytes_per_s = figures
    parts = (
        f"{number(rps)} rows/s" if rps is not None else None,
        f"{number(rt_ms)} ms a row" if rt_ms is not None else None,
        f"{amount(bytes_per_s)}/s" if bytes_per_s is not None else None,
    )
    return ", ".join(part for part in parts if part)
