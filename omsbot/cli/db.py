"""`omsbot db upgrade`, `current` and `backup`."""

import argparse
import asyncio
import os
from pathlib import Path

from omsbot.config import load
from omsbot.db.engine import migrations, revisions
from omsbot.db.engine.backup import backup as backup_to


def upgrade(_asked: argparse.Namespace) -> int:
    """Bring the tables up to this version."""
    url = _url()
    asyncio.run(migrations.upgrade(url))
    print(_state(asyncio.run(revisions.current(url))))
    return 0


def current(_asked: argparse.Namespace) -> int:
    """Say which revision the database has; 1 where it is not the one that this version needs."""
    facts = asyncio.run(revisions.current(_url()))
    print(_state(facts))
    return 0 if facts.up_to_date else 1


def backup(asked: argparse.Namespace) -> int:
    """Copy the database into a new file."""
    target = Path(asked.path)
    asyncio.run(backup_to(_url(), target))
    print(f"The database is copied to {target}.")
    return 0


def _url() -> str:
    return load(environ=os.environ, cwd=Path.cwd(), need_slack=False, need_oms=False).database_url


def _state(facts: revisions.Revision) -> str:
    if facts.newer:
        return f"The database is at {facts.current}, which this omsbot does not know: upgrade omsbot."
    if facts.up_to_date:
        return f"The database is at {facts.current}, which is current."
    return (
        f"The database is at {facts.current or 'no revision'}, not at {facts.head}: run `omsbot db upgrade`."
    )
