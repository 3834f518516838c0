"""What is said with a chart, for those who do not see it."""

from omsbot.domain.project.project import ProjectRef
from omsbot.domain.reports.chart import Band, Curve, Measure, Picture, Trouble
from omsbot.slack.messages.charts import ALT_LIMIT, alt_text, chart_comment, chart_title
from tests.builders import HOUR, MINUTE, NOW

REF = ProjectRef("prod", "np_a1b2")


def test_one_sentence_tells_every_figure() -> None:
    copied = "Full migration"
    picture = Picture(
        "np_a1b2",
        (
            Curve(copied, Measure.PROGRESS, ((NOW, 3), (NOW + 2 * HOUR, 57))),
            Curve(copied, Measure.RATE, ((NOW, 8_000), (NOW + HOUR, 8_000), (NOW + 2 * HOUR, 9_000))),
            Curve(
                "Incremental synchronization", Measure.LAG, ((NOW, 5), (NOW + HOUR, 320), (NOW + 2 * HOUR, 4))
            ),
        ),
        (
            Band(Trouble.FAILED, NOW, NOW + 14 * MINUTE, ()),
            Band(Trouble.FAILED, NOW + HOUR, NOW + HOUR + MINUTE, ()),
            Band(Trouble.PAUSED, NOW, NOW + MINUTE, ()),
        ),
    )
    assert alt_text(picture) == (
        "np_a1b2, from 2023-11-14 22:13:20 UTC to 2023-11-15 00:13:20 UTC: "
        "Full migration went from 3 % to 57 % in 2 h, 8,500 rows/s on average and 9,000 at most; "
        "Incremental synchronization is 4 s behind and was 5 min 20 s behind at most; "
        "failed 2 times for 15 min in all; paused 1 time for 1 min in all."
    )


def test_the_sentence_fits_into_what_slack_takes() -> None:
    many = tuple(Curve(f"Step {n}", Measure.LAG, ((NOW, 5), (NOW + 1, 6))) for n in range(60))
    assert len(alt_text(Picture("np_a", many))) == ALT_LIMIT


def test_a_time_that_no_calendar_has_is_left_open() -> None:
    far = Picture("np_a", (Curve("A", Measure.LAG, ((-(10**18), 5), (10**18, 6))),))
    assert alt_text(far).startswith("np_a, from ? to ?: ")


def test_the_comment_names_the_project_and_who_asked() -> None:
    assert chart_title(REF) == "Chart of prod:np_a1b2"
    said = chart_comment(REF, "orders <!channel>", "U1")
    assert "(np_a1b2 on prod)" in said
    assert said.endswith(" for <@U1>.")
    assert "<!channel>" not in said
    assert "for" not in chart_comment(REF, None, None)
