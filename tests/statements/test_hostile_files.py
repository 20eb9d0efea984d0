"""Whatever a file does, it is refused with its reason, nothing of it is kept, and all goes on.

Each comes by the desk and by the watched folder, as a settlement file and as a bank statement.
"""

import io
import os
import re

import pytest
from parking.access.policy import Role
from parking.ledger.store import EntryRow
from parking.statements import watch, watch_statements
from parking.statements.bank_store import StatementLineRow, StatementRow
from parking.statements.store import ImportRow, SettlementLineRow
from sqlalchemy import func, select

from tests.gateways.mapped_files import PLAIN as REPORT
from tests.gateways.mapped_files import csv_file as csv_report
from tests.gateways.mapped_files import xlsx_file
from tests.people import desk_client
from tests.reconciliation.scenes import TUESDAY, night_after
from tests.statements.bank_files import NOW, PLAIN, Move, add_account, csv_file, mt940
from tests.statements.hostile_files import TABLES, TOLD


def cases(*lists):
    return [
        pytest.param(each, marks=pytest.mark.fault(each.fault), id=f"{each.fault}-{each.why}")
        for each in (case for cases in lists for case in cases)
    ]


def form_of(hostile):
    return "xlsx" if hostile.suffix in ("xlsx", "xls") else "csv"


def says(page, why):
    """The page or list of problems, without tags, as `why` has it with a bar between its parts."""
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    return all(part.strip() in text for part in why.split("|"))


@pytest.fixture
def finance(parts, city):
    with parts.sessions.begin() as session:
        add_account(session)
    return desk_client(parts, Role.FINANCE)


@pytest.fixture
def count(parts):
    def of(*tables):
        with parts.sessions() as session:
            return sum(session.scalar(select(func.count()).select_from(t)) for t in tables)

    return of


@pytest.mark.parametrize("hostile", cases(TABLES, TOLD))
def test_a_hostile_statement_is_refused_by_its_reason_at_both_doors(parts, finance, count, hostile):
    own = parts.settings.var / "mappings" / "statements"
    own.mkdir(parents=True)
    (own / "rkud.yaml").write_text(PLAIN.replace("csv", form_of(hostile)))
    content, me = hostile.build(), os.getpid()

    shown = finance.post(
        "/finance/statements/previews",
        data={"account": "rkud", "file": (io.BytesIO(content), hostile.name)},
        content_type="multipart/form-data",
    )
    page = finance.get(shown.location)
    assert page.status_code == 200
    assert says(page.text, hostile.why), page.text
    assert 'name="seen"' not in page.text

    folder = parts.settings.watched_statements / "rkud"
    folder.mkdir(parents=True)
    (folder / hostile.name).write_bytes(content)
    (folder / "z.sta").write_bytes(mt940(Move(5)))
    refused, taken = watch_statements.take_in_folder(
        parts.sessions, parts.statement_mappings, parts.settings.watched_statements, "job", NOW
    )
    assert refused.outcome == "rejected"
    assert says(" | ".join(refused.problems), hostile.why), refused.problems
    assert (taken.outcome, taken.added) == ("accepted", 1)
    assert count(StatementLineRow, EntryRow) == 2
    assert count(StatementRow) == 2
    assert os.getpid() == me
    assert finance.get(f"/finance/statements/{refused.id}").status_code == 200


GOOD = ["PKR-1", "612345678901", "2000.00", "14.00", "1986.00", "2026-11-23 12:00:00", "2026-11-24"]
TITLES = ["Ref", "RRN", "Gross", "Fee", "Net", "Paid", "Settled"]


@pytest.mark.parametrize("hostile", cases(TABLES))
def test_a_hostile_settlement_file_is_refused_by_its_reason_at_both_doors(
    parts, finance, count, hostile
):
    own = parts.settings.mapping_folders[0]
    own.mkdir(parents=True)
    form = form_of(hostile)
    (own / "midtrans-jambi.yaml").write_text(REPORT.replace("csv", form))
    content = hostile.build()

    shown = finance.post(
        "/finance/imports/previews",
        data={"account": "midtrans/jambi", "file": (io.BytesIO(content), hostile.name)},
        content_type="multipart/form-data",
    )
    page = finance.get(shown.location)
    assert page.status_code == 200
    assert says(page.text, hostile.why), page.text
    assert 'name="seen"' not in page.text

    folder = parts.settings.watched / "midtrans" / "jambi"
    folder.mkdir(parents=True)
    (folder / hostile.name).write_bytes(content)
    as_csv = csv_report(",".join(TITLES), ",".join(GOOD))
    good = xlsx_file([TITLES, GOOD]) if form == "xlsx" else as_csv
    (folder / f"z.{form}").write_bytes(good)
    doors = watch.Doors(parts.gateways.find, parts.mappings)
    refused, taken = watch.take_in_folder(
        parts.sessions, doors, parts.settings.watched, "job", night_after(TUESDAY)
    )
    assert (refused.outcome, taken.outcome) == ("rejected", "accepted"), taken.problems
    assert says(" | ".join(refused.problems), hostile.why), refused.problems
    assert count(SettlementLineRow) == 1
    assert count(ImportRow) == 2


@pytest.mark.fault("F67")
def test_a_settlement_file_of_one_gigabyte_is_refused_by_its_size_at_both_doors(
    parts, finance, count
):
    folder = parts.settings.watched / "midtrans" / "jambi"
    folder.mkdir(parents=True)
    with (folder / "besar.csv").open("wb") as file:
        file.truncate(1024**3)

    (refused,) = watch.take_in_folder(
        parts.sessions, watch.Doors(parts.gateways.find, parts.mappings),
        parts.settings.watched, "job", night_after(TUESDAY),
    )  # fmt: skip
    sent = finance.post(
        "/finance/imports/previews",
        data={"account": "midtrans/jambi", "file": (io.BytesIO(b" " * 25 * 1024**2), "a.csv")},
        content_type="multipart/form-data",
    )

    assert "lebih besar dari 64 MiB" in refused.problems[0]
    assert sent.status_code == 413
    assert finance.get("/finance/imports").status_code == 200
    with parts.sessions() as session:
        assert session.scalar(select(func.length(ImportRow.content))) <= 64 * 1024**2


@pytest.mark.fault("F67")
@pytest.mark.parametrize(
    ("page", "limit"), [("/finance/statements", "20 MiB"), ("/finance/imports", "24 MiB")]
)
def test_a_file_that_is_too_large_is_told_how_large_it_may_be_and_what_to_do(finance, page, limit):
    sent = finance.post(
        f"{page}/previews",
        data={"account": "rkud", "file": (io.BytesIO(b" " * 30 * 1024**2), "a.csv")},
        content_type="multipart/form-data",
        headers={"Referer": f"http://localhost{page}?page=2"},
    )

    assert sent.status_code == 413
    assert f"Lebih besar dari {limit} yang diterima di sini. Minta ekspor per bulan" in sent.text
    assert f'href="{page}?page=2"' in sent.text


def test_the_way_back_leads_to_a_page_of_ours_alone(finance):
    sent = finance.post(
        "/finance/imports/previews", data=b" " * 30 * 1024**2,
        content_type="multipart/form-data; boundary=x",
        headers={"Referer": "https://elsewhere.example/finance/imports"},
    )  # fmt: skip

    assert sent.status_code == 413
    assert "Kembali ke formulir" not in sent.text


@pytest.mark.fault("F66")
def test_a_formula_in_a_statement_is_a_text_on_the_page_and_in_what_is_exported(
    parts, finance, count
):
    own = parts.settings.var / "mappings" / "statements"
    own.mkdir(parents=True)
    (own / "rkud.yaml").write_text(PLAIN)
    folder = parts.settings.watched_statements / "rkud"
    folder.mkdir(parents=True)
    formula = "=cmd|'/C calc'!A0<script>alert(1)</script>"
    (folder / "a.csv").write_bytes(csv_file(Move(5, formula)))

    (taken,) = watch_statements.take_in_folder(
        parts.sessions, parts.statement_mappings, parts.settings.watched_statements, "job", NOW
    )

    page = finance.get(f"/finance/statements/{taken.id}").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert "'=cmd|" in finance.get(f"/finance/statements/{taken.id}?format=csv").text
    assert count(StatementLineRow) == 1
