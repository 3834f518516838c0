"""Draft the next migration from the difference between the last one and the tables.

    python migrations/draft.py 0002_words "what it changes"

Read what it wrote, for Alembic sees a renamed column as one dropped and one added; then `make format`.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config

from omsbot.db.engine.migrations import migrate, upgrade


async def draft(name: str, message: str) -> None:
    def write(config: Config) -> None:
        config.set_main_option("file_template", "%%(rev)s")
        command.revision(config, message, autogenerate=True, rev_id=name)

    with tempfile.TemporaryDirectory() as directory:
        url = f"sqlite:///{Path(directory) / 'draft.db'}"
        await upgrade(url)
        await migrate(url, write)


if __name__ == "__main__":
    asyncio.run(draft(*sys.argv[1:]))
