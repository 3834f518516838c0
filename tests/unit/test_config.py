"""Settings: where they come from, what is refused, and in which words."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from omsbot.config import ConfigProblem, Secret, Settings, load
from omsbot.domain.project.project import ProjectRef
from omsbot.domain.thresholds import RuleBook, Rules

GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-123",
    "SLACK_APP_TOKEN": "xapp-123",
    "OMSBOT_OMS_URL": "http://oms.example.com:8089",
    "OMSBOT_OMS_USER": "omsbot",
    "OMSBOT_OMS_PASSWORD": "p@ss:w%rd",
}
SLACK_ONLY = {name: value for name, value in GOOD.items() if name.startswith("SLACK")}

Load = Callable[..., Settings]


@pytest.fixture
def load_with(tmp_path: Path) -> Load:
    """Load from an environment (GOOD unless told otherwise), changes to it, and the text of omsbot.toml."""

    def load_it(
        changes: dict[str, str] | None = None, toml: str | None = None, *, base: Any = GOOD, **needs: bool
    ) -> Settings:
        if toml is not None:
            (tmp_path / "omsbot.toml").write_text(toml, encoding="utf-8")
        return load(environ={**base, **(changes or {})}, cwd=tmp_path, **needs)

    return load_it


def problems(load_with: Load, *args: Any, **kwargs: Any) -> tuple[str, ...]:
    with pytest.raises(ConfigProblem) as caught:
        load_with(*args, **kwargs)
    return caught.value.lines


def test_the_environment_alone_is_enough(load_with: Load) -> None:
    settings = load_with()
    assert settings.slack_bot_token.reveal() == "xoxb-123"
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.database_url == "sqlite:///omsbot.db"
    assert settings.poll_interval_ms == 10_000
    assert settings.retention_ms == 90 * 86_400_000
    assert (settings.http_host, settings.http_port) == ("127.0.0.1", 8480)
    assert settings.heartbeat_url is None
    assert settings.warnings == ()
    server = settings.servers["default"]
    assert (server.url, server.user, server.channels) == ("http://oms.example.com:8089", "omsbot", None)
    assert server.password.reveal() == "p@ss:w%rd"
    assert server.console_url == "http://oms.example.com:8089/oms-v2/migration"


def test_everything_that_is_missing_is_told_at_once_with_its_mend(load_with: Load) -> None:
    lines = problems(load_with, base={})
    assert [line.partition(" is missing: ")[0] for line in lines] == [
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
        "OMSBOT_OMS_URL",
        "OMSBOT_OMS_USER",
        "OMSBOT_OMS_PASSWORD",
    ]
    assert "connections:write (starts with xapp-)" in lines[1]
    assert all("\n" not in line for line in lines)


def test_what_a_command_does_not_need_may_be_missing(load_with: Load) -> None:
    settings = load_with(base={}, need_slack=False, need_oms=False)
    assert not settings.slack_bot_token
    assert settings.servers == {}


def test_an_empty_variable_counts_as_not_given(load_with: Load) -> None:
    assert load_with({"OMSBOT_HTTP_PORT": "", "OMSBOT_LOG_FORMAT": ""}).http_port == 8480
    assert problems(load_with, {"OMSBOT_OMS_USER": ""})[0].startswith("OMSBOT_OMS_USER is missing")


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        pytest.param(
            "SLACK_BOT_TOKEN", "xapp-1", "an app-level token (xapp-...)", id="app token as bot token"
        ),
        pytest.param("SLACK_APP_TOKEN", "xoxb-1", "a bot token (xoxb-...)", id="bot token as app token"),
        pytest.param("SLACK_BOT_TOKEN", "xoxp-1", "a user token (xoxp-...)", id="user token as bot token"),
        pytest.param("SLACK_BOT_TOKEN", "secret", "does not start with xoxb-", id="no token of Slack's"),
        pytest.param("SLACK_BOT_TOKEN", "xoxb-1 xoxb-2", "holds white space", id="two tokens"),
        pytest.param(
            "OMSBOT_OMS_URL", "http://u:pw@oms", "holds a user or a password", id="credentials in URL"
        ),
        pytest.param("OMSBOT_OMS_URL", "oms.example.com", "is not an address", id="no scheme"),
        pytest.param("OMSBOT_OMS_URL", "http://oms:99999", "is not an address", id="impossible port"),
        pytest.param("OMSBOT_OMS_URL", "ftp://oms", "is not an address", id="other scheme"),
        pytest.param("OMSBOT_OMS_URL", "http://oms/?x=1", "holds a query", id="query in URL"),
        pytest.param("OMSBOT_OMS_USER", "a:b", "HTTP Basic cannot carry", id="colon in user"),
        pytest.param("OMSBOT_OMS_PASSWORD", "a\nb", "control character", id="line break in password"),
        pytest.param("OMSBOT_OMS_CA_FILE", "none.pem", "cannot be read", id="no CA file"),
        pytest.param("OMSBOT_DATABASE_URL", "oracle://x", "is not a database address", id="other database"),
        pytest.param("OMSBOT_POLL_INTERVAL", "0.5", "from 1 to 3600", id="too fast"),
        pytest.param("OMSBOT_POLL_INTERVAL", "nan", "from 1 to 3600", id="not a number"),
        pytest.param("OMSBOT_POLL_INTERVAL", "10s", "from 1 to 3600", id="with a unit"),
        pytest.param("OMSBOT_RETENTION_DAYS", "0", "whole number of days from 1 to 3650", id="keeps nothing"),
        pytest.param("OMSBOT_RETENTION_DAYS", "1.5", "whole number of days", id="half a day"),
        pytest.param("OMSBOT_HTTP_PORT", "-1", "is not a port", id="negative port"),
        pytest.param("OMSBOT_HTTP_PORT", "65536", "is not a port", id="port too high"),
        pytest.param("OMSBOT_LOG_LEVEL", "loud", "none of DEBUG, INFO", id="log level"),
        pytest.param("OMSBOT_LOG_FORMAT", "xml", "none of json, console", id="log format"),
        pytest.param("OMSBOT_ALLOW_SHARED_CHANNELS", "#ops", "not a channel id", id="channel name"),
    ],
)
def test_a_wrong_value_is_told_in_one_line_that_names_the_variable(
    load_with: Load, variable: str, value: str, expected: str
) -> None:
    (line,) = problems(load_with, {variable: value})
    assert line.startswith(variable)
    assert expected in line
    assert "\n" not in line


@pytest.mark.parametrize("variable", ["SLACK_BOT_TOKEN", "OMSBOT_OMS_PASSWORD", "OMSBOT_DATABASE_URL"])
def test_a_wrong_secret_is_not_repeated(load_with: Load, variable: str) -> None:
    (line,) = problems(load_with, {variable: "hush\x00hush"})
    assert "hush" not in line


def test_a_password_in_an_address_is_not_repeated(load_with: Load) -> None:
    (line,) = problems(load_with, {"OMSBOT_OMS_URL": "http://root:hush@oms"})
    assert "hush" not in line


def test_a_server_that_only_speaks_like_slack_may_have_any_token(load_with: Load) -> None:
    api = {"OMSBOT_SLACK_API_URL": "http://127.0.0.1:9000/api", "SLACK_BOT_TOKEN": "anything"}
    settings = load_with(api)
    assert settings.slack_api_url == "http://127.0.0.1:9000/api/"
    assert settings.slack_bot_token.reveal() == "anything"


def test_the_environment_beats_the_file(load_with: Load) -> None:
    toml = 'poll_interval = 30\nhttp_port = 9000\n[oms.default]\nurl = "http://other"\nchannels = ["C0AAA"]\n'
    settings = load_with({"OMSBOT_POLL_INTERVAL": "2.5"}, toml)
    assert settings.poll_interval_ms == 2500
    assert settings.http_port == 9000
    assert settings.servers["default"].url == "http://oms.example.com:8089"
    assert settings.servers["default"].channels == frozenset({"C0AAA"})


def test_the_file_alone_is_enough_and_no_server_has_to_be_the_default(load_with: Load) -> None:
    toml = """
    slack_bot_token = "xoxb-1"
    slack_app_token = "xapp-1"
    allow_shared_channels = ["C0AAA", "C0BBB"]

    [oms.prod]
    url = "https://oms.prod:8089/"
    user = "watcher"
    password = "secret"
    console_url = "https://console.prod/#/project/{id}"
    """
    settings = load_with(toml=toml, base={})
    assert set(settings.servers) == {"prod"}
    assert settings.default_server == "prod"
    assert settings.console_hosts() == {"prod": "console.prod"}
    assert settings.servers["prod"].url == "https://oms.prod:8089"
    assert settings.servers["prod"].console_link("np_1") == "https://console.prod/#/project/np_1"
    assert settings.shared_channels == {"C0AAA", "C0BBB"}


def test_among_several_servers_without_a_default_one_has_to_be_named(load_with: Load) -> None:
    table = 'url = "http://x"\nuser = "u"\npassword = "p"\n'
    settings = load_with(toml=f"[oms.eu]\n{table}[oms.us]\n{table}", base=SLACK_ONLY)
    assert settings.default_server is None


def test_an_empty_list_of_channels_lets_no_channel_use_the_server(load_with: Load) -> None:
    settings = load_with(toml="[oms.default]\nchannels = []\n")
    assert settings.servers["default"].channels == frozenset()


def test_a_named_file_is_read_and_has_to_be_there(load_with: Load, tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("http_port = 1234\n")
    assert load_with({"OMSBOT_CONFIG": "other.toml"}).http_port == 1234
    (line,) = problems(load_with, {"OMSBOT_CONFIG": "gone.toml"})
    assert "gone.toml cannot be read" in line


@pytest.mark.parametrize("variable", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "OMSBOT_OMS_PASSWORD"])
def test_every_secret_may_stand_in_a_file(load_with: Load, tmp_path: Path, variable: str) -> None:
    (tmp_path / "secret").write_text(f"{GOOD[variable]}\n")
    base = {name: value for name, value in GOOD.items() if name != variable}
    settings = load_with({f"{variable}_FILE": "secret"}, base=base)
    assert GOOD[variable] in settings.secrets()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(None, "cannot be read (No such file or directory)", id="missing"),
        pytest.param(b"\n", "is empty", id="empty"),
        pytest.param(b"\xff\xfe", "is not UTF-8", id="binary"),
    ],
)
def test_a_secret_file_that_is_no_use_is_told(
    load_with: Load, tmp_path: Path, content: bytes | None, expected: str
) -> None:
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    base = {name: value for name, value in GOOD.items() if name != "OMSBOT_OMS_PASSWORD"}
    (line,) = problems(load_with, {"OMSBOT_OMS_PASSWORD_FILE": "secret"}, base=base)
    assert line.startswith("OMSBOT_OMS_PASSWORD_FILE: ")
    assert expected in line


def test_a_secret_and_its_file_cannot_both_be_set(load_with: Load) -> None:
    (line,) = problems(load_with, {"SLACK_BOT_TOKEN_FILE": "x"})
    assert line == "SLACK_BOT_TOKEN and SLACK_BOT_TOKEN_FILE are both set: keep one of them"


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        pytest.param("poll_intervall = 3", "did you mean poll_interval?", id="mistyped"),
        pytest.param("OMSBOT_HTTP_PORT = 3", "did you mean http_port?", id="as a variable"),
        pytest.param(
            'oms_url = "http://x"', "write url in the table [oms.default]", id="server's key on top"
        ),
        pytest.param("[oms.default]\nhttp_port = 1", "move it above the first [table]", id="below a table"),
        pytest.param('[oms.default]\npasword = "x"', "did you mean password?", id="mistyped in a server"),
        pytest.param("[slack]\n", "slack in omsbot.toml is not a setting", id="unknown table"),
        pytest.param('oms = "http://x"', "oms is not a table", id="oms is a text"),
        pytest.param(
            '[oms]\nurl = "http://x"', "write [oms.default], then url below", id="oms without a name"
        ),
        pytest.param("http_port = true", "http_port in omsbot.toml has the wrong type", id="wrong type"),
        pytest.param('http_port = "x"', "http_port in omsbot.toml is not a port", id="wrong value"),
        pytest.param("http_port = [", "is not valid TOML", id="broken file"),
    ],
)
def test_a_wrong_key_in_the_file_is_told_with_the_right_one(
    load_with: Load, toml: str, expected: str
) -> None:
    (line,) = problems(load_with, toml=toml)
    assert expected in line


@pytest.mark.parametrize("name", ["Prod", "a b", "a_b", "x" * 33])
def test_a_server_needs_a_name_that_people_can_type_before_an_id(load_with: Load, name: str) -> None:
    toml = f'[oms."{name}"]\nurl = "http://x"\nuser = "u"\npassword = "p"\n'
    (line,) = problems(load_with, toml=toml)
    assert "is not a server name" in line


def test_a_server_table_that_lacks_something_is_told(load_with: Load) -> None:
    (line,) = problems(load_with, toml='[oms.eu]\nurl = "http://x"\nuser = "u"\n')
    assert line.startswith("oms.eu.password in omsbot.toml is missing")


def test_an_unknown_variable_is_a_warning_with_the_nearest_right_one(load_with: Load) -> None:
    settings = load_with({"OMSBOT_POL_INTERVAL": "3", "OTHER": "x"})
    (warning,) = settings.warnings
    assert warning == (
        "OMSBOT_POL_INTERVAL is not a setting of omsbot and is ignored: did you mean OMSBOT_POLL_INTERVAL?"
    )


def test_nothing_secret_is_in_a_repr(load_with: Load) -> None:
    settings = load_with(
        {"OMSBOT_DATABASE_URL": "postgresql://u:hush%40@db/x", "OMSBOT_HEARTBEAT_URL": "https://hc/uuid-1"}
    )
    shown = repr(settings) + str(settings.slack_bot_token) + f"{settings.servers['default'].password}"
    for secret in settings.secrets():
        assert secret not in shown
    assert {"hush%40", "hush@", "https://hc/uuid-1", "p@ss:w%rd"} <= set(settings.secrets())
    assert repr(Secret("x")) == "Secret(***)"
    assert repr(Secret()) == "Secret()"


def test_rules_have_defaults(load_with: Load) -> None:
    assert load_with().rules == RuleBook()


def test_rules_come_from_the_variables_the_file_the_server_and_the_project(load_with: Load) -> None:
    toml = """
        [rules]
        stall_seconds = 900
        remind_seconds = 60
        [oms.default.rules]
        lag_seconds = "low"
        [oms.default.rules.np_big]
        stall_seconds = 7200
    """
    rules = load_with({"OMSBOT_RULES__STALL_SECONDS": "100"}, toml).rules
    assert rules.of(ProjectRef("other", "np_x")) == Rules(stall_seconds=100, remind_seconds=60)
    assert rules.of(ProjectRef("default", "np_x")) == Rules(
        stall_seconds=100, remind_seconds=60, lag_seconds=900
    )
    assert rules.of(ProjectRef("default", "np_big")) == Rules(
        stall_seconds=7200, remind_seconds=60, lag_seconds=900
    )


@pytest.mark.parametrize(
    ("changes", "toml", "says"),
    [
        pytest.param(
            {"OMSBOT_RULES__STALL_SECONDS": "long"}, None, "is not a number of seconds", id="no number"
        ),
        pytest.param({"OMSBOT_RULES__SLOW_RATIO": "20"}, None, "is not a number from 0 to 1", id="percent"),
        pytest.param(
            {"OMSBOT_RULES__LAG_SECONDS": "HUGE"}, None, "nor one of HIGH, MEDIUM, LOW", id="no level"
        ),
        pytest.param({}, "rules = 3", "write [rules]", id="no table"),
        pytest.param({}, "[rules]\nstall_second = 3", "did you mean stall_seconds?", id="mistyped"),
        pytest.param(
            {}, "[oms.default.rules]\nlag_second = 3", "did you mean lag_seconds?", id="of a server"
        ),
        pytest.param(
            {}, "[oms.default.rules.np_1]\nflap_secs = 3", "did you mean flap_seconds?", id="of a project"
        ),
    ],
)
def test_a_wrong_rule_is_refused_with_its_mend(
    load_with: Load, changes: dict[str, str], toml: str | None, says: str
) -> None:
    (line,) = problems(load_with, changes, toml)
    assert says in line
