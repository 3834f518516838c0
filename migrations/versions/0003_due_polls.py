"""Find the due polls of a server, and the streams of a post, by indexes of their own."""

from alembic import op

revision = "0003_due_polls"
down_revision = "0002_watch"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_projects_server_next_poll_at", "projects", ["server", "next_poll_at"])
    op.drop_index("ix_projects_next_poll_at", "projects")
    op.create_index("ix_subscriptions_post_id", "subscriptions", ["post_id"])


def downgrade() -> None:
    op.drop_index("ix_subscriptions_post_id", "subscriptions")
    op.create_index("ix_projects_next_poll_at", "projects", ["next_poll_at"])
    op.drop_index("ix_projects_server_next_poll_at", "projects")
