"""What is remembered of a project's steps, when to look at them again, and the project's deadline."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import LONGTEXT

revision = "0002_watch"
down_revision = "0001_initial"
branch_labels = None
depends_on = None

JSON = sa.Text().with_variant(LONGTEXT(), "mysql", "mariadb")


def _columns() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("watch", JSON),
        sa.Column("check_at", sa.BigInteger()),
        sa.Column("deadline_at", sa.BigInteger()),
        sa.Column("deadline_by", sa.String(32)),
    )


def upgrade() -> None:
    for column in _columns():
        op.add_column("projects", column)


def downgrade() -> None:
    for column in reversed(_columns()):
        op.drop_column("projects", column.name)
