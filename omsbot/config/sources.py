"""Where a setting's text comes from: the environment, then `omsbot.toml`; a secret also from a named file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omsbot.config.fields import CONFIG_VARIABLE, Field

FILE_NAME = "omsbot.toml"
Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Given:
    """The text of one setting, and the name under which a person wrote it."""

    text: str
    name: str


@dataclass(frozen=True, slots=True)
class Origin:
    """One place to look: its values by full name, the directory of its paths, and how a sentence names it."""

    values: Table
    base: Path
    where: str = ""

    def pick(self, field: Field, name: str, file_name: str) -> Given | None:
        plain = _as_text(self.values.get(name), f"{name}{self.where}")
        path = _as_text(self.values.get(file_name), f"{file_name}{self.where}") if field.secret else ""
        if plain and path:
            raise ValueError(f"{name} and {file_name}{self.where} are both set: keep one of them")
        if path:
            return Given(
                _read_secret(self.base / path, f"{file_name}{self.where}"), f"{file_name}{self.where}"
            )
        if plain and field.path:
            plain = str(self.base / plain)
        return Given(plain, f"{name}{self.where}") if plain else None


@dataclass(frozen=True, slots=True)
class Sources:
    """The environment and the file, read once. `file` is empty and `path` None where there is no file."""

    environ: Mapping[str, str]
    cwd: Path
    file: Table
    path: Path | None

    def find(self, field: Field, *, table: Table, prefix: str = "", variables: bool = True) -> Given | None:
        """Return what was given for a field, or None; an empty variable counts as not given.

        :raises ValueError: a sentence, where a value has the wrong type or a secret's file cannot be read.
        """
        if variables and field.variable:
            environment = Origin(self.environ, self.cwd)
            given = environment.pick(field, field.variable, f"{field.variable}_FILE")
            if given:
                return given
        if self.path is None:
            return None
        values = {f"{prefix}{key}": value for key, value in table.items()}
        file = Origin(values, self.path.parent, f" in {self.path.name}")
        return file.pick(field, f"{prefix}{field.key}", f"{prefix}{field.key}_file")


def read_sources(environ: Mapping[str, str], cwd: Path) -> tuple[Sources, list[str]]:
    """Find and read `omsbot.toml`; what is wrong with it comes back as sentences beside an empty table."""
    named = environ.get(CONFIG_VARIABLE)
    path = cwd / (named or FILE_NAME)
    if not named and not path.exists():
        return Sources(environ, cwd, {}, None), []
    try:
        return Sources(environ, cwd, tomllib.loads(path.read_text(encoding="utf-8")), path), []
    except OSError as error:
        hint = f": {CONFIG_VARIABLE} names it, so it must be there" if named else ""
        problem = f"{path} cannot be read ({error.strerror}){hint}"
    except UnicodeDecodeError:
        problem = f"{path} is not UTF-8 text: save it as UTF-8"
    except tomllib.TOMLDecodeError as error:
        problem = f"{path} is not valid TOML: {error}"
    return Sources(environ, cwd, {}, path), [problem]


def _as_text(value: object, name: str) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ",".join(value) or ","  # an empty list is an answer: none at all
    raise ValueError(f"{name} has the wrong type: write a text, a number, or a list of texts")


def _read_secret(path: Path, name: str) -> str:
    try:
        secret = path.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise ValueError(f"{name}: {path} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise ValueError(f"{name}: {path} is not UTF-8 text") from None
    if not secret:
        raise ValueError(f"{name}: {path} is empty")
    return secret
