"""The tables that the migrations make are those of the code, with the rights that the code says."""

from collections.abc import Iterator

import jobs.store
import parking.access.store
import parking.audit.store
import parking.charges.store
import parking.deposits.store
import parking.gateways.store
import parking.ledger.store
import parking.payments.store
import parking.reconciliation.cases.store
import parking.reconciliation.closing.store
import parking.reconciliation.rule_store
import parking.reconciliation.store
import parking.refunds.store
import parking.registry.store
import parking.shifts.store
import parking.shifts.ticket_store
import parking.statements.bank_store
import parking.statements.fetch_store
import parking.statements.store
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from parking.database import migrate
from parking.database.base import Base, Moment, WholeRupiah, grants
from parking.database.engine import APP_ROLE, app_engine, driver_url
from parking.reconciliation import treasury_store
from parking.reconciliation.bank_matching import Line, Thing, match_bank
from parking.reconciliation.bank_rule import in_order
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Engine,
    create_engine,
    inspect,
    make_url,
    text,
)
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.orm import Session

from tests.conftest import NOON

# The modules whose tables make up the schema.
STORES = (
    jobs.store, parking.access.store, parking.audit.store, parking.charges.store,
    parking.gateways.store,
    parking.ledger.store, parking.payments.store, parking.reconciliation.store,
    parking.refunds.store, parking.registry.store, parking.shifts.store,
    parking.shifts.ticket_store, parking.statements.store, parking.statements.bank_store,
    parking.statements.fetch_store, parking.deposits.store,
    parking.reconciliation.rule_store, parking.reconciliation.cases.store,
    parking.reconciliation.closing.store,
)  # fmt: skip
TABLES = {t.name: t for t in Base.metadata.sorted_tables}


@pytest.fixture
def owner(owner_url: str) -> Iterator[Engine]:
    engine = create_engine(driver_url(owner_url), pool_size=1)
    yield engine
    engine.dispose()


def plain_type(context, inspected, from_metadata, of_database, of_code):
    """Whether a column of ours is kept as another type; alembic does not see through decorators."""
    if isinstance(of_code, WholeRupiah):
        return not isinstance(of_database, BigInteger)
    if isinstance(of_code, Moment):
        return not (isinstance(of_database, DateTime) and of_database.timezone)
    return None


def test_the_migrations_make_exactly_the_tables_of_the_code(owner):
    with owner.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": plain_type, "compare_server_default": True}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_checks_are_those_of_the_code(owner):
    """Alembic does not compare them."""
    looked = inspect(owner)
    for name, table in TABLES.items():
        kept = {check["name"] for check in looked.get_check_constraints(name)}
        said = {str(c.name) for c in table.constraints if isinstance(c, CheckConstraint)}
        assert kept == said, name


@pytest.mark.parametrize("name", sorted(TABLES))
def test_the_application_may_do_with_a_table_what_the_code_says(owner, name):
    """Read and add always; change named columns only; delete and empty hardly ever."""
    columns, may_delete = grants(TABLES[name])

    with owner.connect() as connection:

        def may(what: str) -> bool:
            asked = text("SELECT has_table_privilege(:role, :name, :what)")
            given = {"role": APP_ROLE, "name": name, "what": what}
            return bool(connection.scalar(asked, given))

        def may_change(column: str) -> bool:
            asked = text("SELECT has_column_privilege(:role, :name, :column, 'UPDATE')")
            given = {"role": APP_ROLE, "name": name, "column": column}
            return bool(connection.scalar(asked, given))

        assert may("SELECT")
        assert may("INSERT")
        assert not may("TRUNCATE")
        assert may("DELETE") == may_delete
        assert {c.name for c in TABLES[name].columns if may_change(c.name)} == set(columns)


def test_the_application_may_do_nothing_else(owner):
    """Not with the version of the schema, and not create anything of its own."""
    with owner.connect() as connection:
        others = connection.execute(
            text(
                "SELECT table_name, privilege_type FROM information_schema.role_table_grants"
                " WHERE grantee = :role AND table_schema = 'public'"
                " AND NOT (table_name = ANY(:known))"
            ),
            {"role": APP_ROLE, "known": list(TABLES)},
        ).all()
        creates = connection.scalar(
            text("SELECT has_schema_privilege(:role, 'public', 'CREATE')"), {"role": APP_ROLE}
        )

    assert others == [("alembic_version", "SELECT")]
    assert not creates


@pytest.mark.fault("F100")
@pytest.mark.parametrize("name", sorted(n for n, t in TABLES.items() if not any(grants(t))))
def test_even_the_owner_cannot_change_what_is_only_ever_added(owner, name):
    column = next(iter(TABLES[name].columns)).name
    for statement in (
        f"UPDATE {name} SET {column} = {column}", f"DELETE FROM {name}",
        f"TRUNCATE {name} CASCADE",
    ):  # fmt: skip
        with owner.connect() as connection, pytest.raises(DBAPIError, match="only ever added"):
            connection.execute(text(statement))


@pytest.mark.fault("F100")
def test_the_application_is_refused_by_the_database_itself(owner_url):
    engine = app_engine(owner_url, pool_size=1)
    for statement in (
        "UPDATE ledger_posting SET amount = 0", "DELETE FROM audit_event",
        "TRUNCATE evidence CASCADE", "UPDATE charge SET amount = 1",
        "ALTER TABLE payment DISABLE TRIGGER ALL", "SET session_replication_role = replica",
    ):  # fmt: skip
        with engine.connect() as connection, pytest.raises(ProgrammingError, match="denied|owner"):
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def without_schema(postgres: str, worker_id: str) -> Iterator[str]:
    """The URL of a database that has nothing in it."""
    name = f"updown_{worker_id}"
    server = create_engine(driver_url(postgres), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(postgres).set(database=name).render_as_string(False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.mark.fault("F105")
def test_the_schema_goes_up_down_and_up_again(without_schema):
    url = without_schema
    engine = create_engine(driver_url(url), pool_size=1)

    migrate.upgrade(url)
    assert migrate.is_current(engine)
    assert set(inspect(engine).get_table_names()) == {*TABLES, "alembic_version"}
    migrate.downgrade(url, "base")
    assert not migrate.is_current(engine)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    with engine.connect() as connection:
        left = connection.scalar(
            text("SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
        )
    assert left == 0
    migrate.upgrade(url)
    assert migrate.is_current(engine)
    engine.dispose()


def test_the_rules_to_begin_with_take_a_credit_for_a_slip_only_by_what_it_says(without_schema):
    migrate.upgrade(without_schema)
    engine = create_engine(driver_url(without_schema), pool_size=1)
    with Session(engine) as session:
        rules = in_order(treasury_store.rules(session))
    engine.dispose()
    slip = Thing("sts", "1", NOON.date(), 350_000, "rkud", "0123/STS/DISHUB/XI/2026")

    def by(text):
        line = Line(1, "k1", "rkud", NOON.date(), 350_000, text)
        return [(g.outcome.value, g.by) for g in match_bank([line], [slip], [], rules)]

    assert by("SETORAN DINAS LAIN") == []
    assert by("STR TUNAI DISHUB") == [("matched", "setoran-sejumlah v2")]
    assert by("STS 0123 STS DISHUB XI 2026") == [("matched", "nomor-sts v1")]


def test_every_store_with_tables_is_known_here():
    """A new table is compared as soon as there is one."""
    known = {store.__name__ for store in STORES}

    assert {row.class_.__module__ for row in Base.registry.mappers} <= known
