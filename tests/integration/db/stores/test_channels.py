"""Channels: refused by Slack and taken again, and what they are called."""

from sqlalchemy import select

from omsbot.db.engine.engine import Database
from omsbot.db.schema import channels as table
from omsbot.db.stores import channels
from tests.builders import HOUR, NOW
from tests.integration.db.stored import CHANNEL


async def test_a_paused_channel_counts_its_refusals_and_resumes_without_a_trace(database: Database) -> None:
    async with database.write() as conn:
        await channels.ensure(conn, CHANNEL, "T1")
        await channels.pause(conn, CHANNEL, "not_in_channel", probe_at=NOW)
        await channels.ensure(conn, CHANNEL, "T1")
        await channels.pause(conn, CHANNEL, "is_archived", probe_at=NOW + HOUR)

        assert await channels.paused_reason(conn, CHANNEL) == "is_archived"
        assert await channels.attempts(conn, CHANNEL) == 2

        await channels.resume(conn, CHANNEL)

        assert await channels.paused_reason(conn, CHANNEL) is None
        assert await channels.attempts(conn, CHANNEL) == 0
        assert await channels.paused_reason(conn, "C404") is None


async def test_a_reason_of_any_length_can_be_kept(database: Database) -> None:
    async with database.write() as conn:
        await channels.ensure(conn, CHANNEL, "T1")
        await channels.pause(conn, CHANNEL, "restricted_action" * 20, probe_at=None)

        reason = await channels.paused_reason(conn, CHANNEL)

    assert reason is not None
    assert reason.startswith("restricted_action")


async def test_a_channel_can_be_renamed(database: Database) -> None:
    async with database.write() as conn:
        await channels.ensure(conn, CHANNEL, "T1")
        await channels.rename(conn, CHANNEL, "迁移" * 100)
        assert (await conn.execute(select(table.c.name))).scalar_one() == "迁移" * 64
