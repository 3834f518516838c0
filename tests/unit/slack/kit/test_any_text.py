"""Whatever OMS or a person writes, a message is valid, notifies nobody else and links nowhere else."""

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block as SdkBlock

from omsbot.domain.events import Event, EventKind, Evidence, Level
from omsbot.domain.notify.compose import Composition, Pending, compose
from omsbot.domain.notify.delivery import DeliveryState, Reason
from omsbot.domain.notify.follow_options import FollowOptions
from omsbot.domain.project.oms_error import OmsErrorKind
from omsbot.domain.project.project import (
    STEP_NAMES,
    ErrorDetail,
    ProjectRef,
    ProjectSummary,
    Snapshot,
    Step,
    StepError,
    StepInfo,
    StepStatus,
)
from omsbot.domain.reports.completion_report import report
from omsbot.domain.reports.readiness import readiness
from omsbot.domain.views import HistoryEntry, Page, ProjectView, SubscriptionView
from omsbot.slack.kit.blocks import Message
from omsbot.slack.messages.answers import history, notice, project_list, subscription_list
from omsbot.slack.messages.card import card
from omsbot.slack.messages.news import NewsContext, full_error, news
from omsbot.slack.messages.ready import ready
from omsbot.slack.messages.steps import steps, steps_terminal
from tests.slack_rules import faults, links, mentions
from tests.unit.slack.samples import CONSOLE, NOW, completed

NASTY = (
    "<!channel>",
    "<!here|x>",
    "<@U0EVIL>",
    "<#C0EVIL>",
    "<!subteam^S0EVIL>",
    "<https://evil.example|the console>",
    "<mailto:a@evil.example>",
    "https://evil.example/x",
    "*b* _i_ ~s~ `c` ```p```",
    "> quote",
    "&lt;!channel&gt;",
    "&amp;",
    "<!date^1^{date}|x>",
    "{step} {server} %s |%7C:",
    "\x00\x1b[31m\r\n\t",
    "\u202eevil\u2066",
    "\ud800",
    "漢" * 3_000,
    "x" * 5_000,
    "&" * 4_000,
    " ",
)
text = st.lists(st.sampled_from(NASTY) | st.text(max_size=20), max_size=4).map("".join)
maybe = st.none() | text
moment = st.none() | st.integers(-(2**63), 2**63 - 1) | st.integers(NOW - 10**8, NOW + 10**8)
count = st.none() | st.integers(-(2**63), 2**63 - 1)
rate = st.none() | st.floats(allow_nan=True, allow_infinity=True)
contexts = st.dictionaries(text, text, max_size=2)

details = st.builds(
    ErrorDetail,
    code=maybe,
    level=maybe,
    message=maybe,
    reason=maybe,
    proposal=maybe,
    extra_context=contexts,
    upstream=st.none() | st.builds(ErrorDetail, message=maybe, proposal=maybe),
)
errors = st.builds(
    StepError,
    code=maybe,
    message=maybe,
    params=contexts,
    failed_at=moment,
    details=st.lists(details, max_size=3).map(tuple),
)
infos = st.builds(
    StepInfo,
    processed_records=count,
    capacity=count,
    dst_rps=rate,
    dst_rps_ref=rate,
    checkpoint_s=count,
    sampled_s=count,
    estimated_remaining_s=count,
    inconsistencies=count,
    skipped=count,
)
step_list = st.builds(
    Step,
    name=st.sampled_from(sorted(STEP_NAMES)) | text,
    status=st.sampled_from(StepStatus),
    raw_status=text,
    order=count,
    description=maybe,
    progress=count,
    started_at=moment,
    finished_at=moment,
    error=st.none() | errors,
    info=st.none() | infos,
)
refs = st.builds(ProjectRef, text, text)
snapshots = st.builds(Snapshot, st.lists(step_list, max_size=5).map(tuple), st.integers(0, 2 * NOW))
views = st.builds(
    ProjectView,
    ref=refs,
    name=maybe,
    snapshot=st.none() | snapshots,
    console_link=st.sampled_from((CONSOLE, None)),
    problem=maybe,
    problem_since_at=moment,
)
subscriptions = st.builds(
    SubscriptionView,
    project=views,
    options=st.builds(
        FollowOptions,
        level=st.sampled_from(Level),
        mention=st.sampled_from((None, "<@U0ANA>", "<!subteam^S0DBA|@dba>", "<!channel>", "ana")),
    ),
    muted_until=moment,
    paused_reason=maybe,
    card_link_ts=st.sampled_from((None, "1700000000.000100")),
)
events = st.builds(
    Event,
    kind=st.sampled_from(EventKind),
    observed_at=st.integers(0, 2 * NOW),
    step=maybe,
    happened_at=moment,
    already=st.booleans(),
    late=st.booleans(),
    brief=st.booleans(),
    evidence=st.builds(
        Evidence,
        before=st.none() | step_list,
        after=st.none() | step_list,
        since_at=moment,
        error_kind=st.sampled_from((None, "nonsense", *OmsErrorKind)),
        error_text=maybe,
    ),
)
compositions = st.lists(
    st.builds(
        Pending,
        delivery_id=st.just(1),
        event=events,
        holds=st.sampled_from((None, True, False)),
        reason=st.sampled_from((Reason.NEWS, Reason.MUTED, Reason.OPEN_WHEN_SUBSCRIBED)),
    ),
    min_size=1,
    max_size=6,
).map(compose)
histories = st.builds(
    HistoryEntry, events, st.sampled_from((None, *DeliveryState)), st.sampled_from((None, *Reason))
)
summaries = st.builds(ProjectSummary, refs, maybe, maybe, maybe)


def _safe(message: Message) -> None:
    blocks = list(message.blocks)
    assert not faults(message.text, blocks)
    assert mentions(message.text, blocks) <= {"U0ANA", "S0DBA"}
    assert links(message.text, blocks) <= {CONSOLE, "https://slack.com/archives/C1/p1700000000000100"}
    assert not faults(message.plain().text, [])
    assert Message.from_json(message.as_json()) == message
    assert not faults(*_parts(message.with_footer("Sent again: Slack did not confirm the first copy.")))
    for block in blocks:
        parsed = SdkBlock.parse(block)
        assert parsed is not None
        assert parsed.to_dict()["type"] == block["type"]


def _parts(message: Message) -> tuple[str, list[dict[str, object]]]:
    return message.text, list(message.blocks)


def _page(items: list[object]) -> Iterator[Page[object]]:
    yield Page(tuple(items), 1, 1, len(items))
    yield Page(tuple(items), 2, 3, 30)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(views, st.booleans())
def test_steps_are_a_valid_message(view: ProjectView, subscribed: bool) -> None:
    _safe(steps(view, now=NOW, subscribed=subscribed))
    assert "\x1b" not in steps_terminal(view, now=NOW)
    for key, _ in view.snapshot.keyed() if view.snapshot else ():
        for message in full_error(view, key):
            _safe(message)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(views, moment)
def test_readiness_is_a_valid_message(view: ProjectView, since: int | None) -> None:
    seen = view.snapshot
    found = readiness(seen, now=NOW, lag_low_since=since, frozen_since=since) if seen else None
    _safe(ready(view, found, now=NOW))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(views, st.lists(events, max_size=4))
def test_a_report_is_a_valid_message(view: ProjectView, told: list[Event]) -> None:
    if view.snapshot:
        _safe(completed(report(view.snapshot, told, []), project=view))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(subscriptions, max_size=4))
def test_cards_and_the_list_of_them_are_valid_messages(followed: list[SubscriptionView]) -> None:
    for one in followed:
        _safe(card(one, now=NOW))
    for page in _page(list(followed)):
        _safe(subscription_list(page, now=NOW, channel_name="<!here>", channel_id="C1"))  # type: ignore[arg-type]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(compositions, st.none() | views, text, st.booleans())
def test_news_is_a_valid_message(
    composition: Composition, view: ProjectView | None, server: str, thread: bool
) -> None:
    _safe(
        news(composition, NewsContext(view, server, "<@U0ANA> <!subteam^S0DBA> <!channel>", thread), now=NOW)
    )


@settings(max_examples=100, deadline=None, derandomize=True)
@given(refs, st.lists(histories, max_size=5), st.lists(summaries, max_size=5), maybe)
def test_history_and_the_list_of_projects_are_valid_messages(
    ref: ProjectRef, entries: list[HistoryEntry], found: list[ProjectSummary], search: str | None
) -> None:
    for page in _page(list(entries)):
        _safe(history(ref, page))  # type: ignore[arg-type]
    for projects in _page(list(found)):
        _safe(project_list(projects, search=search, server=ref.server))  # type: ignore[arg-type]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(text.map(lambda said: f"No project {said}."), maybe)
def test_a_notice_is_a_valid_message(said: str, hint: str | None) -> None:
    _safe(notice(said, hint=hint))
