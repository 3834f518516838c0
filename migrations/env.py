"""Where Alembic meets the tables, on the connection and in the transaction of `db.engine.migrations`."""

from alembic import context

from omsbot.db.schema import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    compare_server_default=True,
    transactional_ddl=connection.dialect.name in ("sqlite", "postgresql"),
    render_as_batch=True,  # SQLite changes a table by building it anew; the others change it in place
)
with context.begin_transaction():
    context.run_migrations()
