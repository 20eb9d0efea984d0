"""The finance desk: a settlement file uploaded, refused with its lines, read back."""

import hashlib
import io
import re

import pytest
from parking.access.policy import Role
from parking.statements.store import ImportRow, SettlementLineRow
from sqlalchemy import func, select

from tests.people import browser, desk_client

COLUMNS = (
    "Order ID;Transaction ID;Transaction Type;Transaction Time;Settlement Time;Payout Date;"
    "Transaction Status;Currency;Amount;Fee;Net Amount"
)


def report(*rows: str, total: str = "", version: int = 1) -> bytes:
    head = (
        "# Midtrans settlement report;merchant_id=G000000001;report_date=2026-11-23;"
        f"version={version};timezone=Asia/Jakarta"
    )
    counted = total or f"TOTAL;{len(rows)};;;;;;;{2000 * len(rows)};0;{2000 * len(rows)}"
    return "\r\n".join([head, COLUMNS, *rows, counted, ""]).encode()


def row(ours: str, amount: str = "2000") -> str:
    return (
        f"{ours};trx-{ours};Payment;2026-11-23 12:00:00;2026-11-23 12:00:30;2026-11-24;"
        f"settlement;IDR;{amount};0;{amount}"
    )


@pytest.fixture
def finance(parts, city):
    return desk_client(parts, Role.FINANCE)


def show(client, content: bytes, name: str = "laporan.csv", account: str = "midtrans/jambi", **way):
    """Send a file to be looked at; the answer leads to its preview."""
    return client.post(
        "/finance/imports/previews",
        data={"account": account, "file": (io.BytesIO(content), name), **way},
        content_type="multipart/form-data",
    )


def accept(client, where: str, mapping: str = "", seen: str = ""):
    """Press the button of a preview, also where there is none."""
    proof = re.search(r'name="seen" value="([^"]+)"', client.get(where).text)
    number = where.partition("?")[0].rpartition("/")[2]
    told = {"draft": number, "mapping": mapping, "seen": seen or (proof and proof[1]) or ""}
    return client.post("/finance/imports", data=told)


def send(client, content: bytes, name: str = "laporan.csv", account: str = "midtrans/jambi"):
    """Look at a file and take it in."""
    kept = show(client, content, name, account)
    if kept.status_code != 303:
        return kept
    seen = f"{hashlib.sha256(content).hexdigest()}.adapter"
    return accept(client, kept.location, seen=seen)


def lines(parts) -> int:
    with parts.sessions() as session:
        return session.scalar(select(func.count(SettlementLineRow.id)))


def test_a_file_is_taken_in_and_its_lines_are_shown(parts, finance):
    answer = send(finance, report(row("PKR-1"), row("PKR-2")))

    assert answer.status_code == 303
    page = finance.get(answer.location).text
    assert "Diterima" in page
    assert "Rp4.000" in page
    assert "trx-PKR-2" in page
    assert lines(parts) == 2
    assert "laporan.csv" in finance.get("/finance/imports").text


@pytest.mark.fault("F58")
@pytest.mark.fault("F65")
def test_a_wrong_file_names_every_wrong_line_and_adds_nothing(parts, finance):
    wrong = report(row("PKR-1"), row("PKR-2", "2.000"), row("PKR-3", "-5"), total="TOTAL;3")

    page = finance.get(send(finance, wrong).location).text

    assert "Ditolak, tidak ada yang dimasukkan" in page
    assert "baris 4" in page
    assert "baris 5" in page
    assert lines(parts) == 0


@pytest.mark.fault("F59")
def test_the_same_file_twice_is_said_to_be_in_already(parts, finance):
    first = send(finance, report(row("PKR-1"))).location

    page = finance.get(send(finance, report(row("PKR-1"))).location).text

    assert "Sudah ada, tidak ada yang ditambahkan" in page
    assert f'href="{first}"' in page
    assert lines(parts) == 1


@pytest.mark.fault("F60")
def test_a_newer_version_says_what_it_replaces(finance):
    first = send(finance, report(row("PKR-1"))).location
    second = send(finance, report(row("PKR-1"), row("PKR-2"), version=2)).location

    assert "Menggantikan" in finance.get(second).text
    assert "sudah digantikan" in finance.get(first).text
    assert "Digantikan" in finance.get("/finance/imports").text


def test_the_file_can_be_had_back_byte_for_byte(finance):
    content = report(row("PKR-1"))
    where = send(finance, content, name='../../etc/"pass".csv').location

    answer = finance.get(f"{where}/file")

    assert answer.data == content
    assert answer.mimetype == "application/octet-stream"
    assert "/etc" not in answer.headers["Content-Disposition"]


def test_a_file_of_many_lines_is_not_too_large(parts, finance):
    rows = [row(f"PKR-{number}") for number in range(4_000)]

    answer = send(finance, report(*rows))

    assert answer.status_code == 303
    assert len(report(*rows)) > 256 * 1024
    assert lines(parts) == 4_000
    assert "Halaman 1 dari 80" in finance.get(answer.location).text


def test_no_file_and_no_such_account_are_said(finance, parts):
    nothing = finance.post("/finance/imports/previews", data={"account": "midtrans/jambi"})

    assert nothing.status_code == 422
    assert send(finance, b"x", account="midtrans/elsewhere").status_code == 404
    with parts.sessions() as session:
        assert session.scalar(select(func.count(ImportRow.id))) == 0


def test_imports_are_narrowed_by_day_and_outcome(finance):
    send(finance, report(row("PKR-1")))
    send(finance, b"not a report", name="salah.csv")

    def names(asked: str) -> list[str]:
        page = finance.get(f"/finance/imports?{asked}").text
        return re.findall(r"<td data-title=\"Berkas\"[^>]*>\s*([^<]+?)\s*</td>", page)

    assert names("") == ["salah.csv", "laporan.csv"]
    assert names("outcome=rejected") == ["salah.csv"]
    assert names("day=2026-11-23") == ["laporan.csv"]
    assert names("day=2026-11-22") == []


@pytest.mark.fault("F80")
def test_auditors_read_and_only_finance_uploads(parts, finance):
    where = send(finance, report(row("PKR-1"))).location
    auditor, leader = desk_client(parts, Role.AUDITOR), desk_client(parts, Role.LEADERSHIP)

    assert auditor.get(where).status_code == 200
    assert 'type="file"' not in auditor.get("/finance/imports").text
    assert send(auditor, report(row("PKR-2"))).status_code == 403
    assert leader.get(where).status_code == 403
    assert browser(parts).get(where).status_code == 302
    assert finance.get("/finance/imports/999999").status_code == 404


@pytest.mark.fault("F77")
def test_an_upload_without_its_token_is_refused(parts, finance):
    finance.csrf = ""

    assert send(finance, report(row("PKR-1"))).status_code == 400
    assert lines(parts) == 0


def test_a_file_name_with_control_characters_can_be_kept_and_given_back(finance):
    taken = send(finance, b"nothing", name="a\x00b\x01\x7f\u202e.csv").location

    answer = finance.get(f"{taken}/file")

    assert (answer.status_code, answer.data) == (200, b"nothing")
    assert "filename=ab.csv" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_report_of_a_day_beyond_the_calendar_is_refused(parts, finance, day):
    """Accepted, it would have every day from then on reconciled."""
    page = finance.get(send(finance, report().replace(b"2026-11-23", day.encode())).location).text

    assert "Ditolak" in page
    assert "report_date" in page
