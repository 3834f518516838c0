"""Each figure that OMS gives of a copy is shown to the one who asks."""

import pytest

from omsbot.domain.project.project import StepInfo
from omsbot.slack.kit.spans import to_mrkdwn
from omsbot.slack.kit.units import amount
from omsbot.slack.words.throughput import flow

WHOLE = StepInfo(
    src_rps=140,
    src_rt_ms=7,
    src_iops=40_945,
    dst_rps=139,
    dst_rt_ms=8,
    dst_iops=40_900,
    src_rps_ref=8_000,
    src_rt_ref_ms=1,
    src_iops_ref=8_388_608,
    dst_rps_ref=9_000,
    dst_rt_ref_ms=2,
)


def test_both_sides_are_told_with_their_references() -> None:
    assert [to_mrkdwn(side) for side in flow(WHOLE)] == [
        "source 140 rows/s, 7 ms a row, 40.9 kB/s (reference 8,000 rows/s, 1 ms a row, 8.4 MB/s)",
        "target 139 rows/s, 8 ms a row, 40.9 kB/s (reference 9,000 rows/s, 2 ms a row)",
    ]


@pytest.mark.parametrize(
    ("info", "told"),
    [
        pytest.param(StepInfo(), "", id="nothing"),
        pytest.param(StepInfo(src_rps_ref=8_000), "", id="a reference alone"),
        pytest.param(StepInfo(dst_rt_ms=0.4), "target 0.4 ms a row", id="one figure"),
        pytest.param(
            StepInfo(src_rps=0, src_rps_ref=10), "source 0 rows/s (reference 10 rows/s)", id="a halt"
        ),
    ],
)
def test_what_oms_does_not_give_is_left_out(info: StepInfo, told: str) -> None:
    assert "".join(map(to_mrkdwn, flow(info))) == told


@pytest.mark.parametrize(
    ("octets", "told"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (8_388_608, "8.4 MB"),
        (2**63, "9.2 EB"),
        (10**24, "1,000,000.0 EB"),
    ],
    ids=str,
)
def test_amounts_are_told_in_thousands(octets: int, told: str) -> None:
    assert amount(octets) == told
