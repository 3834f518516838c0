"""Is the database there, can it be written, and has it the tables of this version?"""

import os
import shutil
from pathlib import Path

from omsbot.cli.findings import Examination, Finding, green, red, yellow
from omsbot.db.engine import revisions
from omsbot.db.engine.engine import Database
from omsbot.db.engine.problems import DatabaseProblem
from omsbot.db.engine.url import driver_url, sqlite_file
from omsbot.db.schema import job_runs

MIB = 1024 * 1024
LOW_DISK_MIB = 1024
NO_DISK_MIB = 100
SUBJECT = "database"


class _LeaveNoTrace(Exception):  # noqa: N818 - rolls the trial back
    """Ends a transaction that only tried whether it could write."""


async def examine_database(url: str) -> Examination:
    """Look at revision, access and room; a running bot is not disturbed."""
    try:
        address = driver_url(url)
        file = sqlite_file(address) if address.get_backend_name() == "sqlite" else None
        if file and not file.exists():
            return Examination(_future_file(file))
        facts = await revisions.current(url)
        access: tuple[Finding, ...] = ()
        if file:
            access = _file_access(file)
        elif facts.up_to_date:
            access = (await _trial(url),)
    except DatabaseProblem as error:
        fact, _, mend = str(error).rpartition(": ")
        return Examination((red(SUBJECT, fact or mend, mend),))
    return Examination((_revision(facts, sqlite=bool(file)), *access))


def _future_file(file: Path) -> tuple[Finding, ...]:
    if not os.access(file.parent, os.W_OK | os.X_OK):
        return (red(SUBJECT, f"{file} cannot be created", "make its directory writable for this user"),)
    return (green(SUBJECT, f"{file} is not there yet; `omsbot run` creates it"), *_room(file))


def _revision(facts: revisions.Revision, *, sqlite: bool) -> Finding:
    if facts.newer:
        return red(SUBJECT, f"it is at {facts.current}, newer than this omsbot knows", "upgrade omsbot")
    if facts.up_to_date:
        return green(SUBJECT, f"reachable, at revision {facts.current}, which is current")
    behind = f"it is at {facts.current or 'no revision'}, and {facts.head} is needed"
    if sqlite:
        return green(SUBJECT, f"{behind}; `omsbot run` upgrades it at its start")
    return red(SUBJECT, behind, "run `omsbot db upgrade`")


def _file_access(file: Path) -> tuple[Finding, ...]:
    places = [file, file.parent]  # the log and the lock are files beside it
    for place in places:
        if not os.access(place, os.W_OK):
            return (red(SUBJECT, f"{place} cannot be written", "make it writable for this user"),)
    return (green(SUBJECT, f"{file} can be written"), *_room(file))


def _room(file: Path) -> tuple[Finding, ...]:
    free = shutil.disk_usage(file.parent).free // MIB
    if free < NO_DISK_MIB:
        return (red(SUBJECT, f"the disk has {free} MiB left", "make room: a full disk stops the bot"),)
    if free < LOW_DISK_MIB:
        return (yellow(SUBJECT, f"the disk has {free} MiB left", "make room"),)
    return ()


async def _trial(url: str) -> Finding:
    database = Database(url, pool_size=1)
    await database.open()
    try:
        async with database.write() as connection:
            await connection.execute(job_runs.insert().values(job="doctor", period="trial", done_at=0))
            raise _LeaveNoTrace
    except _LeaveNoTrace:
        return green(SUBJECT, "can be written")
    except Exception as error:  # noqa: BLE001 - whatever the driver raises, the table was not written
        reason = str(error).partition("\n")[0]
        return red(SUBJECT, f"cannot be written ({reason})", "give the user all rights on the database")
    finally:
        await database.close()
