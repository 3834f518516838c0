"""Who did what: subscriptions, silences and the like."""

from sqlalchemy.ext.asyncio import AsyncConnection

from omsbot.db.schema import audit


async def note(
    conn: AsyncConnection,
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
