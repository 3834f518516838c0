"""Who did what."""

from sqlalchemy import select

from omsbot.db.engine.engine import Database
from omsbot.db.schema import audit as table
from omsbot.db.stores import audit
from omsbot.domain.project.subject import Project
from tests.builders import NOW


async def test_what_a_person_did_is_kept(database: Database) -> None:
    async with database.write() as conn:
        await audit.note(
            conn, actor="U1", action="mute", channel_id="C1", scope=Project(1), detail="全部 1h", now=NOW
        )
        await audit.note(conn, actor="U2", action="unmute", channel_id=None, scope=None, now=NOW + 1)

        rows = (await conn.execute(select(table).order_by(table.c.at))).all()

    assert [tuple(row)[1:] for row in rows] == [
        (NOW, "U1", "C1", "p:1", "mute", "全部 1h"),
        (NOW + 1, "U2", None, "", "unmute", None),
    ]
