"""Domain values as JSON for the database: small, exact, and readable by older and newer versions.

Fields that are None or at their default are left out. A key that this version does not know is ignored
on reading, so that a field can be added without a migration.
"""

from functools import cache
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from omsbot.domain.events import Event
from omsbot.domain.memory.step_memory import Watch
from omsbot.domain.project.project import Snapshot

T = TypeVar("T")


class UnreadableRecord(ValueError):  # noqa: N818  # names what was found, as the other problems do
    """A stored text does not hold what it should; the message says where, never what was there."""


def dump_snapshot(snapshot: Snapshot) -> str:
    return _dump(_snapshots(), snapshot, exclude={"digest"})


def load_snapshot(stored: str) -> Snapshot:
    """Raises UnreadableRecord."""
    return _load(_snapshots(), "snapshot", stored)


def dump_event(event: Event) -> str:
    return _dump(_events(), event)


def load_event(stored: str) -> Event:
    """Raises UnreadableRecord."""
    return _load(_events(), "event", stored)


def dump_watch(watch: Watch) -> str:
    return _dump(_watches(), watch)


def load_watch(stored: str) -> Watch:
    """Raises UnreadableRecord."""
    return _load(_watches(), "watch", stored)


# Built on first use: each takes longer than most imports.
@cache
def _snapshots() -> TypeAdapter[Snapshot]:
    return TypeAdapter(Snapshot)


@cache
def _watches() -> TypeAdapter[Watch]:
    return TypeAdapter(Watch)


@cache
def _events() -> TypeAdapter[Event]:
    return TypeAdapter(Event)


def _dump(adapter: TypeAdapter[T], value: T, *, exclude: set[str] | None = None) -> str:
    # pydantic warns of mappings that are no dict, such as a MappingProxyType, and leaves them to `fallback`
    dumped = adapter.dump_json(
        value, exclude=exclude, exclude_none=True, exclude_defaults=True, fallback=dict, warnings=False
    )
    return dumped.decode()


def _load(adapter: TypeAdapter[T], kind: str, stored: str) -> T:
    try:
        return adapter.validate_json(stored)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "its start"
        raise UnreadableRecord(f"a stored {kind} is unreadable at {where}: {first['type']}") from None
