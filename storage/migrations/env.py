"""Runs steps over the connection and inside the transaction that storage/migrate.py opened."""

from alembic import context

from storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,  # for its naming convention
    render_as_batch=True,
)
context.run_migrations()
