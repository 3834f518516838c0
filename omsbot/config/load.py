"""From the sources to the values: every problem is found, not only the first."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from omsbot.config import parse, unknown_names
from omsbot.config.fields import FIELDS, RULE_FIELDS, SERVER_FIELDS, SLACK_FIELDS, Field
from omsbot.config.problem import ConfigProblem
from omsbot.config.settings import Secret, ServerSettings, Settings
from omsbot.config.sources import Given, Sources, Table, read_sources
from omsbot.domain.project.project import DEFAULT_SERVER, ProjectRef
from omsbot.domain.thresholds import RuleBook, Rules

DAY_MS = 86_400_000
CONSOLE_PATH = "/oms-v2/migration"


def load(
    *, environ: Mapping[str, str], cwd: Path, need_slack: bool = True, need_oms: bool = True
) -> Settings:
    """Read and check the settings; what is not needed may be missing, but not wrong.

    :raises ConfigProblem: one sentence for each setting that is missing or wrong.
    """
    settings, problems = examine(environ=environ, cwd=cwd, need_slack=need_slack, need_oms=need_oms)
    if problems:
        raise ConfigProblem(problems)
    return settings


def examine(
    *, environ: Mapping[str, str], cwd: Path, need_slack: bool = True, need_oms: bool = True
) -> tuple[Settings, list[str]]:
    """Read the settings as far as they go; a wrong one counts as not given, and its sentence comes back."""
    sources, problems = read_sources(environ, cwd)
    reading = _Reading(sources, problems)
    problems += [*unknown_names.misplaced_servers(sources), *unknown_names.strange_keys(sources)]
    slack = reading.values(SLACK_FIELDS, sources.file, needed=need_slack)
    plain = reading.values(FIELDS, sources.file, needed=False)
    servers = reading.servers(needed=need_oms)
    _check_token_kinds(slack, plain["slack_api_url"], problems)
    return Settings(
        slack_bot_token=Secret(slack["slack_bot_token"] or ""),
        slack_app_token=Secret(slack["slack_app_token"] or ""),
        slack_api_url=plain["slack_api_url"],
        servers=servers,
        rules=reading.rules(servers),
        database_url=plain["database_url"],
        poll_interval_ms=round(plain["poll_interval"] * 1000),
        retention_ms=plain["retention_days"] * DAY_MS,
        http_host=plain["http_host"],
        http_port=plain["http_port"],
        heartbeat_url=plain["heartbeat_url"],
        heartbeat_interval_s=plain["heartbeat_interval"],
        log_level=plain["log_level"],
        log_format=plain["log_format"],
        shared_channels=plain["allow_shared_channels"],
        config_file=sources.path,
        warnings=tuple(unknown_names.strange_variables(environ)),
    ), problems


def _check_token_kinds(slack: dict[str, Any], api_url: str, problems: list[str]) -> None:
    """Slack's own tokens have known prefixes; a server that only speaks like Slack may have any."""
    if api_url != parse.SLACK_API_URL:
        return
    for field, prefix in zip(SLACK_FIELDS, ("xoxb-", "xapp-"), strict=True):
        token = slack[field.key]
        # A bot token under rotation starts with xoxe.xoxb-.
        if token and not token.removeprefix("xoxe.").startswith(prefix):
            problems.append(f"{field.variable} does not start with {prefix}: {field.mend}")


class _Reading:
    """One walk through the sources, collecting problems on the way."""

    def __init__(self, sources: Sources, problems: list[str]) -> None:
        self._sources = sources
        self._problems = problems

    def values(self, fields: tuple[Field, ...], table: Table, *, needed: bool) -> dict[str, Any]:
        return {field.key: self._value(field, table, needed=needed) for field in fields}

    def servers(self, *, needed: bool) -> dict[str, ServerSettings]:
        tables = unknown_names.server_tables(self._sources)
        names = dict.fromkeys(tables)
        variables = [field.variable for field in SERVER_FIELDS if field.variable]
        variables += [f"{field.variable}_FILE" for field in SERVER_FIELDS if field.secret]
        if any(self._sources.environ.get(name) for name in variables) or (needed and not names):
            names = dict.fromkeys([DEFAULT_SERVER, *names])
        servers = [self._server(name, tables.get(name, {}), needed=needed) for name in names]
        return {server.name: server for server in servers if server}

    def rules(self, servers: Iterable[str]) -> RuleBook:
        """The rules of all, of each server, and of each project that has its own."""
        default = self._rules(
            unknown_names.table_of(self._sources.file, "rules"), "rules.", Rules(), variables=True
        )
        of_servers: dict[str, Rules] = {}
        of_projects: dict[ProjectRef, Rules] = {}
        tables = unknown_names.server_tables(self._sources)
        for name in servers:
            table, prefix = unknown_names.table_of(tables.get(name, {}), "rules"), f"oms.{name}.rules."
            if not table:
                continue
            of_servers[name] = self._rules(table, prefix, default)
            for oms_id, own in table.items():
                if isinstance(own, dict):
                    ref = ProjectRef(name, oms_id)
                    of_projects[ref] = self._rules(own, f"{prefix}{oms_id}.", of_servers[name])
        return RuleBook(default, of_servers, of_projects)

    def _rules(self, table: Table, prefix: str, wider: Rules, *, variables: bool = False) -> Rules:
        """One table of rules; `wider` has what it leaves out."""
        said = {
            field.key: self._value(field, table, needed=False, prefix=prefix, variables=variables, fill=False)
            for field in RULE_FIELDS
        }
        return replace(wider, **{key: value for key, value in said.items() if value is not None})

    def _server(self, name: str, table: Table, *, needed: bool) -> ServerSettings | None:
        try:
            parse.server_name(name)
        except ValueError as error:
            self._problems.append(f"oms.{name} {error}")
        default = name == DEFAULT_SERVER
        prefix = f"oms.{name}."
        values = {
            field.key: self._value(field, table, prefix=prefix, variables=default, needed=needed)
            for field in SERVER_FIELDS
        }
        if not (values["url"] and values["user"] and values["password"]):
            return None
        return ServerSettings(
            name=name,
            url=values["url"],
            user=values["user"],
            password=Secret(values["password"]),
            ca_file=values["ca_file"],
            console_url=values["console_url"] or values["url"] + CONSOLE_PATH,
            channels=values["channels"],
        )

    def _value(
        self,
        field: Field,
        table: Table,
        *,
        needed: bool,
        prefix: str = "",
        variables: bool = True,
        fill: bool = True,
    ) -> Any:
        """One setting's value; where it is not given, its default, or None where that is not to `fill` in."""
        try:
            given = self._sources.find(field, table=table, prefix=prefix, variables=variables)
        except ValueError as error:
            self._problems.append(str(error))
            return self._default(field) if fill else None
        if given is None:
            if needed and field.mend:
                self._problems.append(self._missing(field, prefix, variables=variables))
            return self._default(field) if fill else None
        try:
            return field.parse(given.text)
        except ValueError as error:
            self._problems.append(f"{given.name} {error}{_shown(field, given)}")
            return self._default(field) if fill else None

    @staticmethod
    def _default(field: Field) -> Any:
        return None if field.default is None else field.parse(field.default)

    def _missing(self, field: Field, prefix: str, *, variables: bool) -> str:
        name = field.variable if variables and field.variable else f"{prefix}{field.key} in omsbot.toml"
        return f"{name} is missing: {field.mend}"


def _shown(field: Field, given: Given) -> str:
    """Repeat the value where it is no secret; whatever holds an @ may carry a password."""
    if field.secret or "@" in given.text:
        return ""
    return f" (it is {given.text[:80]!r})"
