"""Call a subscription's level by its name, and drop what is written and never read."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import LONGTEXT

revision = "0005_dead_weight"
down_revision = "0004_latest"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.Text().with_variant(LONGTEXT(), "mysql", "mariadb")


def _rename(old: str, new: str) -> None:
    op.alter_column(
        "subscriptions", old, new_column_name=new, existing_type=sa.String(32), existing_nullable=False
    )


def _unread() -> tuple[tuple[str, sa.Column[object]], ...]:
    """Made anew for each use: a column belongs to one table."""
    return (
        ("channels", sa.Column("locale", sa.String(16))),
        ("conditions", sa.Column("level", sa.String(32))),
        ("conditions", sa.Column("acked_by", sa.String(32))),
        ("conditions", sa.Column("evidence", JSON)),
        ("events", sa.Column("happened_at", sa.BigInteger())),
        # the default is for the rows that are there when a downgrade adds the column again
        ("subscriptions", sa.Column("baseline_version", sa.BigInteger(), nullable=False, server_default="0")),
    )


def upgrade() -> None:
    _rename("filter", "level")
    for table, column in _unread():
        op.drop_column(table, column.name)
    op.drop_table("snapshots")


def downgrade() -> None:
    op.create_table(
        "snapshots",
        sa.Column("project_id", ID, autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("observed_at", sa.BigInteger(), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "version", name="pk_snapshots"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_snapshots_project_id", ondelete="CASCADE"
        ),
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
    for table, column in _unread():
        op.add_column(table, column)
    _rename("level", "filter")
