"""The chart of a project, from what the database knows of it; why there is none; and where it is posted."""

import asyncio
from dataclasses import dataclass, field

import pytest

from omsbot.db.engine.connection import Connection
from omsbot.db.engine.engine import Database
from omsbot.db.stores import channels, events, outbox, projects, samples
from omsbot.db.stores.completions import told_completions
from omsbot.db.stores.condition_spans import spells
from omsbot.db.stores.projects import Following
from omsbot.domain.detection.conditions import ConditionKind
from omsbot.domain.events import EventKind
from omsbot.domain.memory.step_memory import Watch
from omsbot.domain.notify.delivery import DeliveryState, NotSent, PostState, Reason
from omsbot.domain.notify.routing import Routed
from omsbot.domain.project.samples import Sample
from omsbot.domain.project.subject import Project
from omsbot.domain.reports.chart import Band, Measure, Picture, Spell, Trouble
from omsbot.services.access import Access
from omsbot.services.charts.chart_posts import NEWS_MS, ChartPosts
from omsbot.services.charts.charts import Charts
from omsbot.services.charts.painter import PaintingFailed
from omsbot.services.refusal import Refusal
from omsbot.services.tasks import Tasks
from tests.builders import HOUR, MINUTE, NOW, SECOND, condition, event, snapshot, step
from tests.integration.db.stored import ALPHA, card_of, followed, stream, subscribed, two_replicas
from tests.integration.services.fake_slack import FakeSlack
from tests.integration.services.rig import Clock
from tests.waiting import idle

COPY = "FULL_TRANSFER"


@dataclass
class Easel:
    """Keeps what it is to draw, and draws nothing."""

    painted: list[Picture] = field(default_factory=list)
    fails: bool = False

    async def paint(self, picture: Picture) -> bytes:
        if self.fails:
            raise PaintingFailed("the drawing process failed")
        self.painted.append(picture)
        return b"PNG"


def charts(database: Database, easel: Easel | None = None) -> Charts:
    return Charts(database, easel or Easel(), Access({"default": None}))


async def sampled(conn: Connection, number: int, *, now: int = NOW) -> int:
    project = await followed(conn)
    taken = [Sample(COPY, now - HOUR + n * 10 * SECOND, n % 100, n * 1_000) for n in range(number)]
    await samples.add(conn, project.id, taken)
    return project.id


async def test_a_chart_has_the_samples_the_end_of_a_step_and_its_failures(database: Database) -> None:
    async with database.write() as conn:
        project_id = await sampled(conn, 30)
        finished = step(COPY, "FINISHED", progress=100, finished_at=NOW - MINUTE)
        await projects.store_latest(conn, project_id, snapshot(finished), Watch(), check_at=None)
        failed = condition(ConditionKind.FAILING, COPY, at=NOW - HOUR)
        ended = await events.open_condition(conn, Project(project_id), failed)
        await events.clear_condition(conn, ended, now=NOW - HOUR + MINUTE)
    easel = Easel()
    chart = await charts(database, easel).draw(ALPHA, now=NOW)
    (picture,) = easel.painted
    assert picture.of(Measure.PROGRESS)[0].points[-1] == (NOW - MINUTE, 100)
    both = (Measure.PROGRESS, Measure.RATE)
    assert picture.bands == (Band(Trouble.FAILED, NOW - HOUR, NOW - HOUR + MINUTE, both),)
    assert (chart.png, chart.title, chart.filename) == (b"PNG", "Chart of np_alpha", "np_alpha.png")
    assert "from 0 % to 100 %" in chart.alt_text


async def test_only_what_was_believed_and_touches_the_time_is_a_spell(database: Database) -> None:
    async with database.write() as conn:
        for number, (kind, opened, cleared) in enumerate(
            [
                (ConditionKind.FAILING, True, NOW - MINUTE),
                (ConditionKind.PAUSED, True, None),
                (ConditionKind.FAILING, True, NOW - 2 * HOUR),
                (ConditionKind.FAILING, False, None),
                (ConditionKind.GONE, True, None),
            ]
        ):
            one = condition(kind, f"S{number}", at=NOW - 3 * HOUR, opened=opened)
            stored = await events.open_condition(conn, Project(1), one)
            if cleared:
                await events.clear_condition(conn, stored, now=cleared)
        found = await spells(conn, Project(1), since=NOW - HOUR)
    assert found == [
        Spell(ConditionKind.FAILING, "S0", NOW - 3 * HOUR, NOW - MINUTE),
        Spell(ConditionKind.PAUSED, "S1", NOW - 3 * HOUR, None),
    ]


async def reason(database: Database, easel: Easel | None = None) -> str:
    with pytest.raises(Refusal) as refused:
        await charts(database, easel).draw(ALPHA, now=NOW)
    return f"{refused.value.text} {refused.value.hint}"


async def test_a_project_that_nobody_follows_has_no_chart(sqlite_database: Database) -> None:
    assert "nobody follows `np_alpha`" in await reason(sqlite_database)
    async with sqlite_database.write() as conn:
        project = await followed(conn)
        await projects.follow(conn, project.id, Following.UNFOLLOWED, now=NOW)
    assert "`/oms subscribe np_alpha`" in await reason(sqlite_database)


@pytest.mark.parametrize(("number", "said"), [(0, "no step told how far it is"), (1, "seen only once")])
async def test_too_few_looks_are_no_chart_yet(sqlite_database: Database, number: int, said: str) -> None:
    async with sqlite_database.write() as conn:
        await sampled(conn, number)
    assert f"nothing to draw yet of `np_alpha`: {'its figures were ' if number else ''}{said}" in (
        await reason(sqlite_database)
    )


async def test_a_chart_that_cannot_be_drawn_is_a_sentence(sqlite_database: Database) -> None:
    async with sqlite_database.write() as conn:
        await sampled(conn, 5)
    said = await reason(sqlite_database, Easel(fails=True))
    assert said == "There is no chart of `np_alpha`: the drawing process failed. Try again in a minute."


async def test_a_channel_that_may_not_use_a_server_sees_no_chart_of_it(sqlite_database: Database) -> None:
    async with sqlite_database.write() as conn:
        await sampled(conn, 5)
    guarded = Charts(sqlite_database, Easel(), Access({"default": frozenset({"C1"})}))
    assert await guarded.draw_for("C1", ALPHA, now=NOW)
    with pytest.raises(Refusal):
        await guarded.draw_for("C2", ALPHA, now=NOW)


class Bot:
    """The pass that posts charts, with a Slack that keeps what it is given."""

    def __init__(self, database: Database, *, now: int = NOW) -> None:
        self.slack, self.easel, self.tasks = FakeSlack(), Easel(), Tasks()
        self.clock = Clock(now)
        self.posts = ChartPosts(
            database, self.slack, charts(database, self.easel), clock=self.clock, tasks=self.tasks
        )

    async def run(self) -> int:
        due = await self.posts.post_due()
        await idle(self.tasks)
        return due


async def completed(
    conn: Connection,
    *stream_ids: int,
    project_id: int,
    state: DeliveryState = DeliveryState.TOLD,
    kind: EventKind = EventKind.PROJECT_COMPLETED,
    version: int = 1,
) -> int:
    one = event(kind, None)
    number = await events.add(conn, Project(project_id), one, version=version, ordinal=0, condition_id=None)
    await outbox.add_deliveries(
        conn, number, [Routed(one_id, state, Reason.NEWS, NOW) for one_id in stream_ids]
    )
    return number


async def test_a_completed_project_gets_its_chart_under_each_card_once(database: Database) -> None:
    async with database.write() as conn:
        project_id = await sampled(conn, 10)
        first = await stream(conn)
        second = await subscribed(conn, Project(project_id), channel_id="C2")
        cards = [await card_of(conn, first), await card_of(conn, second, channel_id="C2")]
        await completed(conn, first, second, project_id=project_id)
    bot = Bot(database)
    assert await bot.run() == 2
    shown = [(one["channel"], one["thread_ts"], one["png"]) for one in bot.slack.uploads]
    assert shown == [("C1", cards[0].ts, b"PNG"), ("C2", cards[1].ts, b"PNG")]
    assert len(bot.easel.painted) == 1, "one drawing serves all channels"
    assert await bot.run() == 0
    assert await Bot(database).run() == 0, "nor after a restart"


async def test_two_replicas_post_one_chart(database: Database) -> None:
    async with database.write() as conn:
        project_id = await sampled(conn, 10)
        one = await stream(conn)
        await card_of(conn, one)
        await completed(conn, one, project_id=project_id)
    async with two_replicas(database) as replicas:
        bots = [Bot(replica) for replica in replicas]
        await asyncio.gather(*(bot.run() for bot in bots))
    assert sum(len(bot.slack.uploads) for bot in bots) == 1


async def test_a_completion_is_shown_only_where_it_was_told_and_there_is_a_card(database: Database) -> None:
    async with database.write() as conn:
        project_id = await sampled(conn, 10)
        one = await stream(conn)
        await completed(conn, one, project_id=project_id)
        assert await told_completions(conn, since=0) == [], "no card"
        card = await card_of(conn, one)
        assert len(await told_completions(conn, since=0)) == 1
        assert await told_completions(conn, since=NOW) == [], "told too long ago"
        await channels.pause(conn, "C1", "is_archived", probe_at=None)
        assert await told_completions(conn, since=0) == [], "no channel"
        await channels.resume(conn, "C1")
        await outbox.move_post(conn, card, PostState.REPLACED)
        assert await told_completions(conn, since=0) == [], "no card any more"


@pytest.mark.parametrize("state", [DeliveryState.PENDING, DeliveryState.WITHHELD])
async def test_what_was_not_told_gets_no_chart(sqlite_database: Database, state: DeliveryState) -> None:
    async with sqlite_database.write() as conn:
        project_id = await sampled(conn, 10)
        one = await stream(conn)
        await card_of(conn, one)
        await completed(conn, one, project_id=project_id, state=state)
        await completed(conn, one, project_id=project_id, kind=EventKind.STEP_FINISHED, version=2)
    assert await Bot(sqlite_database).run() == 0


async def test_a_completion_of_long_ago_gets_no_chart_any_more(sqlite_database: Database) -> None:
    async with sqlite_database.write() as conn:
        project_id = await sampled(conn, 10)
        one = await stream(conn)
        await card_of(conn, one)
        await completed(conn, one, project_id=project_id)
    assert await Bot(sqlite_database, now=NOW + NEWS_MS).run() == 0
    assert await Bot(sqlite_database, now=NOW + NEWS_MS - 1).run() == 1


async def test_a_chart_that_slack_did_not_take_is_not_tried_again(sqlite_database: Database) -> None:
    async with sqlite_database.write() as conn:
        project_id = await sampled(conn, 10)
        one = await stream(conn)
        await card_of(conn, one)
        await completed(conn, one, project_id=project_id)
    bot = Bot(sqlite_database)
    bot.slack.uploading = NotSent("upload_http_500")
    assert [await bot.run(), await bot.run()] == [1, 0]
    assert len(bot.slack.uploads) == 1


async def test_a_project_without_samples_completes_without_a_chart(sqlite_database: Database) -> None:
    async with sqlite_database.write() as conn:
        project_id = await sampled(conn, 0)
        one = await stream(conn)
        await card_of(conn, one)
        await completed(conn, one, project_id=project_id)
    bot = Bot(sqlite_database)
    assert [await bot.run(), await bot.run()] == [1, 0]
    assert bot.slack.uploads == []
