"""One process for one SQLite file.

The lock is `flock` on FILE.lock: the kernel releases it when the process ends, however it ends. It is
not on the database file itself, whose own locks SQLite would lose as soon as anyone closed it.
"""

import asyncio
import fcntl
import os
from pathlib import Path

from omsbot.db.engine.problems import DatabaseProblem

LOOK_AGAIN_S = 0.05
PATIENCE_S = 5.0


class FileLock:
    """An exclusive lock beside a database file; held from `acquire` to `release`."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._path = database.with_name(database.name + ".lock")
        self._descriptor: int | None = None

    async def acquire(self) -> None:
        """Take the lock, from one that is about to stop too; raises DatabaseProblem when others keep it."""
        descriptor = self._open()
        try:
            await self._lock(descriptor, PATIENCE_S)
        except BaseException:
            os.close(descriptor)
            raise
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back. The file stays: removing it would let two processes hold two files."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int:
        try:
            return os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise DatabaseProblem(
                f"cannot write {self._path} ({error.strerror}): make the directory writable for this user"
            ) from None

    async def _lock(self, descriptor: int, patience_s: float) -> None:
        deadline = asyncio.get_running_loop().time() + patience_s
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if asyncio.get_running_loop().time() >= deadline:
                    raise self._held(descriptor) from None
                await asyncio.sleep(LOOK_AGAIN_S)
            else:
                return

    def _held(self, descriptor: int) -> DatabaseProblem:
        holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
        return DatabaseProblem(
            f"the database {self._database} is in use by another omsbot (process {holder}): stop it first"
        )
