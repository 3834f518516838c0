"""Who did what: subscriptions, silences and the like."""

from omsbot.db.engine.connection import Connection
from omsbot.db.schema import audit
from omsbot.db.subjects import scope_key
from omsbot.domain.project.subject import Subject


async def note(
    conn: Connection,
    *,
    actor: str,
    action: str,
    channel_id: str | None,
    scope: Subject | None,
    detail: str | None = None,
    now: int,
) -> None:
    """`scope` is what was changed; None is all that the channel follows."""
    await conn.execute(
        audit.insert().values(
            at=now, actor=actor, channel_id=channel_id, subject=scope_key(scope), action=action, detail=detail
        )
    )
