"""What probes and the scraper are told."""

from dataclasses import replace
from datetime import timedelta

import pytest
from jobs import lease
from parking.app import create_app
from parking.audit.log import record
from parking.database.engine import app_engine, sessions_of
from parking.gateways.breaker import Open
from parking.gateways.store import note_open
from parking.health.signs import Signs, checks
from parking.payments.store import CallbackRow, CallbackWorkRow
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import create_engine, insert, text

from tests.builders import SECOND, add_account
from tests.conftest import NOON

WELL = Signs(
    inbox_waiting=0, inbox_oldest_s=0.0, inbox_dead=0, charges_unknown=0, suspense_balance=0,
    ledger_imbalance=0, imports_rejected=0, unsealed_events=0, lease_epoch=1, lease_left_s=10.0,
    clock_skew_s=0.0, callbacks={}, receipts={}, charges={}, last_ok_age_s={}, gateways_out={},
)  # fmt: skip


@pytest.fixture
def client(parts):
    return create_app(parts).test_client()


def kept_callback(parts, received_at):
    with parts.sessions.begin() as session:
        number = session.execute(
            insert(CallbackRow)
            .values(
                gateway="midtrans", account="jambi", natural_key="k", level="partial", reason="",
                headers="{}", body=b"{}", path="", remote="127.0.0.1", received_at=received_at,
            )
            .returning(CallbackRow.id)
        ).scalar_one()  # fmt: skip
        session.execute(
            insert(CallbackWorkRow).values(
                callback_id=number, state="RECEIVED", attempts=0, due_at=received_at, reason=""
            )
        )


def figures(answer):
    return {
        (sample.name.removeprefix("parking_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def told(signs, name, **machine):
    usual = {"schema_is_current": True, "disk_share": 0.5}
    return next(c for c in checks(signs, **usual | machine) if c.name == name)


def test_a_service_that_is_well_says_so():
    assert all(check.is_well for check in checks(WELL, schema_is_current=True, disk_share=0.5))


@pytest.mark.parametrize(
    ("name", "signs"),
    [
        ("inbox", replace(WELL, inbox_oldest_s=601.0)),
        ("jobs", replace(WELL, lease_left_s=-1.0)),
        ("ledger", replace(WELL, ledger_imbalance=1)),
        ("clock", replace(WELL, clock_skew_s=-61.0)),
    ],
)
def test_what_is_late_or_wrong_is_told_but_callbacks_still_come_in(name, signs):
    check = told(signs, name)

    assert not check.is_well
    assert not check.stops
    assert check.says != "ok"


def test_a_full_disk_and_another_schema_stop_requests():
    for name, machine in (("disk", {"disk_share": 0.09}), ("schema", {"schema_is_current": False})):
        check = told(WELL, name, **machine)
        assert (check.is_well, check.stops) == (False, True)


def test_the_process_is_alive_without_a_database(parts):
    engine = app_engine("postgresql://nobody@127.0.0.1:9/nothing")
    client = create_app(replace(parts, engine=engine, sessions=sessions_of(engine))).test_client()

    assert client.get("/health/live").json == {"alive": True}
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json == {"ready": False, "checks": {"database": "not reachable"}}


def test_a_database_with_another_schema_is_not_ready(client, database_url):
    owner = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://", 1))
    with owner.begin() as connection:
        head = connection.scalar(text("SELECT version_num FROM alembic_version"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    try:
        answer = client.get("/health/ready")
    finally:
        with owner.begin() as connection:
            connection.execute(
                text("UPDATE alembic_version SET version_num = :head"), {"head": head}
            )
        owner.dispose()

    assert answer.status_code == 503
    assert "parking db upgrade" in answer.json["checks"]["schema"]


def test_ready_tells_what_is_late(client, parts):
    kept_callback(parts, NOON - timedelta(minutes=20))

    answer = client.get("/health/ready")

    assert answer.json["checks"]["inbox"] == "oldest callback waits 1200 s"
    assert answer.json["checks"]["jobs"] == "no jobs process is running"
    assert answer.status_code == 200


def test_a_jobs_process_is_seen_by_its_lease(client, parts):
    with parts.sessions.begin() as session:
        epoch = lease.take(session, "test")

    assert client.get("/health/ready").json["checks"]["jobs"] == "ok"
    found = figures(client.get("/metrics"))
    assert found["lease_epoch",] == epoch
    assert 10 < found["lease_left_seconds",] <= 15


def test_the_figures_are_those_of_the_tables(client, parts):
    kept_callback(parts, NOON - timedelta(seconds=30))
    with parts.sessions.begin() as session:
        record(session, NOON, "system", "test", "x:1")

    found = figures(client.get("/metrics"))

    assert found["inbox_waiting",] == 1
    assert found["inbox_oldest_seconds",] == 30
    assert found["callbacks_today", "midtrans", "partial"] == 1
    assert found["audit_unsealed",] == 1
    assert found["ledger_imbalance",] == 0
    assert 0 < found["disk_free_share",] < 1


def test_the_scraper_shows_its_token(parts):
    guarded = replace(parts, settings=replace(parts.settings, metrics_token="t" * 40))
    client = create_app(guarded).test_client()

    def status(shown):
        return client.get("/metrics", headers={"Authorization": shown}).status_code

    assert client.get("/metrics").status_code == 401
    assert status("Bearer guess") == 401
    assert status("Bearer é") == 401
    assert status(f"Bearer {'t' * 40}") == 200


def test_without_a_token_only_this_machine_may_look(client):
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}

    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", environ_overrides=elsewhere).status_code == 403


def test_a_gateway_that_is_out_is_told_and_stops_nothing(client, parts, city):
    with parts.sessions.begin() as session:
        add_account(session, SECOND, "XENDIT_JAMBI")
        note_open(session, "xendit", "jambi", Open(NOON, NOON), "HTTP 503", NOON)

    answer = client.get("/health/ready")
    shown = figures(client.get("/metrics"))

    assert answer.status_code == 200
    assert answer.json["checks"]["gateways"] == "out: xendit/jambi"
    assert shown["gateway_out", "jambi", "midtrans"] == 0
    assert shown["gateway_out", "jambi", "xendit"] == 1
