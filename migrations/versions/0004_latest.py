"""Keep the newest snapshot of a project apart from its row, which every poll writes twice."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import LONGTEXT

revision = "0004_latest"
down_revision = "0003_due_polls"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.Text().with_variant(LONGTEXT(), "mysql", "mariadb")
MOVED = ("latest", "watch")


def upgrade() -> None:
    op.create_table(
        "latest",
        sa.Column("project_id", ID, nullable=False),
        sa.Column("snapshot", JSON),
        sa.Column("watch", JSON),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_latest_project_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", name="pk_latest"),
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
    op.execute("INSERT INTO latest (project_id, snapshot, watch) SELECT id, latest, watch FROM projects")
    for name in MOVED:
        op.drop_column("projects", name)


def downgrade() -> None:
    for name in MOVED:
        op.add_column("projects", sa.Column(name, JSON))
    op.execute(
        "UPDATE projects SET latest = (SELECT snapshot FROM latest WHERE project_id = projects.id), "
        "watch = (SELECT watch FROM latest WHERE project_id = projects.id)"
    )
    op.drop_table("latest")
