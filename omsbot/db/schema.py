"""The tables: the only place that names a column type.

Times are BIGINT milliseconds since the epoch, UTC; JSON is TEXT, written and read by
`omsbot.db.codec`. Subjects are written by `omsbot.db.subjects`. `live` is 1 while a condition
lasts and NULL after, so that one unique key allows one live condition and any number of past ones.
Every text column compares bytewise on every database.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.mysql import LONGTEXT
from sqlalchemy.types import TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

MYSQL_OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
}


def _id() -> TypeEngine[int]:
    return BigInteger().with_variant(Integer(), "sqlite")


def _json() -> TypeEngine[str]:
    return Text().with_variant(LONGTEXT(), "mysql", "mariadb")


NAME = String(64)  # a server, a job, a method
WORD = String(32)  # a choice: state, kind, reason
SLACK_ID = String(32)
SUBJECT = String(80)
STEP = String(160)

servers = Table(
    "servers",
    metadata,
    Column("name", NAME, primary_key=True),
    Column("state", WORD, nullable=False),
    Column("since_at", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("probe_at", BigInteger, nullable=False),
    Column("error_kind", WORD),
    Column("error_text", Text),
    Column("version", BigInteger, nullable=False),
    **MYSQL_OPTIONS,
)

projects = Table(
    "projects",
    metadata,
    Column("id", _id(), primary_key=True),
    Column("server", NAME, nullable=False),
    Column("oms_id", String(128), nullable=False),
    Column("name", String(256)),
    Column("state", WORD, nullable=False),
    Column("observed_at", BigInteger),
    Column("version", BigInteger, nullable=False),
    Column("claim", String(36)),
    Column("troubled", Integer, nullable=False),  # 1: its last answer could not be used
    Column("next_poll_at", BigInteger, nullable=False),
    Column("check_at", BigInteger),  # when time alone may bring news of it
    Column("deadline_at", BigInteger),
    Column("deadline_by", SLACK_ID),
    UniqueConstraint("server", "oms_id"),
    Index(None, "server", "next_poll_at"),
    **MYSQL_OPTIONS,
)

# Beside `projects`, and not in it: every poll writes there twice, and a row is written as a whole.
latest = Table(
    "latest",
    metadata,
    Column("project_id", _id(), ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("snapshot", _json()),  # the newest that could be read
    Column("watch", _json()),  # what is remembered of the project's steps beside it
    **MYSQL_OPTIONS,
)

samples = Table(
    "samples",
    metadata,
    Column("project_id", _id(), ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("step", STEP, primary_key=True),
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    Column("progress", Integer),
    Column("records", BigInteger),
    Column("rps", BigInteger),
    Column("lag_s", BigInteger),
    **MYSQL_OPTIONS,
)

conditions = Table(
    "conditions",
    metadata,
    Column("id", _id(), primary_key=True),
    Column("subject", SUBJECT, nullable=False),
    Column("step", STEP, nullable=False),  # "" where it is about the whole subject: NULL would not be unique
    Column("kind", WORD, nullable=False),
    Column("live", Integer),
    Column("since_at", BigInteger, nullable=False),
    Column("pending_at", BigInteger, nullable=False),
    Column("opened_at", BigInteger),
    Column("seen_at", BigInteger, nullable=False),
    Column("cleared_at", BigInteger),
    Column("count", Integer, nullable=False),
    Column("reminded_at", BigInteger),
    UniqueConstraint("subject", "step", "kind", "live"),
    **MYSQL_OPTIONS,
)

events = Table(
    "events",
    metadata,
    Column("id", _id(), primary_key=True),
    Column("subject", SUBJECT, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("kind", WORD, nullable=False),
    Column("step", STEP),
    Column("severity", WORD, nullable=False),
    Column("observed_at", BigInteger, nullable=False),
    Column("condition_id", _id(), ForeignKey("conditions.id", ondelete="SET NULL")),
    Column("body", _json(), nullable=False),
    UniqueConstraint("subject", "version", "ordinal"),
    Index(None, "subject", "observed_at"),
    Index(None, "condition_id"),
    **MYSQL_OPTIONS,
)

channels = Table(
    "channels",
    metadata,
    Column("id", SLACK_ID, primary_key=True),
    Column("team_id", SLACK_ID, nullable=False),
    Column("name", String(128)),
    Column("state", WORD, nullable=False),
    Column("reason", String(128)),
    Column("probe_at", BigInteger),
    Column("attempts", Integer, nullable=False),
    Column("told_at", BigInteger),  # when its subscribers were notified that it is paused
    Column("quiet", String(16)),  # quiet hours such as 22:00-07:00, in `time_zone`
    Column("time_zone", String(64)),
    **MYSQL_OPTIONS,
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", _id(), primary_key=True),
    Column("channel_id", SLACK_ID, ForeignKey("channels.id"), nullable=False),
    Column("subject", SUBJECT, nullable=False),
    Column("level", WORD, nullable=False),
    Column("mention", String(64)),
    Column("state", WORD, nullable=False),
    Column("created_by", SLACK_ID),
    Column("created_at", BigInteger, nullable=False),
    Column("card_post_id", _id()),
    Column("post_id", _id()),  # the one post in flight
    Column("attempts", Integer, nullable=False),  # failed tries in a row
    Column("retry_at", BigInteger, nullable=False),
    Column("plain", Integer, nullable=False),  # 1: Slack refused the blocks, send plain text next
    UniqueConstraint("channel_id", "subject"),
    Index(None, "subject"),
    Index(None, "post_id"),
    **MYSQL_OPTIONS,
)

silences = Table(
    "silences",
    metadata,
    Column("id", _id(), primary_key=True),
    Column("channel_id", SLACK_ID, ForeignKey("channels.id"), nullable=False),
    Column("subject", SUBJECT, nullable=False),
    Column("until_at", BigInteger, nullable=False),
    Column("actor", SLACK_ID, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index(None, "channel_id", "until_at"),
    **MYSQL_OPTIONS,
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", _id(), primary_key=True),
    Column("event_id", _id(), ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    Column("subscription_id", _id(), ForeignKey("subscriptions.id", ondelete="CASCADE"), nullable=False),
    Column("state", WORD, nullable=False),
    Column("reason", WORD, nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("post_id", _id()),
    UniqueConstraint("event_id", "subscription_id"),
    Index(None, "state", "not_before"),
    Index(None, "subscription_id", "state"),
    Index(None, "post_id"),
    **MYSQL_OPTIONS,
)

posts = Table(
    "posts",
    metadata,
    Column("id", _id(), primary_key=True),
    Column("uuid", String(36), nullable=False),
    Column("channel_id", SLACK_ID, nullable=False),
    Column("subscription_id", _id(), nullable=False),
    Column("kind", WORD, nullable=False),
    Column("thread_ts", SLACK_ID),
    Column("broadcast", Integer, nullable=False),
    Column("body", _json(), nullable=False),
    Column("state", WORD, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("due_at", BigInteger),  # the lease of `sending`, the settle time of `unknown`
    Column("looks", Integer, nullable=False),
    Column("ts", SLACK_ID),
    Column("reason", String(128)),
    Column("shown_hash", String(64)),
    Column("dirty", Integer, nullable=False),
    Column("edited_at", BigInteger, nullable=False),
    UniqueConstraint("uuid"),
    Index(None, "state", "due_at"),
    Index(None, "dirty", "edited_at"),
    Index(None, "subscription_id"),
    **MYSQL_OPTIONS,
)

limits = Table(
    "limits",
    metadata,
    Column("method", NAME, primary_key=True),
    Column("channel_id", SLACK_ID, primary_key=True),  # "" for the whole method
    Column("next_at", BigInteger, nullable=False),
    Column("blocked_until", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),  # in a row, of the whole method
    **MYSQL_OPTIONS,
)

audit = Table(
    "audit",
    metadata,
    Column("id", _id(), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("actor", SLACK_ID, nullable=False),
    Column("channel_id", SLACK_ID),
    Column("subject", SUBJECT),
    Column("action", WORD, nullable=False),
    Column("detail", Text),
    Index(None, "subject", "at"),
    **MYSQL_OPTIONS,
)

job_runs = Table(
    "job_runs",
    metadata,
    Column("job", NAME, primary_key=True),
    Column("period", String(32), primary_key=True),
    Column("done_at", BigInteger, nullable=False),
    **MYSQL_OPTIONS,
)
