"""Who did what: subscriptions, silences and the like."""

from omsbot.db.engine.connection import Connection
from omsbot.db.schema import audit


async def note(
    conn: Connection,
    *,
    actor: str,
    action: str,
    channel_id: str | None,
    subject: str | None,
    detail: str | None = None,
    now: int,
) -> None:
    await conn.execute(
        audit.insert().values(
            at=now, actor=actor, channel_id=channel_id, subject=subject, action=action, detail=detail
        )
    )
