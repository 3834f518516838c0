"""Silences over a subject, and over a whole channel."""

from omsbot.db.engine.engine import Database
from omsbot.db.stores import channels, silences
from omsbot.domain.notify.routing import Silence
from omsbot.domain.project.subject import Project
from tests.builders import HOUR, NOW
from tests.integration.db.stored import CHANNEL


async def test_a_silence_takes_the_place_of_another_over_the_same_subject(database: Database) -> None:
    async with database.write() as conn:
        await channels.ensure(conn, CHANNEL, "T1")
        for subject, until in (
            (Project(1), NOW + HOUR),
            (Project(1), NOW + 5),
            (None, NOW + 9),
            (Project(2), NOW),
        ):
            await silences.start(conn, CHANNEL, subject, until=until, actor="U1", now=NOW)

        kept = await silences.current(conn, [CHANNEL, "C2"], now=NOW)
        assert set(kept) == {Silence(CHANNEL, Project(1), NOW + 5), Silence(CHANNEL, None, NOW + 9)}
        assert await silences.current(conn, [], now=NOW) == []

        assert await silences.end(conn, CHANNEL, Project(1)) == 1
        assert await silences.end(conn, CHANNEL, Project(1)) == 0
