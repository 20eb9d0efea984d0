"""What a day's report says, and that it is what the ledger says."""

import csv
from zipfile import ZipFile

import pytest
from parking.errors import NotFound
from parking.ledger import entry
from parking.ledger.entry import Entry, Source, Terms
from parking.ledger.post import post
from parking.money import Rupiah
from parking.reports import day_report, files
from parking.reports.tables import heading

from tests.reconciliation.scenes import DAY, Scene, night_after


@pytest.fixture
def scene(parts, city):
    return Scene(parts, city)


@pytest.fixture
def book(scene):
    """Books what a day's rows stand for, as payments and shifts do when they make them."""

    def a_booking(kind, reference, postings, source):
        with scene.parts.sessions.begin() as session:
            made = Entry(kind, reference, DAY, postings, source)
            post(session, made, night_after(DAY))

    return a_booking


def a_day(scene, book):
    """Two motorcycles by QRIS, one in cash, and money for no charge of ours."""
    terms = Terms(scene.city.budi, 4_000)
    shift = scene.shift(declared_cash=2_000, declared_qris=4_000)
    for _ in range(2):
        ours = scene.sale(shift)
        of_charge = entry.receipt(Rupiah(2_000), Rupiah(2_000), terms)
        book("payment", ours, of_charge, Source(evidence_id=scene.evidence(ours)))
    cash = scene.cash(shift)
    book("cash", str(cash), entry.cash(Rupiah(2_000), terms), Source(cash_id=cash))
    scene.payment("LAIN-1", amount=7_000)
    orphan = entry.unattributed(Rupiah(7_000))
    book("payment", "LAIN-1", orphan, Source(evidence_id=scene.evidence("LAIN-1")))
    scene.run()


def built(scene):
    with scene.parts.sessions() as session:
        return day_report.build(session, DAY)


def test_a_report_equals_the_ledger(scene, book):
    a_day(scene, book)

    report = built(scene)

    figures = {f.name_en: f.value for f in report.summary}
    assert report.problems == []
    assert report.agrees_with_ledger
    assert figures["QRIS received"] == 11_000
    assert figures["Cash"] == 2_000
    assert figures["Gross takings"] == 13_000
    shares = figures["City's share"] + figures["Attendants' share"] + figures["In suspense"]
    assert shares == figures["Gross takings"]


@pytest.mark.parametrize("table", ["by_point", "by_attendant"])
def test_its_columns_add_up_to_the_day(scene, book, table):
    a_day(scene, book)

    rows = getattr(built(scene), table)

    assert sum(row.received for row in rows) == 11_000
    assert sum(row.receipts for row in rows) == 3
    assert sum(row.cash for row in rows) == 2_000
    assert sum(row.discrepancies for row in rows) == 1
    assert [row.name for row in rows][-1] == "Tanpa tagihan"


def test_an_attendant_sees_the_share_that_is_in_the_ledger(scene, book):
    a_day(scene, book)

    (budi,) = [row for row in built(scene).by_attendant if row.code == "JBI-0001"]

    assert budi.own_share == 3_600


def test_it_says_when_it_was_drawn_up_on_jambis_clock(scene, book):
    a_day(scene, book)

    assert "Selasa, 24 November 2026 02.30 WIB" in heading(built(scene))[1]


def test_a_report_that_is_not_what_the_ledger_says_says_so_itself(scene, book):
    a_day(scene, book)
    late = entry.unattributed(Rupiah(500))
    book("payment", "late", late, Source(evidence_id=scene.evidence("late")))

    report = built(scene)

    assert not report.agrees_with_ledger
    assert "Rp11.000" in report.problems[0]
    assert "Rp11.500" in report.problems[0]
    assert any("PERINGATAN" in line for line in heading(report))


def test_a_day_that_was_not_reconciled_has_no_report(scene):
    with pytest.raises(NotFound, match="belum direkonsiliasi"):
        built(scene)


def test_the_files_of_a_day_have_fixed_names_and_are_replaced(scene, book, tmp_path):
    folder = tmp_path / "reports"
    a_day(scene, book)
    report = built(scene)

    written = files.write(report, folder)
    before = [path.read_bytes() for path in written]
    again = files.write(report, folder)

    assert [path.name for path in written] == [
        "report-2026-11-23.xlsx", "report-2026-11-23.csv", "report-2026-11-23-points.csv",
        "report-2026-11-23-attendants.csv", "report-2026-11-23-gateways.csv",
        "report-2026-11-23-discrepancies.csv",
    ]  # fmt: skip
    assert [path.read_bytes() for path in again] == before
    assert sorted(folder.iterdir()) == sorted(written), "nothing half written is left"


def test_a_csv_adds_up_in_its_last_row(scene, book, tmp_path):
    a_day(scene, book)
    files.write(built(scene), tmp_path)

    with (tmp_path / "report-2026-11-23-points.csv").open(encoding="utf-8-sig") as file:
        head, *rows, total = list(csv.reader(file))

    received = head.index("QRIS diterima")
    assert int(total[received]) == sum(int(row[received]) for row in rows) == 11_000


@pytest.mark.fault("F66")
def test_a_name_that_looks_like_a_formula_stays_a_text(scene, tmp_path):
    scene.payment('=HYPERLINK("http://x","y")')
    scene.run()

    files.write(built(scene), tmp_path)

    text = (tmp_path / "report-2026-11-23-discrepancies.csv").read_text("utf-8-sig")
    rows = list(csv.reader(text.splitlines()))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))]
    with ZipFile(tmp_path / "report-2026-11-23.xlsx") as book:
        sheets = [book.read(n) for n in book.namelist() if n.startswith("xl/worksheets/")]
    assert not any(b"<f>" in sheet or b"<hyperlink" in sheet for sheet in sheets)
    assert any(b"=HYPERLINK" in sheet for sheet in sheets)
