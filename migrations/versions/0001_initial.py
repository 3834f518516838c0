"""Every table of the first version."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import LONGTEXT
from sqlalchemy.schema import SchemaItem

revision = "0001_initial"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.Text().with_variant(LONGTEXT(), "mysql", "mariadb")
MYSQL = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def _table(name: str, *parts: SchemaItem) -> None:
    op.create_table(name, *parts, **MYSQL)


def _audit() -> None:
    _table(
        "audit",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(32), nullable=False),
        sa.Column("channel_id", sa.String(32)),
        sa.Column("subject", sa.String(80)),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("detail", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_subject_at", "audit", ["subject", "at"])


def _channels() -> None:
    _table(
        "channels",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("team_id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(128)),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(128)),
        sa.Column("probe_at", sa.BigInteger()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.BigInteger()),
        sa.Column("locale", sa.String(16)),
        sa.Column("quiet", sa.String(16)),
        sa.Column("time_zone", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_channels"),
    )


def _conditions() -> None:
    _table(
        "conditions",
        sa.Column("id", ID, nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("step", sa.String(160), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("level", sa.String(32)),
        sa.Column("live", sa.Integer()),
        sa.Column("since_at", sa.BigInteger(), nullable=False),
        sa.Column("pending_at", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger()),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("cleared_at", sa.BigInteger()),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("reminded_at", sa.BigInteger()),
        sa.Column("acked_by", sa.String(32)),
        sa.Column("evidence", JSON),
        sa.PrimaryKeyConstraint("id", name="pk_conditions"),
        sa.UniqueConstraint("subject", "step", "kind", "live", name="uq_conditions_subject_step_kind_live"),
    )


def _job_runs() -> None:
    _table(
        "job_runs",
        sa.Column("job", sa.String(64), nullable=False),
        sa.Column("period", sa.String(32), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("job", "period", name="pk_job_runs"),
    )


def _limits() -> None:
    _table(
        "limits",
        sa.Column("method", sa.String(64), nullable=False),
        sa.Column("channel_id", sa.String(32), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("blocked_until", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("method", "channel_id", name="pk_limits"),
    )


def _posts() -> None:
    _table(
        "posts",
        sa.Column("id", ID, nullable=False),
        sa.Column("uuid", sa.String(36), nullable=False),
        sa.Column("channel_id", sa.String(32), nullable=False),
        sa.Column("subscription_id", ID, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("thread_ts", sa.String(32)),
        sa.Column("broadcast", sa.Integer(), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("ts", sa.String(32)),
        sa.Column("reason", sa.String(128)),
        sa.Column("shown_hash", sa.String(64)),
        sa.Column("dirty", sa.Integer(), nullable=False),
        sa.Column("edited_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_posts"),
        sa.UniqueConstraint("uuid", name="uq_posts_uuid"),
    )
    op.create_index("ix_posts_dirty_edited_at", "posts", ["dirty", "edited_at"])
    op.create_index("ix_posts_state_due_at", "posts", ["state", "due_at"])
    op.create_index("ix_posts_subscription_id", "posts", ["subscription_id"])


def _projects() -> None:
    _table(
        "projects",
        sa.Column("id", ID, nullable=False),
        sa.Column("server", sa.String(64), nullable=False),
        sa.Column("oms_id", sa.String(128), nullable=False),
        sa.Column("name", sa.String(256)),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("latest", JSON),
        sa.Column("observed_at", sa.BigInteger()),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("claim", sa.String(36)),
        sa.Column("troubled", sa.Integer(), nullable=False),
        sa.Column("next_poll_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_projects"),
        sa.UniqueConstraint("server", "oms_id", name="uq_projects_server_oms_id"),
    )
    op.create_index("ix_projects_next_poll_at", "projects", ["next_poll_at"])


def _servers() -> None:
    _table(
        "servers",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("since_at", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("probe_at", sa.BigInteger(), nullable=False),
        sa.Column("error_kind", sa.String(32)),
        sa.Column("error_text", sa.Text()),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_servers"),
    )


def _events() -> None:
    _table(
        "events",
        sa.Column("id", ID, nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("step", sa.String(160)),
        sa.Column("severity", sa.String(32), nullable=False),
        sa.Column("happened_at", sa.BigInteger()),
        sa.Column("observed_at", sa.BigInteger(), nullable=False),
        sa.Column("condition_id", ID),
        sa.Column("body", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sa.ForeignKeyConstraint(
            ["condition_id"], ["conditions.id"], name="fk_events_condition_id", ondelete="SET NULL"
        ),
        sa.UniqueConstraint("subject", "version", "ordinal", name="uq_events_subject_version_ordinal"),
    )
    op.create_index("ix_events_condition_id", "events", ["condition_id"])
    op.create_index("ix_events_subject_observed_at", "events", ["subject", "observed_at"])


def _samples() -> None:
    _table(
        "samples",
        sa.Column("project_id", ID, autoincrement=False, nullable=False),
        sa.Column("step", sa.String(160), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("progress", sa.Integer()),
        sa.Column("records", sa.BigInteger()),
        sa.Column("rps", sa.BigInteger()),
        sa.Column("lag_s", sa.BigInteger()),
        sa.PrimaryKeyConstraint("project_id", "step", "at", name="pk_samples"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_samples_project_id", ondelete="CASCADE"
        ),
    )


def _silences() -> None:
    _table(
        "silences",
        sa.Column("id", ID, nullable=False),
        sa.Column("channel_id", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_silences"),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name="fk_silences_channel_id"),
    )
    op.create_index("ix_silences_channel_id_until_at", "silences", ["channel_id", "until_at"])


def _snapshots() -> None:
    _table(
        "snapshots",
        sa.Column("project_id", ID, autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("observed_at", sa.BigInteger(), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "version", name="pk_snapshots"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_snapshots_project_id", ondelete="CASCADE"
        ),
    )


def _subscriptions() -> None:
    _table(
        "subscriptions",
        sa.Column("id", ID, nullable=False),
        sa.Column("channel_id", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("filter", sa.String(32), nullable=False),
        sa.Column("mention", sa.String(64)),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("created_by", sa.String(32)),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("baseline_version", sa.BigInteger(), nullable=False),
        sa.Column("card_post_id", ID),
        sa.Column("post_id", ID),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.BigInteger(), nullable=False),
        sa.Column("plain", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name="fk_subscriptions_channel_id"),
        sa.UniqueConstraint("channel_id", "subject", name="uq_subscriptions_channel_id_subject"),
    )
    op.create_index("ix_subscriptions_subject", "subscriptions", ["subject"])


def _deliveries() -> None:
    _table(
        "deliveries",
        sa.Column("id", ID, nullable=False),
        sa.Column("event_id", ID, nullable=False),
        sa.Column("subscription_id", ID, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("post_id", ID),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name="fk_deliveries_event_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name="fk_deliveries_subscription_id",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("event_id", "subscription_id", name="uq_deliveries_event_id_subscription_id"),
    )
    op.create_index("ix_deliveries_post_id", "deliveries", ["post_id"])
    op.create_index("ix_deliveries_state_not_before", "deliveries", ["state", "not_before"])
    op.create_index("ix_deliveries_subscription_id_state", "deliveries", ["subscription_id", "state"])


def upgrade() -> None:
    _audit()
    _channels()
    _conditions()
    _job_runs()
    _limits()
    _posts()
    _projects()
    _servers()
    _events()
    _samples()
    _silences()
    _snapshots()
    _subscriptions()
    _deliveries()


def downgrade() -> None:
    for table in (
        "deliveries",
        "subscriptions",
        "snapshots",
        "silences",
        "samples",
        "events",
        "servers",
        "projects",
        "posts",
        "limits",
        "job_runs",
        "conditions",
        "channels",
        "audit",
    ):
        op.drop_table(table)
