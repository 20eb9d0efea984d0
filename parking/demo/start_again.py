"""An empty database for the demo, and never somebody's real one."""

import shutil
from datetime import datetime
from pathlib import Path

from config.settings import Settings
from sqlalchemy import text

from parking.audit.log import record
from parking.database import migrate
from parking.database.engine import owner_engine
from parking.errors import ParkingError
from parking.parts import Parts

BEGUN = "demo.begin"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
PEOPLE = "SELECT EXISTS (SELECT FROM attendant) OR EXISTS (SELECT FROM user_account)"


def start_again(settings: Settings) -> Path:
    """Clear away an earlier demo; the folder for this one's own files.

    Raises ParkingError if the database holds anything that a demo did not put there.
    """
    _refuse_what_is_real(settings)
    engine = owner_engine(settings.owner_url)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    migrate.upgrade(settings.owner_url)
    folder = settings.var / "demo"
    for left in (folder, settings.reports, settings.watched):
        shutil.rmtree(left, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def mark(parts: Parts, now: datetime) -> None:
    """Say in the database itself that a demo owns it."""
    with parts.sessions.begin() as session:
        record(session, now, "system", BEGUN, "database", {})


def _refuse_what_is_real(settings: Settings) -> None:
    engine = owner_engine(settings.owner_url)
    with engine.begin() as connection:
        tables = set(connection.scalars(text(TABLES)))
        if not tables - {"alembic_version"}:
            is_real = False
        elif "audit_event" not in tables:  # another program's
            is_real = True
        else:
            begun = connection.scalar(text("SELECT action FROM audit_event ORDER BY seq LIMIT 1"))
            people = connection.scalar(text(PEOPLE))
            is_real = begun != BEGUN and (begun is not None or bool(people))
    engine.dispose()
    if is_real:
        raise ParkingError(
            "This database holds what is not a demo's, and a demo begins with an empty one:"
            " set VAR_DIR or DATABASE_URL to another place"
        )
