"""A settlement file is taken in whole and once, or not at all; every attempt is on record."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from parking.audit.store import AuditEventRow
from parking.ledger.store import EntryRow, PostingRow
from parking.payments.store import EvidenceRow, PaymentRow
from parking.statements import store, take_in
from parking.statements.store import SettlementLineRow
from parking.statements.take_in import Attempt
from sqlalchemy import event, func, select

from tests.reconciliation.scenes import DAY, Scene, at, night_after
from tests.statements.report_csv import COLUMNS, Row, foot, head, report

NOON = at(12)


@pytest.fixture
def scene(parts, city):
    return Scene(parts, city)


@pytest.fixture
def bring(scene) -> Callable[..., store.Import]:
    """Takes in a file's content as the job does."""

    def taken(content, name="settlement.csv"):
        gateway = scene.parts.gateways.find("midtrans", "jambi")
        attempt = Attempt("midtrans", "jambi", name, content, "job:import", night_after(DAY))
        (only,) = take_in.take_in(scene.parts.sessions, gateway, attempt)
        return only

    return taken


@pytest.fixture
def held(scene) -> Callable[[], dict[str, int]]:
    """What a file may add to: how many lines, payments, pieces of evidence and entries."""

    def counts():
        tables = (SettlementLineRow, PaymentRow, EvidenceRow, EntryRow)
        with scene.parts.sessions() as session:
            return {
                table.__tablename__: session.scalar(select(func.count()).select_from(table))
                for table in tables
            }

    return counts


@pytest.fixture
def balance(scene) -> Callable[[str], int]:
    def of(account):
        total = select(func.coalesce(func.sum(PostingRow.amount), 0))
        with scene.parts.sessions() as session:
            return int(session.scalar(total.where(PostingRow.account == account)))

    return of


def two_sold(scene):
    shift = scene.shift()
    return [Row(scene.charge(shift, state="pending"), NOON) for _ in range(2)]


def test_a_report_is_stored_and_books_what_its_lines_prove(scene, bring, held, balance):
    rows = two_sold(scene)

    taken = bring(report(*rows, Row(rows[0].ours, NOON, 500, kind="refund"), day=DAY))

    assert (taken.outcome, taken.line_count, taken.gross) == ("accepted", 3, 3_500)
    assert (taken.report_day, taken.version, taken.problems) == (DAY, 1, ())
    assert held()["settlement_line"] == 3
    assert balance("settled") == 3_500
    assert balance("due_from_gateway") == 0


@pytest.mark.fault("F59")
def test_the_same_file_twice_adds_nothing_and_is_on_record(scene, bring, held):
    content = report(*two_sold(scene), day=DAY)
    first = bring(content)
    before = held()

    again = bring(content, name="copy of settlement.csv")

    assert (again.outcome, again.duplicate_of) == ("duplicate", first.id)
    assert held() == before


@pytest.mark.fault("F59")
def test_the_same_report_in_other_bytes_adds_nothing(scene, bring, held):
    content = report(*two_sold(scene), day=DAY)
    first = bring(content)
    before = held()

    again = bring(b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n"))

    assert (again.outcome, again.duplicate_of) == ("duplicate", first.id)
    assert held() == before


@pytest.mark.fault("F59")
def test_the_same_file_from_two_sides_at_once_is_taken_in_once(scene, bring):
    content = report(*two_sold(scene), day=DAY)

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(taken.outcome for taken in pool.map(bring, [content, content]))

    assert outcomes == ["accepted", "duplicate"]


@pytest.mark.fault("F60")
def test_a_report_sent_again_with_corrections_supersedes_and_keeps_the_first(
    scene, bring, held, balance
):
    one, two = two_sold(scene)
    first = bring(report(one, two, day=DAY))

    second = bring(report(one, replace(two, fee=14), day=DAY, version=2))

    assert (second.outcome, second.supersedes) == ("accepted", first.id)
    assert held()["settlement_line"] == 4
    assert (balance("settled"), balance("gateway_fee")) == (3_986, 14)
    assert held()["payment"] == 2
    with scene.parts.sessions() as session:
        assert store.report_in_force(session, "midtrans", "jambi", DAY).id == second.id


@pytest.mark.fault("F60")
def test_only_the_lines_of_the_newest_version_are_matched(scene, bring):
    one, two = two_sold(scene)
    bring(report(one, two, day=DAY))
    bring(report(one, replace(two, fee=14), day=DAY, version=2))

    found = [(d.code, d.ours, d.amount) for d in scene.found()]

    recovered = sorted(("D07", row.ours, 2_000) for row in (one, two))
    assert found == [*recovered, ("D08", two.ours, 14)]


@pytest.mark.fault("F60")
def test_other_lines_under_the_same_version_are_refused(scene, bring, held):
    one, two = two_sold(scene)
    first = bring(report(one, two, day=DAY))
    before = held()

    other = bring(report(one, day=DAY))

    assert other.outcome == "rejected"
    assert f"impor {first.id}" in other.problems[0]
    assert held() == before


def test_the_report_of_another_day_stands_beside_the_first(scene, bring):
    one, two = two_sold(scene)
    bring(report(one, day=DAY))

    late = bring(report(two, day=DAY.replace(day=24)))

    assert (late.outcome, late.supersedes) == ("accepted", None)


WRONG = {
    "F58 truncated": (lambda rows: "\n".join([head(DAY), COLUMNS, rows[0].text()]), "TOTAL"),
    "F58 cut in a row": (
        lambda rows: "\n".join([head(DAY), COLUMNS, rows[0].text(), rows[1].text()[:40]]),
        "baris 4",
    ),
    "F61 a payment twice": (
        lambda rows: report(rows[0], rows[0], day=DAY).decode(),
        "baris 4: trx-",
    ),
    "F62 another encoding": (
        lambda rows: report(*rows, day=DAY).decode().replace("gopay", "caf\xe9").encode("latin-1"),
        "baris 3",
    ),
    "F63 thousands with dots": (
        lambda rows: report(*rows, day=DAY).decode().replace(",2000.00,0.00", ",2.000,0.00", 1),
        "baris 3: amount: '2.000'",
    ),
    "F63 decimals with commas": (
        lambda rows: report(*rows, day=DAY).decode().replace("2000.00", "2000,00", 1),
        "baris 3: 15 kolom",
    ),
    "F63 a number broken by Excel": (
        lambda rows: report(replace(rows[0], ref="1.2E+17"), rows[1], day=DAY).decode(),
        "rusak oleh Excel",
    ),
    "F64 a column is missing": (
        lambda rows: report(*rows, day=DAY).decode().replace(",Fee,", ",Biaya,"),
        "baris 2",
    ),
    "F64 another kind of file": (lambda rows: "a,b\n1,2\n", "baris 1"),
    "F64 of another merchant": (
        lambda rows: "\n".join([head(DAY, merchant="G9"), COLUMNS, foot()]),
        "G9",
    ),
    "F65 no amount": (
        lambda rows: report(*rows, day=DAY).decode().replace("2000.00", "NaN", 1),
        "baris 3: amount: 'NaN'",
    ),
    "F65 a net that is none": (
        lambda rows: report(*rows, day=DAY).decode().replace("2000.00,gopay", "1999.00,gopay", 1),
        "baris 3: net amount",
    ),
    "F65 control totals differ": (
        lambda rows: report(*rows, day=DAY).decode().replace("4000.00", "4500.00"),
        "TOTAL: amount",
    ),
    "F66 a formula for a reference": (
        lambda rows: report(replace(rows[0], ours="=1+1"), rows[1], day=DAY).decode(),
        "baris 3: order id",
    ),
}


@pytest.mark.parametrize(
    "wrong", [pytest.param(name, marks=pytest.mark.fault(name[:3])) for name in WRONG]
)
def test_a_wrong_file_is_refused_whole_and_says_which_line(scene, bring, held, wrong):
    rows = two_sold(scene)
    before = held()
    broken, reason = WRONG[wrong]
    content = broken(rows)

    taken = bring(content.encode() if isinstance(content, str) else content)

    assert taken.outcome == "rejected"
    assert any(reason in problem for problem in taken.problems), taken.problems
    assert held() == before
    with scene.parts.sessions() as session:
        kept = session.scalars(select(AuditEventRow.action)).all()
    assert kept == ["import.rejected"]


@pytest.mark.fault("F58")
@pytest.mark.parametrize("content", [b"", b"\n\n", b"\x00" * 64, b"PK\x03\x04 not a csv"])
def test_what_is_no_report_at_all_is_refused(scene, bring, held, content):
    assert bring(content).outcome == "rejected"
    assert not any(held().values())


@pytest.mark.fault("F71")
def test_an_import_that_stops_half_way_leaves_nothing(scene, bring, held):
    content = report(*two_sold(scene), day=DAY)
    before = held()

    def stop(connection, cursor, statement, *rest):
        if "ledger_posting" in statement and statement.startswith("INSERT"):
            raise KeyboardInterrupt

    event.listen(scene.parts.engine, "before_cursor_execute", stop)
    with pytest.raises(KeyboardInterrupt):
        bring(content)
    event.remove(scene.parts.engine, "before_cursor_execute", stop)

    assert held() == before
    with scene.parts.sessions() as session:
        assert store.imports(session) == []
    assert bring(content).outcome == "accepted"


def test_the_banks_own_tests_are_stored_and_never_booked(scene, bring, held):
    (real, _) = two_sold(scene)
    tests = [Row("TEST-1", NOON, 5_000), Row("BANK-1", NOON, 1), Row("BANK-2", NOON, 100)]

    bring(report(real, *tests, day=DAY))

    assert held() == {"settlement_line": 4, "payment": 1, "evidence": 1, "ledger_entry": 2}


def test_a_refused_file_and_a_repeated_one_show_in_the_days_result(scene, bring):
    content = report(*two_sold(scene), day=DAY)
    bring(content)
    bring(content)
    bring(b"nonsense", name="broken.csv")

    found = {d.code: d for d in scene.found()}

    assert set(found) == {"D07", "D31", "D32"}
    assert found["D32"].evidence["file"] == "broken.csv"
