"""Every invariant holds over an honest day, and names what somebody broke on purpose."""

import json
from datetime import date

import pytest
from click.testing import CliRunner
from jobs.store import JobRunRow
from parking.audit.log import record
from parking.audit.seal import seal
from parking.charges.charge import ChargeState
from parking.cli.check import check
from parking.database.engine import driver_url
from parking.gateways.protocol import Evidence, ReportLine, State, Trust
from parking.invariants.check import INVARIANTS, check_all
from parking.invariants.invariant import FIRST
from parking.ledger import entry
from parking.ledger.entry import Entry, Source, Terms
from parking.ledger.post import post
from parking.money import Rupiah
from parking.payments.apply import apply, apply_lines
from parking.payments.payment import Brought, Origin
from parking.reconciliation.store import RunRow
from parking.shifts.store import CashRow
from parking.statements.store import ImportRow, SettlementLineRow
from sqlalchemy import create_engine, insert, text
from sqlalchemy.exc import ProgrammingError

from tests.builders import MERCHANT, let_older_transactions_end

DAY = date(2026, 11, 23)


@pytest.fixture
def day(scene):
    """Payments in every way they come, a refund, cash, a settlement, a run of each job."""
    for ours in ("PKR-1", "PKR-2", "PKR-3"):
        scene.charge(ours)
    scene.charge("PKR-4", state=ChargeState.EXPIRED)
    for ours in ("PKR-1", "PKR-2", "PKR-nobody"):
        scene.notify(ours)
    scene.work()
    with scene.parts.sessions.begin() as session:
        _give_back(session, scene)
        _take_cash(session, scene)
        _settle(session, scene)
        for business_day in (DAY, date(2026, 11, 24)):
            session.execute(
                insert(JobRunRow).values(
                    job="reconcile", business_day=business_day, epoch=1, state="OK",
                    started_at=scene.now, finished_at=scene.now,
                )
            )  # fmt: skip
        session.execute(
            insert(RunRow).values(
                business_day=DAY, as_of=scene.now, input_hash="i", result_hash="r",
                finished_at=scene.now, summary={},
            )
        )  # fmt: skip
        record(session, scene.now, "system", "day.tried", "day:1")
    let_older_transactions_end(scene.parts)
    with scene.parts.sessions.begin() as session:
        seal(session, scene.parts.clock.forward(minutes=10))
    return scene


def _give_back(session, scene):
    said = Evidence("midtrans", "jambi", "PKR-2", "trx-PKR-2", State.PARTLY_REFUNDED,
                    Rupiah(2_000), scene.now, Trust.PROOF, refunded=Rupiah(500))  # fmt: skip
    apply(session, Brought(said, Origin.INQUIRY), scene.now)


def _take_cash(session, scene):
    cash_id = session.scalar(
        insert(CashRow).values(
            shift_id=scene.shift, client_key="k", vehicle="car",
            tariff_id=scene.city.tariffs["car"], amount=3_000, at=scene.now, business_day=DAY,
        ).returning(CashRow.id)
    )  # fmt: skip
    postings = entry.cash(Rupiah(3_000), Terms(scene.city.budi, 4_000))
    post(session, Entry("cash", str(cash_id), DAY, postings, Source(cash_id=cash_id)), scene.now)


def _settle(session, scene):
    line = ReportLine(2, "k", "payment", "PKR-3", "trx-PKR-3", Rupiah(2_000), Rupiah(14),
                      Rupiah(1_986), scene.now, DAY)  # fmt: skip
    batch = session.scalar(
        insert(ImportRow).values(
            gateway="midtrans", account="jambi", file_name="x.csv", sha256="x", content=b"",
            at=scene.now, actor="system", outcome="accepted", report_day=DAY, version=1,
            line_count=1, gross=2_000, fee=14, net=1_986, problems=[],
        ).returning(ImportRow.id)
    )  # fmt: skip
    line_id = session.scalar(
        insert(SettlementLineRow).values(
            import_id=batch, number=2, line_key="k", kind="payment", gateway="midtrans",
            account="jambi", ours="PKR-3", payment_ref="trx-PKR-3", gross=2_000, fee=14,
            net=1_986, paid_at=scene.now, paid_on=DAY, settled_on=DAY,
        ).returning(SettlementLineRow.id)
    )  # fmt: skip
    apply_lines(session, MERCHANT, [(line_id, line)], scene.now)


def verdicts(scene):
    with scene.parts.sessions() as session:
        return {v.code: v for v in check_all(session, scene.now)}


def broken(scene):
    return {code for code, each in verdicts(scene).items() if each.outcome == "broken"}


def as_owner(url, *statements):
    """What only the owner can do, with every trigger and foreign key asleep."""
    owner = create_engine(driver_url(url))
    with owner.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            assert connection.execute(text(statement)).rowcount != 0, statement
    owner.dispose()


def test_every_invariant_is_answered_over_an_honest_day(day):
    found = verdicts(day)

    assert list(found) == [f"M{n}" for n in range(1, 23)]
    assert {c: v.at_fault for c, v in found.items() if v.outcome == "broken"} == {}
    not_yet = {c for c, v in found.items() if v.outcome == "not applicable"}
    assert not_yet == {"M15", "M18", "M19", "M20"}
    assert all(found[code].why for code in not_yet)


FIRST_PAYMENT = "(SELECT min(id) FROM ledger_entry WHERE kind = 'payment')"

BREAKS = [
    ("M1", f"UPDATE ledger_posting SET amount = amount + 1 WHERE number = 1"
           f" AND entry_id = {FIRST_PAYMENT}"),
    ("M1", f"DELETE FROM ledger_posting WHERE entry_id = {FIRST_PAYMENT}"),
    ("M2", f"DELETE FROM ledger_entry WHERE id = {FIRST_PAYMENT}"),
    ("M2", "DELETE FROM payment WHERE effect = 'receipt' AND ours = 'PKR-1'"),
    ("M3", "DELETE FROM callback_work"),
    ("M3", "DELETE FROM evidence WHERE source = 'callback'"),
    ("M4", "DELETE FROM evidence WHERE source = 'settlement'"),
    ("M5", "UPDATE charge SET state = 'expired' WHERE ours = 'PKR-1'"),
    ("M5", "UPDATE charge_event SET to_state = 'expired' WHERE to_state = 'paid'"),
    ("M5", "DELETE FROM charge_event WHERE from_state = ''"),
    ("M5", "UPDATE charge SET state = 'paid' WHERE ours = 'PKR-4'"),
    ("M7", "UPDATE payment SET amount = amount + 500 WHERE ours = 'PKR-1'"),
    ("M7", "UPDATE charge SET amount = 5000 WHERE ours = 'PKR-1'"),
    ("M7", "UPDATE charge SET city_bps = 5000 WHERE ours = 'PKR-1'"),
    ("M7", "UPDATE ledger_posting SET amount = amount * 9 WHERE amount > 0"
           " AND account = 'attendant_share'"),
    ("M9", "DELETE FROM settlement_line"),
    ("M9", "UPDATE import_batch SET fee = 15"),
    ("M10", "UPDATE settlement_line SET fee = 15, net = 1985"),
    ("M11", "UPDATE callback_work SET state = 'RECEIVED', due_at = NULL"),
    ("M11", "UPDATE callback_work SET state = 'RECEIVED', due_at = '2026-11-22T00:00Z'"),
    ("M11", "UPDATE charge SET inquire_at = NULL WHERE ours = 'PKR-1'"),
    ("M12", "UPDATE audit_event SET actor = 'user:mallory'"),
    ("M13", "UPDATE job_run SET business_day = '2026-11-26' WHERE business_day = '2026-11-24'"),
    ("M16", "UPDATE charge SET amount = 1000 WHERE ours = 'PKR-4'"),
    ("M16", "UPDATE charge SET business_day = '2026-11-22' WHERE ours = 'PKR-4'"),
    ("M17", "DELETE FROM ledger_entry WHERE kind = 'cash'"),
    ("M17", "UPDATE ledger_posting SET amount = -amount WHERE account = 'cash_with_attendant'"),
    ("M21", "UPDATE payment SET business_day = '2026-11-22'"),
    ("M21", "UPDATE ledger_entry SET effective_on = '2026-11-22'"),
    ("M22", "UPDATE ledger_posting SET holder = holder + 1 WHERE account = 'attendant_share'"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "breaks"), BREAKS)
def test_what_breaks_an_invariant_is_named(day, database_url, code, breaks):
    as_owner(database_url, breaks)

    assert code in broken(day)
    assert verdicts(day)[code].at_fault


@pytest.mark.parametrize(
    ("code", "index", "doubles"),
    [
        ("M2", "ALTER TABLE payment DROP CONSTRAINT uq_payment_gateway_payment_ref_account_effect",
         "INSERT INTO payment (gateway, account, payment_ref, effect, charge_id, ours, amount,"
         " paid_at, business_day, source, late, booked_at, evidence_id) SELECT gateway, account,"
         " payment_ref, effect, charge_id, ours, amount, paid_at, business_day, source, late,"
         " booked_at, evidence_id FROM payment"),
        ("M8", "ALTER TABLE reconciliation_run DROP CONSTRAINT"
               " uq_reconciliation_run_business_day_input_hash",
         "INSERT INTO reconciliation_run (business_day, as_of, input_hash, result_hash,"
         " finished_at, summary) SELECT business_day, as_of, input_hash, 'other', finished_at,"
         " summary FROM reconciliation_run"),
        ("M13", "DROP INDEX uq_job_run_ok",
         "INSERT INTO job_run (job, business_day, epoch, state, started_at)"
         " SELECT job, business_day, epoch, state, started_at FROM job_run"),
    ],
)  # fmt: skip
def test_what_a_lost_constraint_lets_in_is_named(day, database_url, code, index, doubles):
    owner = create_engine(driver_url(database_url))
    with owner.connect() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(index))
        connection.execute(text(doubles))
        queries = next(i.queries for i in INVARIANTS if i.code == code)
        found = [row for query in queries for row in connection.scalars(text(query))]
        connection.rollback()
    owner.dispose()

    assert found


def test_only_the_first_rows_are_named_but_all_are_counted(day, database_url):
    for number in range(10):
        day.charge(f"PKR-more-{number}")
    as_owner(database_url, "UPDATE charge SET amount = 1000")

    found = verdicts(day)["M16"]

    assert len(found.at_fault) == FIRST
    assert found.count == 14


HISTORY = ("callback", "callback_repeat", "evidence", "payment", "ledger_entry",
           "ledger_posting", "charge_event", "audit_event")  # fmt: skip


@pytest.mark.fault("F100")
@pytest.mark.parametrize(
    "statement",
    [f"DELETE FROM {table}" for table in HISTORY]
    + [f"TRUNCATE {table} CASCADE" for table in HISTORY]
    + ["UPDATE payment SET amount = 1", "UPDATE charge SET amount = 1",
       "UPDATE ledger_posting SET amount = 1", "UPDATE callback SET body = ''"],
)  # fmt: skip
def test_the_application_cannot_rewrite_what_happened(parts, statement):
    with parts.sessions() as session, pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(text(statement))


def test_the_command_ends_with_1_and_names_the_rows(day, database_url, environment, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    as_owner(database_url, "UPDATE charge SET amount = 1000 WHERE ours = 'PKR-4'")

    told = CliRunner().invoke(check, [])
    as_json = CliRunner().invoke(check, ["--json"])

    assert told.exit_code == as_json.exit_code == 1
    assert "charge PKR-4 of Rp1000" in told.stdout
    found = json.loads(as_json.stdout)
    assert not found["ok"]
    assert "M16" in [i["code"] for i in found["invariants"] if i["outcome"] == "broken"]


def test_the_command_ends_with_0_when_all_holds(environment, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert CliRunner().invoke(check, []).exit_code == 0
