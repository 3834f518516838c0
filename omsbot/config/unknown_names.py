"""Names that are no settings: a mistyped key or variable, with the nearest right one."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

from omsbot.config.fields import FIELDS, RULE_FIELDS, SERVER_FIELDS, SLACK_FIELDS, known_keys, known_variables
from omsbot.config.sources import Sources, Table

TOP_KEYS = known_keys((*SLACK_FIELDS, *FIELDS))
SERVER_KEYS = known_keys(SERVER_FIELDS)
RULE_KEYS = known_keys(RULE_FIELDS)


def strange_variables(environ: Iterable[str]) -> Iterator[str]:
    """Yield a warning for each OMSBOT_ variable that nothing reads."""
    known = known_variables()
    for name in sorted(environ):
        if name.startswith("OMSBOT_") and name not in known:
            yield f"{name} is not a setting of omsbot and is ignored{_nearest(name, known)}"


def strange_keys(sources: Sources) -> Iterator[str]:
    """Yield a problem for each key of the file that nothing reads."""
    name = sources.path.name if sources.path else ""
    for key in sources.file:
        if key not in {"oms", "rules"} and key not in TOP_KEYS:
            yield f"{key} in {name} is not a setting{_hint(key)}"
    yield from _strange_rules(sources.file, "rules", name, nested=False)
    for server, table in server_tables(sources).items():
        for key in table:
            if key != "rules" and key not in SERVER_KEYS:
                yield f"oms.{server}.{key} in {name} is not a setting{_server_hint(key)}"
        yield from _strange_rules(table, f"oms.{server}.rules", name, nested=True)


def table_of(within: Table, key: str) -> Table:
    """A table by its key; empty where it is missing, or where something else stands there."""
    value = within.get(key)
    return value if isinstance(value, dict) else {}


def _strange_rules(within: Table, path: str, name: str, *, nested: bool) -> Iterator[str]:
    if not isinstance(within.get("rules", {}), dict):
        yield f"{path} in {name} is not a table: write [{path}], then the thresholds below it"
    for key, value in table_of(within, "rules").items():
        if nested and isinstance(value, dict):
            yield from _strange_rules({"rules": value}, f"{path}.{key}", name, nested=False)
        elif key not in RULE_KEYS:
            yield f"{path}.{key} in {name} is not a setting{_nearest(key.lower(), RULE_KEYS)}"


def server_tables(sources: Sources) -> dict[str, Table]:
    """Return the tables `[oms.NAME]`; what is no table is told by `misplaced_servers`."""
    return {name: table for name, table in _oms(sources).items() if isinstance(table, dict)}


def misplaced_servers(sources: Sources) -> Iterator[str]:
    """Yield a problem where `oms` is not made of tables."""
    if not isinstance(sources.file.get("oms", {}), dict):
        yield "oms is not a table: write [oms.default], then url, user and password below it"
    for name, value in _oms(sources).items():
        if not isinstance(value, dict):
            yield f"oms.{name} is not a table: write [oms.default], then {name} below it"


def _oms(sources: Sources) -> dict[str, Any]:
    value = sources.file.get("oms", {})
    return value if isinstance(value, dict) else {}


def _hint(key: str) -> str:
    word = key.lower().removeprefix("omsbot_")
    if word.startswith("oms_") and word.removeprefix("oms_") in SERVER_KEYS:
        return f": write {word.removeprefix('oms_')} in the table [oms.default]"
    return _nearest(word, TOP_KEYS)


def _server_hint(key: str) -> str:
    if key in TOP_KEYS:
        return ": move it above the first [table] of the file"
    return _nearest(key.lower().removeprefix("omsbot_").removeprefix("oms_"), SERVER_KEYS)


def _nearest(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f": did you mean {near[0]}?" if near else ""
