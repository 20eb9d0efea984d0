"""What Alembic runs; the engine comes from parking.database.migrate."""

from alembic import context
from sqlalchemy import text

# Two processes that start at once migrate one after the other.
LOCK = 7_523_000

with context.config.attributes["engine"].connect() as connection:
    context.configure(connection=connection, transaction_per_migration=False)
    with context.begin_transaction():
        connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        context.run_migrations()
    connection.commit()
