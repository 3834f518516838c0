"""Every setting as one table: its variable, its key in `omsbot.toml`, its parser, its default, its mend."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from omsbot.config import parse


@dataclass(frozen=True, slots=True)
class Field:
    """One setting. `variable` is None where only the file can say it; `default` is None where none is.

    A `path` is relative to the working directory, or to the file that names it.
    """

    key: str
    variable: str | None
    parse: Callable[[str], Any]
    default: str | None = None
    secret: bool = False
    path: bool = False
    mend: str = ""


SLACK_FIELDS = (
    Field(
        "slack_bot_token",
        "SLACK_BOT_TOKEN",
        parse.token("xoxb-", {"xapp-": "an app-level token", "xoxp-": "a user token"}),
        secret=True,
        mend="install the app in the workspace and copy its Bot User OAuth Token (starts with xoxb-) "
        "from the page OAuth & Permissions",
    ),
    Field(
        "slack_app_token",
        "SLACK_APP_TOKEN",
        parse.token("xapp-", {"xoxb-": "a bot token", "xoxp-": "a user token"}),
        secret=True,
        mend="create an app-level token with connections:write (starts with xapp-) "
        "on the app's page Basic Information",
    ),
)

FIELDS = (
    Field("slack_api_url", "OMSBOT_SLACK_API_URL", parse.slack_api_url, parse.SLACK_API_URL),
    Field("database_url", "OMSBOT_DATABASE_URL", parse.database_url, "sqlite:///omsbot.db", secret=True),
    Field("poll_interval", "OMSBOT_POLL_INTERVAL", parse.seconds(1, 3600), "10"),
    Field("retention_days", "OMSBOT_RETENTION_DAYS", parse.days(1, 3650), "90"),
    Field("http_host", "OMSBOT_HTTP_HOST", parse.text, "127.0.0.1"),
    Field("http_port", "OMSBOT_HTTP_PORT", parse.port, "8480"),
    Field("heartbeat_url", "OMSBOT_HEARTBEAT_URL", parse.url, secret=True),
    Field("heartbeat_interval", "OMSBOT_HEARTBEAT_INTERVAL", parse.seconds(1, 86_400), "60"),
    Field("log_level", "OMSBOT_LOG_LEVEL", parse.choice(parse.LEVELS, str.upper), "INFO"),
    Field("log_format", "OMSBOT_LOG_FORMAT", parse.choice(parse.FORMATS, str.lower)),
    Field("allow_shared_channels", "OMSBOT_ALLOW_SHARED_CHANNELS", parse.channel_ids, ""),
)

# The variables name the server `default`; each `[oms.NAME]` table of the file names another one.
SERVER_FIELDS = (
    Field(
        "url",
        "OMSBOT_OMS_URL",
        parse.bare_url,
        mend="give the address of the OMS console, such as http://oms.example.com:8089",
    ),
    Field(
        "user",
        "OMSBOT_OMS_USER",
        parse.user,
        mend="give the name of an OMS console user; a read-only role is enough",
    ),
    Field(
        "password",
        "OMSBOT_OMS_PASSWORD",
        parse.text,
        secret=True,
        mend="give the password of the OMS console user",
    ),
    Field("ca_file", "OMSBOT_OMS_CA_FILE", parse.readable_file, path=True),
    Field("console_url", "OMSBOT_OMS_CONSOLE_URL", parse.url),
    Field("channels", None, parse.channel_ids),
)

# Thresholds, in a table `[rules]`; `[oms.NAME.rules]` and `[oms.NAME.rules.PROJECT]` hold those of a server
# and of a project. Where such a table leaves one out, the wider one counts.
RULE_FIELDS = (
    Field("stall_seconds", "OMSBOT_RULES__STALL_SECONDS", parse.seconds(0, 604_800), "600"),
    Field("slow_ratio", "OMSBOT_RULES__SLOW_RATIO", parse.share, "0.2"),
    Field("lag_seconds", "OMSBOT_RULES__LAG_SECONDS", parse.lag, "MEDIUM"),
    Field("frozen_seconds", "OMSBOT_RULES__FROZEN_SECONDS", parse.seconds(0, 604_800), "300"),
    Field("flap_seconds", "OMSBOT_RULES__FLAP_SECONDS", parse.seconds(0, 86_400), "120"),
    Field("remind_seconds", "OMSBOT_RULES__REMIND_SECONDS", parse.seconds(0, 604_800), "14400"),
)

CONFIG_VARIABLE = "OMSBOT_CONFIG"


def known_variables() -> frozenset[str]:
    """Return every variable that is a setting, with the `_FILE` form of each secret."""
    fields = (*SLACK_FIELDS, *FIELDS, *SERVER_FIELDS, *RULE_FIELDS)
    names = {field.variable for field in fields if field.variable}
    names |= {f"{field.variable}_FILE" for field in fields if field.variable and field.secret}
    return frozenset(names | {CONFIG_VARIABLE})


def known_keys(fields: tuple[Field, ...]) -> frozenset[str]:
    """Return the keys that a table of `omsbot.toml` may hold for these fields."""
    return frozenset(
        {field.key for field in fields} | {f"{field.key}_file" for field in fields if field.secret}
    )
