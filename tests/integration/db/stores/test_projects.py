"""Projects and the claims on them; on every database, and by two workers at once."""

import asyncio
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects.mysql.mariadb import MariaDBDialect

from omsbot.db.engine.engine import Database, transact
from omsbot.db.schema import projects as table
from omsbot.db.stores import projects
from omsbot.db.stores.projects import LEASE_MS, Claimed, Following, StoredProject
from omsbot.domain.memory.step_memory import StepWatch, Watch
from omsbot.domain.project.project import ProjectRef
from tests.builders import MINUTE, NOW, SECOND, snapshot, step
from tests.integration.db.stored import ALPHA, BETA, followed, two_replicas


async def claimed(
    database: Database,
    token: str = "token",
    *,
    now: int = NOW,
    due_by: int | None = None,
    limit: int = 100,
    server: str = "default",
) -> list[Claimed]:
    async with database.write() as conn:
        by = now if due_by is None else due_by
        return list(await projects.claim_due(conn, server, token=token, now=now, due_by=by, limit=limit))


async def stored(database: Database, ref: ProjectRef = ALPHA) -> StoredProject:
    async with database.read() as conn:
        found = await projects.find(conn, ref)
    assert found is not None
    return found


async def test_a_new_project_is_not_followed_and_is_made_once(database: Database) -> None:
    async with database.write() as conn:
        first = await projects.ensure(conn, ALPHA, now=NOW)
        again = await projects.ensure(conn, ALPHA, now=NOW + 1)
        await projects.ensure(conn, replace(ALPHA, server="other"), now=NOW)

    assert first == again
    assert first.state is Following.UNFOLLOWED
    async with database.read() as conn:
        assert (await conn.execute(select(func.count()).select_from(table))).scalar_one() == 2


async def test_two_replicas_that_make_the_same_project_get_the_same_row(database: Database) -> None:
    async with two_replicas(database) as replicas:
        made = await asyncio.gather(
            *(
                transact(replica, lambda conn: projects.ensure(conn, ALPHA, now=NOW))
                for replica in replicas * 3
            )
        )

    assert len({project.id for project in made}) == 1


async def test_a_project_that_is_not_there_is_not_found(database: Database) -> None:
    async with database.read() as conn:
        assert await projects.find(conn, ALPHA) is None
        assert await projects.named(conn, [404]) == {}


async def test_due_projects_are_claimed_the_longest_due_first(database: Database) -> None:
    async with database.write() as conn:
        await followed(conn, ALPHA, now=NOW)
        beta = await followed(conn, BETA, now=NOW - MINUTE)

    (first,) = await claimed(database, "mine", limit=1)

    assert first.id == beta.id
    assert (first.claim, first.due_at) == ("mine", NOW - MINUTE)
    assert (await stored(database, BETA)).next_poll_at == NOW + LEASE_MS
    assert [one.ref for one in await claimed(database, "next")] == [ALPHA]


async def test_what_is_not_due_or_not_followed_or_of_another_server_is_not_claimed(
    database: Database,
) -> None:
    async with database.write() as conn:
        await followed(conn, ALPHA, now=NOW + SECOND)
        left = await followed(conn, BETA)
        await projects.follow(conn, left.id, Following.UNFOLLOWED, now=NOW)
        await followed(conn, ProjectRef("other", "np_alpha"))

    assert await claimed(database) == []


async def test_a_probe_may_claim_what_is_due_later(database: Database) -> None:
    async with database.write() as conn:
        await followed(conn, ALPHA, now=NOW + MINUTE)

    (probe,) = await claimed(database, "probe", due_by=NOW + 5 * MINUTE, limit=1)

    assert probe.due_at == NOW, "it was not due before it was asked for"
    assert await claimed(database, "second", due_by=NOW + 5 * MINUTE, limit=1) == []


async def test_a_claim_whose_lease_is_over_may_be_taken_by_another(database: Database) -> None:
    async with database.write() as conn:
        await followed(conn)
    (slow,) = await claimed(database, "slow")

    assert await claimed(database, "early", now=NOW + LEASE_MS - 1) == []
    (fresh,) = await claimed(database, "fresh", now=NOW + LEASE_MS)

    assert fresh.claim == "fresh"
    async with database.write() as conn:
        assert not await projects.release(conn, slow, next_poll_at=NOW)
        await projects.touch(conn, slow, observed_at=NOW + 7, next_poll_at=NOW)
        assert await projects.release(conn, fresh, next_poll_at=NOW + MINUTE)
    now = await stored(database)
    assert (now.claim, now.observed_at) == (None, None), "who lost its claim writes nothing"


async def test_claims_that_are_given_back_are_due_since_when_they_were(database: Database) -> None:
    async with database.write() as conn:
        await followed(conn, ALPHA)
        await followed(conn, BETA)
    late = await claimed(database, now=NOW + MINUTE)
    other = [replace(one, claim="of another") for one in late[1:]]
    async with database.write() as conn:
        await projects.give_back(conn, [late[0], *other])

    again = await claimed(database, now=NOW + MINUTE + 1)

    assert [(one.id, one.due_at) for one in again] == [(late[0].id, late[0].due_at)]


def test_on_mariadb_too_a_project_is_locked_before_its_latest() -> None:
    for dialect in (mysql.dialect(), MariaDBDialect()):
        assert str(projects.ONE_LOCKED.compile(dialect=dialect)).startswith("SELECT STRAIGHT_JOIN projects.")


async def test_two_replicas_that_claim_at_once_share_the_projects_between_them(database: Database) -> None:
    refs = [ProjectRef("default", f"np_{number:02}") for number in range(20)]
    async with database.write() as conn:
        for ref in refs:
            await followed(conn, ref)

    async with two_replicas(database) as replicas:

        async def work(replica: Database, token: str) -> list[Claimed]:
            return list(
                await transact(
                    replica,
                    lambda conn: projects.claim_due(
                        conn, "default", token=token, now=NOW, due_by=NOW, limit=15
                    ),
                )
            )

        shares = [
            await asyncio.gather(*(work(one, f"{n}{turn}") for n, one in enumerate(replicas * 2)))
            for turn in range(2)
        ]

    polled = [project.ref for turn in shares for share in turn for project in share]
    assert sorted(polled) == refs, "each once, and none left out"


async def test_an_answer_that_changed_nothing_moves_only_the_times(database: Database) -> None:
    async with database.write() as conn:
        project = await followed(conn)
        await projects.store_latest(conn, project.id, snapshot(step("FULL_TRANSFER")), Watch(), check_at=None)
    (poll,) = await claimed(database)

    async with database.write() as conn:
        await projects.touch(conn, poll, observed_at=NOW + 5, next_poll_at=NOW + MINUTE)

    now = await stored(database)
    assert (now.claim, now.observed_at, now.next_poll_at) == (None, NOW + 5, NOW + MINUTE)
    assert now.latest is not None
    assert now.latest.observed_at == NOW + 5, "the last look, although its answer was not written again"


async def test_a_snapshot_comes_back_as_it_was_stored(database: Database) -> None:
    seen = snapshot(
        step("FULL_TRANSFER", "FAILED", order=4, progress=34, code="X-1", message="磁盘已满 🛑"),
        step("全量校验", "ODD"),
    )
    async with database.write() as conn:
        project = await followed(conn)
        memory = Watch({"FULL_TRANSFER": StepWatch(moved_at=NOW, slow_since=NOW)}, sampled_at=NOW)
        await projects.store_latest(conn, project.id, seen, memory, check_at=NOW + MINUTE)
        await projects.advance(conn, project.id, version=1, troubled=True)

    now = await stored(database)
    assert (now.latest, now.version, now.troubled) == (seen, 1, True)
    assert (now.watch, now.check_at) == (memory, NOW + MINUTE)
    async with database.read() as conn:
        assert await projects.named(conn, [project.id]) == {project.id: (ALPHA, None)}


async def test_a_restart_frees_the_claims_that_a_kill_left(database: Database) -> None:
    async with database.write() as conn:
        await followed(conn, ALPHA)
        await followed(conn, BETA, now=NOW + MINUTE)
    assert len(await claimed(database)) == 1

    async with database.write() as conn:
        await projects.recover(conn, now=NOW + SECOND)

    assert [one.ref for one in await claimed(database, now=NOW + SECOND)] == [ALPHA]
    assert (await stored(database, BETA)).next_poll_at == NOW + MINUTE


async def test_a_name_is_kept_cut_to_what_the_column_holds(database: Database) -> None:
    async with database.write() as conn:
        await projects.ensure(conn, ALPHA, now=NOW)
        await projects.rename(conn, ALPHA, "名" * 300)
        await projects.rename(conn, BETA, "nobody asked for it")

    assert (await stored(database)).name == "名" * 256


async def test_what_came_due_in_an_outage_is_spread_over_an_interval(database: Database) -> None:
    async with database.write() as conn:
        for number in range(4):
            await followed(conn, ProjectRef("default", f"np_{number}"), now=NOW - MINUTE)
        await followed(conn, ALPHA, now=NOW + 7)
        await followed(conn, ProjectRef("other", "np_0"), now=NOW - MINUTE)

        await projects.spread(conn, "default", now=NOW, over_ms=10_000)

        rows = await conn.execute(select(table.c.next_poll_at).order_by(table.c.next_poll_at))
        assert rows.scalars().all() == [
            NOW - MINUTE,
            NOW,
            NOW + 7,
            NOW + 2_500,
            NOW + 5_000,
            NOW + 7_500,
        ]
