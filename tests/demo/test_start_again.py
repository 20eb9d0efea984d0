"""A demo clears away an earlier demo, and nothing else."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from parking.audit.log import record
from parking.database import migrate
from parking.database.engine import owner_engine
from parking.demo.start_again import BEGUN, start_again
from parking.errors import ParkingError
from parking.parts import assemble
from sqlalchemy import create_engine, text

NAME = "demo_starts_again"
NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


@pytest.fixture
def own(settings, postgres, worker_id) -> Iterator:
    """Settings over a database of its own: what is tried here drops everything in it."""
    name = f"{NAME}_{worker_id}"
    server = create_engine(owner_engine(postgres).url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = server.url.set(database=name).render_as_string(hide_password=False)
    yield replace(settings, database_url=url, owner_url=url)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


def run(settings, statement):
    engine = owner_engine(settings.owner_url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_another_programs_tables_are_left_alone(own):
    run(own, "CREATE TABLE payroll (id int)")

    with pytest.raises(ParkingError, match="not a demo"):
        start_again(own)

    run(own, "SELECT * FROM payroll")


def remember(settings, action):
    parts = assemble(settings)
    with parts.sessions.begin() as session:
        record(session, NOON, "system", action, "database")
    parts.engine.dispose()


def test_a_city_that_has_desk_users_only_is_left_alone(own):
    migrate.upgrade(own.owner_url)
    remember(own, "user.add")

    with pytest.raises(ParkingError, match="not a demo"):
        start_again(own)


def test_an_earlier_demo_and_an_empty_schema_are_cleared_away(own):
    start_again(own)
    start_again(own)  # stopped before anything was in it
    remember(own, BEGUN)

    start_again(own)

    run(own, "SELECT * FROM attendant")
