"""What people ask the bot to show."""

from collections.abc import AsyncIterator

import pytest

from omsbot.db.engine.engine import Database
from omsbot.domain.events import EventKind, Level
from omsbot.domain.project.project import ProjectRef, StepStatus
from omsbot.domain.views import ProjectView
from omsbot.sandbox.oms import SimulatedProject
from omsbot.services.access import Access
from omsbot.services.refusal import Refusal
from omsbot.services.requests import queries
from omsbot.services.requests.queries import PAGE, Queries
from tests.builders import HOUR
from tests.integration.services.rig import ALPHA, BETA, CHANNEL, FULL, INTERVAL, Bot, rigged

MANY = tuple(SimulatedProject(f"np_{number:04}", "slow", f"orders-{number}", 600) for number in range(23))


@pytest.fixture
async def bot(sqlite_database: Database) -> AsyncIterator[Bot]:
    async with rigged(sqlite_database) as one:
        yield one


async def look(bot: Bot, ref: ProjectRef = ALPHA) -> ProjectView:
    return await bot.queries.look(channel_id=CHANNEL, ref=ref)


# --- one project


async def test_a_look_asks_oms_now_whatever_was_stored(bot: Bot) -> None:
    await bot.subscribe()
    bot.world.oms.fail(ALPHA.oms_id, FULL)

    view = await look(bot)

    assert view.snapshot is not None
    assert view.snapshot.by_key()[FULL].status is StepStatus.FAILED
    assert (view.problem, view.console_link) == (None, "https://default.example/np_alpha")
    stored = await bot.queries.stored(channel_id=CHANNEL, ref=ALPHA)
    assert stored.snapshot is not None
    assert stored.snapshot.by_key()[FULL].status is StepStatus.RUNNING


async def test_a_look_at_a_project_that_nobody_follows_stores_nothing(bot: Bot) -> None:
    assert (await look(bot, BETA)).snapshot is not None

    unseen = await bot.queries.stored(channel_id=CHANNEL, ref=BETA)
    assert (unseen.ref, unseen.snapshot) == (BETA, None)


async def test_while_oms_fails_the_last_known_state_is_shown_with_the_reason(bot: Bot) -> None:
    await bot.subscribe()
    bot.world.oms.break_with("500")

    view = await look(bot)

    assert view.snapshot is not None
    assert view.problem is not None
    assert view.problem.startswith("OMS cannot be reached")


async def test_what_was_never_seen_and_cannot_be_read_is_refused_with_what_to_do(bot: Bot) -> None:
    with pytest.raises(Refusal, match="does not know a project"):
        await look(bot, ProjectRef("default", "np_nobody"))
    bot.world.oms.break_with("500")
    with pytest.raises(Refusal, match="OMS cannot be reached") as refusal:
        await look(bot)
    assert refusal.value.hint


async def test_nobody_waits_long_for_oms(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    await bot.subscribe()
    bot.world.oms.break_with("hang")
    monkeypatch.setattr(queries, "PATIENCE_S", 0.05)

    known = await look(bot)
    with pytest.raises(Refusal, match="did not answer within"):
        await look(bot, BETA)

    assert known.snapshot is not None
    assert known.problem == "OMS did not answer within 0.05 s"


# --- what keeps the bot from seeing


async def test_a_view_says_that_its_server_is_away_and_since_when(bot: Bot) -> None:
    await bot.subscribe()
    bot.world.oms.break_with("500")
    began = bot.clock() + INTERVAL
    for _ in range(3):
        await bot.poll(INTERVAL)

    view = await bot.queries.stored(channel_id=CHANNEL, ref=ALPHA)

    assert view.snapshot is not None
    assert view.problem is not None
    assert view.problem.startswith("OMS cannot be reached")
    assert view.problem_since_at == began

    bot.world.oms.break_with("none")
    await bot.poll(HOUR)
    back = await bot.queries.stored(channel_id=CHANNEL, ref=ALPHA)
    assert (back.problem, back.problem_since_at) == (None, None)


async def test_a_view_says_that_the_project_alone_cannot_be_read(bot: Bot) -> None:
    await bot.subscribe()
    bot.world.oms.break_with("html", project=ALPHA.oms_id)
    await bot.poll()
    first = await bot.queries.stored(channel_id=CHANNEL, ref=ALPHA)
    assert first.problem is None, "one answer proves nothing"
    for _ in range(3):
        await bot.poll(INTERVAL)

    view = await bot.queries.stored(channel_id=CHANNEL, ref=ALPHA)

    assert view.problem is not None
    assert view.problem.startswith("OMS's answer cannot be read")
    assert view.problem_since_at == bot.clock() - 3 * INTERVAL


async def test_a_failing_project_that_cannot_be_read_shows_the_trouble_not_the_failure(bot: Bot) -> None:
    bot.world.oms.fail(ALPHA.oms_id, FULL)
    await bot.subscribe()
    bot.world.oms.release(ALPHA.oms_id)
    await bot.poll()
    for _ in range(2):
        await bot.poll(6 * INTERVAL)

    view = await bot.queries.stored(channel_id=CHANNEL, ref=ALPHA)

    assert view.problem is not None
    assert view.problem.startswith("OMS does not know this project")


# --- what a channel follows


async def test_what_a_channel_follows_is_listed_in_pages_oldest_first(sqlite_database: Database) -> None:
    async with rigged(sqlite_database, projects=MANY) as bot:
        for project in MANY:
            await bot.subscribe(ProjectRef("default", project.id))
            bot.clock.forward(1)

        pages = [
            await bot.queries.subscriptions(channel_id=CHANNEL, page=number, now=bot.clock())
            for number in (0, 1, 2, 3, 9)
        ]

        assert [(page.number, page.pages, page.total, len(page.items)) for page in pages] == [
            (1, 3, 23, PAGE), (1, 3, 23, PAGE), (2, 3, 23, PAGE), (3, 3, 23, 3), (3, 3, 23, 3),
        ]  # fmt: skip
        listed = [item.project.ref.oms_id for page in pages[1:4] for item in page.items]
        assert listed == [project.id for project in MANY]


async def test_a_line_of_the_list_says_how_a_project_is_followed(bot: Bot) -> None:
    card = await bot.follow(level=Level.FAILURES, mention="<@U9>")
    await bot.mute(for_ms=HOUR)
    await bot.control.removed(channel_id=CHANNEL, reason="not_in_channel", now=bot.clock())

    page = await bot.queries.subscriptions(channel_id=CHANNEL, page=1, now=bot.clock())

    (item,) = page.items
    assert (item.options.level, item.options.mention, item.card_link_ts) == (Level.FAILURES, "<@U9>", card.ts)
    assert (item.muted_until, item.paused_reason) == (bot.clock() + HOUR, "not_in_channel")


async def test_a_channel_that_follows_nothing_has_one_empty_page(bot: Bot) -> None:
    page = await bot.queries.subscriptions(channel_id=CHANNEL, page=1, now=bot.clock())

    assert (page.items, page.number, page.pages, page.total) == ((), 1, 1, 0)


async def test_whether_a_channel_follows_a_project(bot: Bot) -> None:
    asked = [await bot.queries.subscribed(channel_id=CHANNEL, ref=ALPHA)]
    await bot.subscribe()
    asked.append(await bot.queries.subscribed(channel_id=CHANNEL, ref=ALPHA))
    asked.append(await bot.queries.subscribed(channel_id="C2", ref=ALPHA))
    await bot.unsubscribe()
    asked.append(await bot.queries.subscribed(channel_id=CHANNEL, ref=ALPHA))

    assert asked == [False, True, False, False]


# --- what oms has


async def test_what_oms_lists_is_shown_in_its_pages_and_its_names_are_kept(sqlite_database: Database) -> None:
    async with rigged(sqlite_database, projects=MANY) as bot:
        await bot.subscribe(ProjectRef("default", "np_0007"))

        page = await bot.queries.projects(channel_id=CHANNEL, server=None, search=None, page=1)
        last = await bot.queries.projects(channel_id=CHANNEL, server="default", search=None, page=3)

        assert (page.total, page.pages, len(page.items), len(last.items)) == (23, 3, 10, 3)
        assert (await bot.stored(ProjectRef("default", "np_0007"))).name == "orders-7"


async def test_what_oms_lists_can_be_searched(bot: Bot) -> None:
    page = await bot.queries.projects(channel_id=CHANNEL, server=None, search="beta", page=1)

    assert [summary.ref for summary in page.items] == [BETA]


async def test_a_list_that_oms_does_not_give_is_refused_with_what_to_do(bot: Bot) -> None:
    bot.world.oms.break_with("401")

    with pytest.raises(Refusal, match="rejects the bot's credential") as refusal:
        await bot.queries.projects(channel_id=CHANNEL, server=None, search=None, page=1)

    assert refusal.value.hint


@pytest.mark.parametrize(
    ("allowed", "asked"),
    [
        pytest.param({"default": None, "prod": None}, "default", id="the default server"),
        pytest.param({"default": frozenset({"C9"}), "prod": None}, "prod", id="else the first it may use"),
    ],
)
async def test_without_a_name_a_channel_is_shown(
    sqlite_database: Database, allowed: dict[str, frozenset[str] | None], asked: str
) -> None:
    async with rigged(sqlite_database, servers=("default", "prod")) as bot:
        allowing = Queries(sqlite_database, bot.clients, Access(allowed), bot.views)

        page = await allowing.projects(channel_id=CHANNEL, server=None, search=None, page=1)

        assert {summary.ref.server for summary in page.items} == {asked}


async def test_a_channel_that_may_use_no_server_is_told_so(bot: Bot) -> None:
    closed = Queries(bot.database, bot.clients, Access({"default": frozenset()}), bot.views)

    with pytest.raises(Refusal, match="may not use any OMS server"):
        await closed.projects(channel_id=CHANNEL, server=None, search=None, page=1)


# --- what was seen


async def test_the_history_tells_what_became_of_each_event_in_this_channel(bot: Bot) -> None:
    await bot.subscribe(level=Level.FAILURES)
    bot.world.oms.pause(ALPHA.oms_id)
    await bot.poll()
    bot.world.oms.resume(ALPHA.oms_id)
    await bot.poll(6 * INTERVAL)

    mine = await bot.queries.history(channel_id=CHANNEL, ref=ALPHA, page=1)
    theirs = await bot.queries.history(channel_id="C2", ref=ALPHA, page=0)

    assert [(one.event.kind, one.reason) for one in mine.items] == [
        (EventKind.STEP_RESUMED, "below_level"),
        (EventKind.STEP_PAUSED, "below_level"),
    ]
    assert {one.state for one in theirs.items} == {None}
    assert (theirs.number, theirs.pages, theirs.total) == (1, 1, 2)


async def test_nothing_is_known_of_a_project_that_nobody_ever_followed(bot: Bot) -> None:
    with pytest.raises(Refusal, match="Nothing is known of `np_beta`"):
        await bot.queries.history(channel_id=CHANNEL, ref=BETA, page=1)
