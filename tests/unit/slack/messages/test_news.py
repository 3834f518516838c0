from dataclasses import replace

import pytest

from omsbot.domain.events import EventKind, Evidence
from omsbot.domain.notify.compose import Pending, compose
from omsbot.domain.notify.delivery import Reason
from omsbot.domain.notify.previous_failure import PastFailure
from omsbot.domain.project.oms_error import OmsErrorKind
from omsbot.domain.project.project import ErrorDetail, Step, StepError
from omsbot.slack.kit.blocks import Message
from omsbot.slack.messages.news import NewsContext, news, sample_alert
from tests.slack_rules import action_ids, links, mentions, visible
from tests.unit.slack.samples import (
    CONSOLE,
    FAILED,
    FULL,
    HOUR,
    INDEX,
    MINUTE,
    MONITORING,
    NOW,
    PRECHECK,
    SWITCHOVER,
    VERIFIED,
    about,
    checked,
    event,
    step,
    told,
)

PAUSED = step("FULL_TRANSFER", "SUSPEND", 4, progress=43)
READY = step("TRANSFER_APP_SWITCH", "RUNNING", 8, progress=0)
ODD = step("INCR_TRANSFER", "DREAMING", 6)

HEADLINES: dict[EventKind, tuple[Step | None, str, str]] = {
    EventKind.STEP_FAILED: (FULL, "Full migration FAILED", "43 % done when it failed"),
    EventKind.STEP_RECOVERED: (INDEX, "Index migration recovered", "after failing for"),
    EventKind.STEP_WAITING: (VERIFIED, "Action needed in OMS: Full verification", "choose Go To Next Stage"),
    EventKind.STEP_PAUSED: (PAUSED, "Full migration paused", "more than 12 hours cannot be recovered"),
    EventKind.STEP_RESUMED: (INDEX, "Index migration resumed", "after a pause of"),
    EventKind.STEP_MONITORING: (MONITORING, "Incremental synchronization caught up", "lag 3 s"),
    EventKind.STEP_RERUN: (INDEX, "Index migration is running again", "now running"),
    EventKind.STEP_APPEARED: (SWITCHOVER, "New step: Forward switchover", "now not started"),
    EventKind.STEP_VANISHED: (None, "no longer part of the project", "probably reconfigured"),
    EventKind.STEP_STATUS_UNKNOWN: (ODD, "a status that omsbot does not know", "DREAMING"),
    EventKind.STEP_STALLED: (FULL, "Full migration is stalled", "OMS still reports RUNNING"),
    EventKind.STEP_MOVING: (FULL, "Full migration is making progress again", "after 2 min"),
    EventKind.STEP_SLOW: (FULL, "Full migration is slow", "step's concurrency"),
    EventKind.STEP_UP_TO_SPEED: (FULL, "Full migration is up to speed again", "after 2 min"),
    EventKind.STEP_LAGGING: (
        MONITORING,
        "Incremental synchronization is lagging behind",
        "this lag may be false",
    ),
    EventKind.STEP_CAUGHT_UP: (MONITORING, "Incremental synchronization has caught up", "lag 3 s"),
    EventKind.STEP_FROZEN: (MONITORING, "its checkpoint is not advancing", "OMS reports no failure"),
    EventKind.STEP_ADVANCING: (MONITORING, "Incremental synchronization is advancing again", "lag 3 s"),
    EventKind.STEP_FLAPPING: (FULL, "Full migration keeps failing and recovering", "counts its failures"),
    EventKind.STEP_STEADY: (INDEX, "Index migration is stable again", "now running"),
    EventKind.PROJECT_OVERDUE: (None, "The deadline will be missed", "it has passed"),
    EventKind.PROJECT_IN_TIME: (None, "On track for the deadline again", "it has passed"),
    EventKind.STEP_STARTED: (INDEX, "Index migration started", "2023-11-14 22:11:20 UTC"),
    EventKind.STEP_FINISHED: (PRECHECK, "Precheck finished", "took 1 min"),
    EventKind.PROJECT_COMPLETED: (None, "Project completed", "Only verification can confirm"),
    EventKind.PROJECT_GONE: (None, "OMS no longer knows this project", "a released project is gone"),
    EventKind.PROJECT_UNREADABLE: (None, "omsbot cannot read this project", "Read OMS's own message"),
    EventKind.PROJECT_READABLE: (None, "omsbot can read this project again", "not seen for 2 min"),
    EventKind.SERVER_UNREACHABLE: (None, "OMS server default is not responding", "OMS console is up"),
    EventKind.SERVER_REJECTS_LOGIN: (None, "rejects the bot's login", "expire after 90 days"),
    EventKind.SERVER_GARBLED: (None, "sends answers that omsbot cannot read", "not a proxy or a login page"),
    EventKind.SERVER_BACK: (None, "OMS server default is responding again", "not seen for 2 min"),
}
# OMS gives no time of these
ENDINGS = {
    EventKind.PROJECT_READABLE,
    EventKind.SERVER_BACK,
    EventKind.STEP_RECOVERED,
    EventKind.STEP_RESUMED,
    EventKind.STEP_MOVING,
    EventKind.STEP_UP_TO_SPEED,
}
ERRORS = {
    EventKind.PROJECT_GONE: OmsErrorKind.GONE,
    EventKind.PROJECT_UNREADABLE: OmsErrorKind.REJECTED,
    EventKind.SERVER_UNREACHABLE: OmsErrorKind.UNREACHABLE,
    EventKind.SERVER_REJECTS_LOGIN: OmsErrorKind.UNAUTHORIZED,
    EventKind.SERVER_GARBLED: OmsErrorKind.MALFORMED,
}


def one(kind: EventKind, of: Step | None = None, **more: object) -> Message:
    happened = event(kind, of, **more)
    if kind in ERRORS:
        evidence = replace(happened.evidence, error_kind=ERRORS[kind], error_text="It said no")
        happened = replace(happened, evidence=evidence)
    project = None if kind.startswith("server") else FAILED
    return checked(news(told(happened), about(project), now=NOW))


def shown(message: Message) -> str:
    return visible(list(message.blocks))


@pytest.mark.parametrize("kind", EventKind, ids=str)
def test_each_kind_has_its_headline_and_what_to_know_in_blocks_and_text(kind: EventKind) -> None:
    of, headline, detail = HEADLINES[kind]
    message = one(kind, of, **({"happened_at": None} if kind in ENDINGS else {}))
    assert headline in message.text.split("\n")[0]
    for where in (message.text, shown(message)):
        assert headline in where
        assert detail in where.replace("&lt;", "<")


@pytest.mark.parametrize("kind", [k for k in EventKind if not k.startswith("server")], ids=str)
def test_each_notification_names_the_project_and_its_server(kind: EventKind) -> None:
    assert "orders-to-ob (np_4w3r8k2m9x1q on default)" in one(kind, HEADLINES[kind][0]).text


@pytest.mark.parametrize("kind", EventKind, ids=str)
def test_what_was_seen_late_says_so(kind: EventKind) -> None:
    assert "while omsbot was not watching" in one(kind, HEADLINES[kind][0], late=True).text


@pytest.mark.parametrize(
    "kind",
    [
        EventKind.STEP_FAILED,
        EventKind.STEP_WAITING,
        EventKind.STEP_STALLED,
        EventKind.STEP_SLOW,
        EventKind.STEP_LAGGING,
        EventKind.STEP_FROZEN,
        EventKind.STEP_FLAPPING,
        EventKind.PROJECT_OVERDUE,
        EventKind.PROJECT_UNREADABLE,
    ],
    ids=str,
)
def test_a_reminder_says_that_it_still_is_so_and_reaches_the_channel(kind: EventKind) -> None:
    assert "still" in one(kind, FULL, reminder=True).text.split("\n")[0]
    assert event(kind, FULL, reminder=True).broadcast


@pytest.mark.parametrize(
    ("paused_for", "headline", "left"),
    [
        pytest.param(6 * HOUR, "is still paused", "6 h left", id="half of it"),
        pytest.param(11 * HOUR, "is still paused: the project will be lost", "1 h left", id="the last hour"),
        pytest.param(
            13 * HOUR, "is still paused: the project will be lost", "12 hours have passed", id="over"
        ),
    ],
)
def test_a_reminder_of_a_pause_counts_down_to_the_loss_of_the_project(
    paused_for: int, headline: str, left: str
) -> None:
    began = Evidence(after=PAUSED, since_at=NOW - paused_for)
    text = one(EventKind.STEP_PAUSED, PAUSED, reminder=True, evidence=began, observed_at=NOW).text
    assert headline in text
    assert left in text


@pytest.mark.parametrize("kind", EventKind, ids=str)
def test_an_event_without_any_evidence_is_still_told(kind: EventKind) -> None:
    bare = event(kind, happened_at=None, evidence=Evidence(), step="FULL_TRANSFER#2")
    assert checked(news(told(bare), about(), now=NOW)).text


def test_a_failure_alert_carries_all_that_is_known() -> None:
    message = one(EventKind.STEP_FAILED, FULL)
    expected = (
        "Full migration FAILED",
        "orders-to-ob",
        "np_4w3r8k2m9x1q on default",
        "step 4",
        "43 % done when it failed",
        "CONNECTOR-FULL0007",
        "level ERROR",
        "Message: Write of table orders failed",
        "Reason: The target table holds",
        "OMS proposes: Clear the target table",
        "omsbot's advice (Full-Import): The target already holds a row with this key.",
        "Check first: Where that row comes from",
        "OMS lists 2 errors",
    )
    for part in expected:
        assert part in message.text
        assert part in shown(message)
    assert "Failed here before" not in message.text
    assert "<!date^1699999880^" in message.text
    assert links(message.text, list(message.blocks)) == {CONSOLE}
    assert mentions(message.text, list(message.blocks)) == {"U0ANA"}
    assert action_ids(list(message.blocks)) == ["show_steps", "full_error", "mute_hour"]


def test_only_300_characters_of_each_text_of_oms_are_posted() -> None:
    long = StepError(details=(ErrorDetail(message="m" * 900, reason="r" * 900, proposal="p" * 900),))
    message = one(EventKind.STEP_FAILED, replace(FULL, error=long))
    for char in "mrp":
        assert f"{char * 299}…" in shown(message)
        assert char * 300 not in message.text


def test_where_oms_proposes_nothing_the_advice_is_marked_as_ours() -> None:
    bare = replace(FULL, error=StepError(code="CM-RESONF000003", message="no resource"))
    text = one(EventKind.STEP_FAILED, bare).text
    assert "omsbot's advice (CM): No OMS host has enough memory" in text
    assert "Check first: The use of the OMS hosts" in text
    assert "OMS proposes" not in text


def test_advice_that_knows_only_the_family_or_the_step_makes_way_for_the_proposal_of_oms() -> None:
    said = ErrorDetail(code="CONNECTOR-FULL0001", message="stopped", proposal="Start it.")
    text = one(EventKind.STEP_FAILED, replace(FULL, error=StepError(details=(said,)))).text
    assert "OMS proposes: Start it." in text
    assert "omsbot's advice" not in text


@pytest.mark.parametrize(
    ("past", "said"),
    [
        (
            PastFailure(NOW - 24 * HOUR, 14 * MINUTE),
            "{num} {secs}|2023-11-13 22:13:20 UTC>, recovered after 14 min.",
        ),
        (PastFailure(NOW - 24 * HOUR), "{num} {secs}|2023-11-13 22:13:20 UTC>."),
    ],
    ids=["recovered", "ended"],
)
def test_a_failure_alert_tells_of_the_failure_before(past: PastFailure, said: str) -> None:
    failed = told(event(EventKind.STEP_FAILED, FULL), event(EventKind.STEP_FAILED, INDEX))
    message = checked(news(failed, replace(about(), past={"FULL_TRANSFER": past}), now=NOW))
    (shown_line,) = (each for each in message.text.split("\n") if each.startswith("Failed here before, "))
    assert shown_line.endswith(said.format(num="{date_num}", secs="{time_secs}"))
    assert "Failed here before, " in shown(message)


def test_the_proposal_of_a_deeper_error_is_the_one_of_oms() -> None:
    deep = ErrorDetail(message="outer", upstream=ErrorDetail(message="inner", proposal="Turn it off and on."))
    text = one(EventKind.STEP_FAILED, replace(FULL, error=StepError(details=(deep,)))).text
    assert "OMS proposes: Turn it off and on." in text


def test_a_failure_without_any_error_of_oms_has_advice_and_no_button_for_the_error() -> None:
    message = one(EventKind.STEP_FAILED, replace(FULL, error=None))
    assert "omsbot's advice" in message.text
    assert action_ids(list(message.blocks)) == ["show_steps", "mute_hour"]


def test_what_held_before_anybody_looked_is_told_as_already_so() -> None:
    assert "Full migration is already FAILED" in one(EventKind.STEP_FAILED, FULL, already=True).text
    open_before = told(event(EventKind.STEP_FAILED, FULL), reason=Reason.OPEN_WHEN_SUBSCRIBED)
    assert "is already FAILED" in checked(news(open_before, about(), now=NOW)).text


def test_a_failure_that_came_and_went_between_two_looks_says_so() -> None:
    brief = replace(INDEX, error=StepError(failed_at=NOW - MINUTE))
    text = one(EventKind.STEP_RECOVERED, brief, brief=True).text
    assert "Index migration failed and recovered between two polls" in text
    assert "now running" in text
    assert "failed and recovered between two polls" in one(EventKind.STEP_FAILED, brief, brief=True).text


def test_another_failure_of_a_failed_step_is_told_as_another() -> None:
    again = event(EventKind.STEP_FAILED, FULL, evidence=Evidence(before=FULL, after=FULL, since_at=NOW))
    text = checked(news(told(again), about(), now=NOW)).text
    assert "Full migration FAILED again" in text
    assert "when this was posted" not in text


def test_a_pause_names_the_moment_after_which_it_cannot_be_recovered() -> None:
    text = one(EventKind.STEP_PAUSED, PAUSED, evidence=Evidence(after=PAUSED, since_at=NOW)).text
    assert f"<!date^{(NOW + 12 * HOUR) // 1000}^" in text
    assert "(earlier if" in one(EventKind.STEP_PAUSED, PAUSED, already=True).text


def test_a_finished_verification_tells_what_differs() -> None:
    assert "3 rows differ" in one(EventKind.STEP_WAITING, VERIFIED).text


def test_the_switchover_waits_for_a_person_who_is_ready() -> None:
    assert "Switch over in the OMS console when you are ready" in one(EventKind.STEP_WAITING, READY).text


def test_a_wait_of_an_unknown_step_points_to_the_console() -> None:
    assert "Continue in the OMS console" in one(EventKind.STEP_WAITING, INDEX).text


def test_several_failures_have_each_their_button_for_the_error() -> None:
    events = [event(EventKind.STEP_FAILED, of) for of in (FULL, replace(FULL, name="INDEX_TRANSFER"))]
    message = checked(news(told(*events, event(EventKind.STEP_STARTED, INDEX)), about(), now=NOW))
    assert action_ids(list(message.blocks)) == ["full_error", "full_error", "show_steps", "mute_hour"]
    assert message.text.count("<@U0ANA>") == 1
    assert message.text.index("FAILED") < message.text.index("started")


def test_more_failures_than_are_shown_in_full_have_a_line_each() -> None:
    message = checked(news(told(*[event(EventKind.STEP_FAILED, FULL)] * 5), about(), now=NOW))
    assert message.text.count("Full migration FAILED") == 5
    assert message.text.count("OMS proposes") == 3
    assert message.text.count("CONNECTOR-FULL0007") == 5


def test_more_lines_than_are_shown_are_counted() -> None:
    many = [event(EventKind.STEP_STARTED, INDEX)] * 21 + [event(EventKind.STEP_FINISHED, PRECHECK)] * 2
    message = checked(news(told(*many), about(), now=NOW))
    assert "3 more: 2 finished, 1 started" in message.text


def test_in_the_thread_of_a_card_a_line_does_not_repeat_the_project() -> None:
    started = told(event(EventKind.STEP_STARTED, INDEX))
    inside = checked(news(started, about(), now=NOW))
    outside = checked(news(started, about(thread=False), now=NOW))
    assert "orders-to-ob" not in shown(inside)
    assert "orders-to-ob" in shown(outside)
    assert action_ids(list(inside.blocks)) == []


def test_after_a_mute_what_no_longer_holds_is_counted() -> None:
    muted = [
        Pending(1, event(EventKind.STEP_FAILED, FULL), holds=False, reason=Reason.MUTED),
        Pending(2, event(EventKind.STEP_STARTED, INDEX), reason=Reason.MUTED),
    ]
    message = checked(news(compose(muted), about(), now=NOW))
    assert "nothing that began in the meantime is still open" in message.text.split("\n")[0]
    assert "2 while muted: 1 failed, 1 started" in message.text
    assert mentions(message.text, list(message.blocks)) == set()


def test_news_of_a_server_has_neither_project_nor_buttons() -> None:
    message = one(EventKind.SERVER_UNREACHABLE)
    assert action_ids(list(message.blocks)) == []
    assert "omsbot cannot see the projects on this server" in message.text


def test_a_mention_that_is_none_notifies_nobody() -> None:
    context = NewsContext(FAILED, "default", "<!channel>", thread=True)
    message = checked(news(told(event(EventKind.STEP_FAILED, FULL)), context, now=NOW))
    assert mentions(message.text, list(message.blocks)) == set()


def test_a_sample_alert_cannot_be_taken_for_a_real_one() -> None:
    for asked_by in ("U0ANA", "<@U0ANA>"):
        message = checked(sample_alert(asked_by=asked_by, now=NOW))
        assert message.text.startswith(":test_tube: TEST ")
        assert "This is a test" in message.text
        assert mentions(message.text, list(message.blocks)) == {"U0ANA"}
        assert action_ids(list(message.blocks)) == []
