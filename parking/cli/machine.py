"""What a command needs of this machine: its settings, and a database that is running."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.settings import Settings, load_settings

from parking.database import migrate
from parking.database.embedded import embedded_postgres
from parking.errors import ParkingError
from parking.parts import Parts, assemble

ACTOR = "user:shell"  # what the audit log calls whoever gives a command


@contextmanager
def machine() -> Iterator[Settings]:
    """The settings of a machine whose database is reachable while the block runs.

    Without DATABASE_URL a private PostgreSQL is started under var/; it is put into
    the environment, so children find it too.
    """
    if os.environ.get("DATABASE_URL") or os.environ.get("PARKING_ENV") == "production":
        yield load_settings()
        return
    var = Path(os.environ.get("VAR_DIR", "var")).resolve()
    with embedded_postgres(var / "postgres") as url:
        os.environ["DATABASE_URL"] = url
        try:
            migrate.upgrade(url)
            yield load_settings()
        finally:
            del os.environ["DATABASE_URL"]


@contextmanager
def running_parts(*, statement_timeout_s: int = 60) -> Iterator[Parts]:
    """The parts over a database with the right schema. Raises ParkingError if it is another."""
    with machine() as settings:
        parts = assemble(settings, statement_timeout_s=statement_timeout_s)
        if not migrate.is_current(parts.engine):
            raise ParkingError("The database has another schema: run `parking db upgrade`")
        try:
            yield parts
        finally:
            parts.engine.dispose()
