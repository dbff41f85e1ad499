"""Alembic runs this. Tables and connection are handed in, because this folder must not know the packages above."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes["metadata"],
    compare_type=True,
    # SQLite cannot change most of a table in place, so a later migration copies it.
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
if connection.dialect.name == "postgresql":
    # A migration beside running processes gives up soon rather than queue everybody behind its lock.
    connection.exec_driver_sql("SET LOCAL lock_timeout = '4s'")
with context.begin_transaction():
    context.run_migrations()
