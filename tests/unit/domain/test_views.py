from omsbot.domain.notify.follow_options import FollowOptions
from omsbot.domain.project.project import ProjectRef
from omsbot.domain.views import HistoryEntry, Page, ProjectView, SubscriptionView
from tests.builders import event

UNSEEN = ProjectView(ProjectRef("default", "np_1"))


def test_a_project_that_nobody_read_yet_has_nothing_to_show_and_no_problem() -> None:
    assert (UNSEEN.name, UNSEEN.snapshot, UNSEEN.problem, UNSEEN.problem_since_at) == (None,) * 4


def test_a_subscription_is_heard_and_calls_nobody_unless_it_says_so() -> None:
    view = SubscriptionView(UNSEEN, FollowOptions())
    assert (view.options.mention, view.muted_until, view.paused_reason, view.card_link_ts) == (None,) * 4


def test_an_event_that_had_nobody_to_hear_it_has_no_fate() -> None:
    page = Page((HistoryEntry(event()),), number=1, pages=1, total=1)
    assert [(entry.state, entry.reason) for entry in page.items] == [(None, None)]
