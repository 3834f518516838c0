"""What the reliability tests share."""

import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.databases import sqlite_copy

MEMORY = Path("/dev/shm")


@pytest.fixture
def quiet_log() -> Iterator[None]:
    """Thousands of deaths would fill the log, and writing their traces would cost more than the deaths."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def quick_file(migrated: dict[str, str], tmp_path: Path) -> Iterator[Path]:
    """A database with tables and no rows, in memory where the system has such a place."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else tmp_path) as directory:
        yield Path(sqlite_copy(migrated, Path(directory)).removeprefix("sqlite:///"))
