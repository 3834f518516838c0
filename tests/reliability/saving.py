"""Putting a world back to an earlier moment, which is quicker than making it anew."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from omsbot.db.schema import metadata
from omsbot.domain.project.project import Step
from tests.builders import NOW
from tests.reliability.slack import Kept
from tests.reliability.world import World


@dataclass(frozen=True, slots=True)
class Saved:
    now: int
    rows: dict[str, list[dict[str, Any]]]
    answers: dict[str, tuple[Step, ...]]
    messages: dict[str, Kept]


async def save(world: World) -> Saved:
    async with world.database.read() as conn:
        rows = {
            table.name: [dict(row._mapping) for row in await conn.execute(select(table))]
            for table in metadata.sorted_tables
        }
    return Saved(world.clock(), rows, dict(world.oms.answers), world.slack.kept())


async def restore(world: World, saved: Saved) -> None:
    """Make everything as it was; the new ids of a restored world differ from those handed out before."""
    async with world.database.plain_write() as conn:
        for table in reversed(metadata.sorted_tables):
            await conn.execute(table.delete())
        for table in metadata.sorted_tables:
            if saved.rows[table.name]:
                await conn.execute(insert(table), saved.rows[table.name])
    world.clock.now = saved.now
    world.oms.answers = dict(saved.answers)
    world.oms.error = None
    world.slack.reset(saved.messages)


async def clear(world: World) -> None:
    """Make the world as if nothing had ever happened in it."""
    await restore(world, Saved(NOW, {table.name: [] for table in metadata.sorted_tables}, {}, {}))
